// Every format, written and read again: any sections, at any rate, come back within the grain that the format states.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isNamedAsCut } from '../../../../src/timeline/cut-lists/chapters.js';
import type { CutListFormat, ListedClip } from '../../../../src/timeline/cut-lists/cut-list.js';
import { fitSections } from '../../../../src/timeline/cut-lists/fitted-sections.js';
import { readCutList, writeCutList } from '../../../../src/timeline/cut-lists/formats.js';
import {
  canDropFrames,
  countingRate,
  formatFrames,
  frameOfTime,
  frameOfTimecode,
  readTimecode,
  timeOfFrame,
} from '../../../../src/timeline/cut-lists/frame-rate.js';
import { keptRanges, mergeSections, type Section } from '../../../../src/timeline/sections.js';

const S = 1_000_000;
const RATES = [24000 / 1001, 24, 25, 30000 / 1001, 30, 50, 60000 / 1001, 60];

const clips = fc
  .record({
    name: fc.constantFrom('talk.mp4', 'A & "B" <c>.mov', '采访 第1集.mkv', 'x.webm', "it's; a, name.mp4"),
    duration: fc.integer({ min: 2 * S, max: 5 * 3600 * S }),
    frameRate: fc.constantFrom(...RATES),
    timecode: fc.option(fc.constantFrom('00:00:00:00', '01:00:00:00', '10:35:42;12', '22:59:59:10'), {
      nil: undefined,
    }),
  })
  .map((clip): ListedClip => ({ ...clip, url: `file:///clips/${encodeURIComponent(clip.name)}` }));

/** Sections to remove, with what is kept between them. */
const edited = clips
  .chain((clip) =>
    fc.uniqueArray(fc.integer({ min: 0, max: clip.duration }), { minLength: 2, maxLength: 40 }).map((points) => {
      const ordered = points.sort((a, b) => a - b);
      const removed: Section[] = [];
      for (let n = 0; n + 1 < ordered.length; n += 2) removed.push({ in: ordered[n] ?? 0, out: ordered[n + 1] ?? 0 });
      return { clip, kept: keptRanges(removed, { in: 0, out: clip.duration }) };
    }),
  )
  .filter(({ kept }) => kept.length > 0);

function assertNear(found: readonly Section[], wanted: readonly Section[], grain: number): void {
  const show = (): string => JSON.stringify({ found, wanted, grain });
  assert.equal(found.length, wanted.length, show());
  for (const [index, section] of wanted.entries()) {
    const other = found[index];
    assert.ok(other && Math.abs(other.in - section.in) <= grain && Math.abs(other.out - section.out) <= grain, show());
  }
}

describe('cut lists, written and read again', () => {
  for (const format of ['edl', 'fcpxml', 'csv', 'llc'] satisfies CutListFormat[]) {
    it(`${format}: what is kept comes back, to the grain it states`, () => {
      fc.assert(
        fc.property(edited, ({ clip, kept }) => {
          const { text, grain, lost } = writeCutList(format, kept, clip);
          const { rate } = countingRate(clip.frameRate);
          assert.ok(
            format === 'csv' || format === 'llc' ? grain === 0 : grain <= Math.ceil((rate.den * S) / rate.num / 2),
          );
          if (lost === kept.length) return;
          const list = readCutList(format, text, clip);
          assert.equal(list.lists, format === 'csv' ? 'unsaid' : 'kept');
          const whole = kept.filter((section) => frameOfTime(section.out, rate) > frameOfTime(section.in, rate));
          assertNear(list.parts, grain === 0 ? kept : whole, grain);
          assert.equal(lost, grain === 0 ? 0 : kept.length - whole.length);
          const taken = list.notes.filter(({ what }) => what !== 'timecode');
          assert.deepEqual(taken, [], 'nothing is said to be lost');
        }),
        { numRuns: 150 },
      );
    });

    it(`${format}: a second round trip changes nothing more`, () => {
      fc.assert(
        fc.property(edited, ({ clip, kept }) => {
          const first = writeCutList(format, kept, clip);
          if (first.lost === kept.length) return;
          const { parts } = readCutList(format, first.text, clip);
          assert.equal(writeCutList(format, parts, clip).text, first.text);
        }),
        { numRuns: 60 },
      );
    });
  }

  it('chapters: what is called cut is what was cut, to half a second', () => {
    fc.assert(
      fc.property(edited, ({ clip, kept }) => {
        const { text, grain } = writeCutList('chapters', kept, clip);
        assert.equal(grain, S / 2);
        const { parts, lists } = readCutList('chapters', text, clip);
        assert.equal(lists, 'unsaid');
        // Parts that vanish within a second, and those that meet where one vanished between them.
        const told = mergeSections(parts.filter((part) => !isNamedAsCut(part.name)));
        const seconds = (time: number): number => Math.round(time / S) * S;
        const end = (time: number): number => (time === clip.duration ? time : Math.min(clip.duration, seconds(time)));
        const wanted = mergeSections(kept.map((part) => ({ in: seconds(part.in), out: end(part.out) })));
        assertNear(told, wanted, 0);
      }),
      { numRuns: 150 },
    );
  });

  it('what is kept, and what is removed, mark the same', () => {
    fc.assert(
      fc.property(edited, ({ clip, kept }) => {
        const removed = keptRanges(kept, { in: 0, out: clip.duration });
        const long = (sections: readonly Section[]): Section[] =>
          sections.filter((section) => section.out - section.in > 50_000);
        const byKept = fitSections(kept, 'kept', clip.duration, []);
        const byRemoved = fitSections(removed, 'removed', clip.duration, []);
        assert.deepEqual(long(byKept.sections), long(byRemoved.sections));
        assert.deepEqual(fitSections(kept, 'kept', clip.duration, removed).sections, [], 'once is enough');
      }),
    );
  });
});

describe('frames and their timecodes', () => {
  it('each frame has one time and one timecode, at every rate, over a day', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...RATES),
        fc.integer({ min: 0, max: 20 * 3600 * 60 }),
        fc.boolean(),
        (fps, frame, wished) => {
          const { rate, exact } = countingRate(fps);
          assert.ok(exact);
          assert.equal(frameOfTime(timeOfFrame(frame, rate), rate), frame);
          const drop = wished && canDropFrames(rate);
          const code = readTimecode(formatFrames(frame, rate, drop));
          assert.ok(code);
          assert.equal(code.drop, drop);
          assert.equal(frameOfTimecode(code, rate, drop), frame);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('drop-frame timecode leaves out two numbers each minute, and none each tenth', () => {
    const ntsc = { num: 30_000, den: 1001 };
    const shown = [1799, 1800, 17_981, 17_982, 107_892].map((frame) => formatFrames(frame, ntsc, true));
    assert.deepEqual(shown, ['00:00:59;29', '00:01:00;02', '00:09:59;29', '00:10:00;00', '01:00:00;00']);
    const fast = { num: 60_000, den: 1001 };
    assert.equal(formatFrames(3600, fast, true), '00:01:00;04');
  });

  it('rates are those of television, and what a phone measures is the nearest of them', () => {
    assert.deepEqual(countingRate(29.97002997), { rate: { num: 30_000, den: 1001 }, exact: true });
    assert.deepEqual(countingRate(30), { rate: { num: 30, den: 1 }, exact: true });
    assert.deepEqual(countingRate(23.976), { rate: { num: 24_000, den: 1001 }, exact: true });
    assert.deepEqual(countingRate(29.6), { rate: { num: 30_000, den: 1001 }, exact: false });
    for (const odd of [undefined, Number.NaN, 0, -1, Infinity]) {
      assert.deepEqual(countingRate(odd), { rate: { num: 30, den: 1 }, exact: false });
    }
  });
});
