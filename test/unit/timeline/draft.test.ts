import assert from 'node:assert/strict';
import { compareDrafts } from '../../../src/timeline/difference.js';
import { isExportable, readDraft } from '../../../src/timeline/draft.js';
import { summarizeDraft } from '../../../src/timeline/summary.js';

const example = {
  t: [
    { tt: 0, sg: [{ d: 10_000, m: { title: 'city timelapse' } }] },
    { tt: 1, m: { title: 'Lo-fi', volume: 0.35 }, sg: [{ d: 10_000 }] },
    { tt: 7, sg: [{ d: 3000, m: { title: 'Urban Dreams' } }] },
  ],
  d: 10_000,
};
const cutDraft = (...ranges: [number, number][]): unknown => ({
  t: [
    {
      tt: 0,
      m: { title: 'a.mp4' },
      sg: ranges.map(([from, to]) => ({ d: (to - from) * 1000, m: { in_us: from * 1e6, out_us: to * 1e6 } })),
    },
  ],
});

describe('a draft', () => {
  it('reads as the summary line of the product text', () => {
    assert.equal(
      summarizeDraft(readDraft(example)),
      'Timeline (3 tracks): 1. Video: city timelapse (0-10s) 2. BGM: Lo-fi (0-10s, 35%) 3. Title: "Urban Dreams" (0-3s)',
    );
  });

  for (const empty of [
    null,
    undefined,
    {},
    '',
    '{}',
    'null',
    '{"t":[]}',
    [],
    5,
    { t: null },
    { t: [{}] },
    { t: [{ tt: 0, sg: [] }] },
  ]) {
    it(`${JSON.stringify(empty)} is an empty one, and nothing to export`, () => {
      assert.equal(isExportable(readDraft(empty)), false);
    });
  }

  it('may come as a JSON string', () => {
    assert.equal(readDraft(JSON.stringify(example)).duration, 10_000_000);
  });

  it('with fields of odd shapes is read as far as it goes', () => {
    const draft = readDraft({ t: [{ tt: '0', d: 'long', sg: [{ d: 1000, m: 5 }, null, { d: '7' }] }, 7] });
    assert.equal(draft.tracks[0]?.kind, 'video');
    assert.equal(draft.tracks[0]?.segments[0]?.duration, 1_000_000);
    assert.equal(isExportable(draft), true);
  });
});

describe('what an edit did', () => {
  const whole = readDraft(cutDraft([0, 180]));
  const cut = readDraft(cutDraft([0, 45], [80, 180]));

  it("is told in the clip's own time", () => {
    assert.equal(compareDrafts(whole, cut).text, 'Removed 0:45–1:20; the clip is now 2:25.');
    assert.equal(compareDrafts(cut, whole).text, 'Restored 0:45–1:20; the clip is now 3:00.');
    const more = readDraft(cutDraft([0, 45], [80, 120], [130.5, 180]));
    assert.equal(compareDrafts(cut, more).text, 'Removed 2:00–2:10.5; the clip is now 2:14.5.');
  });

  it('is nothing when only the order of keys differs', () => {
    const other = readDraft({
      d: 10_000,
      t: example.t.map((track) => Object.fromEntries(Object.entries(track).reverse())),
    });
    assert.equal(compareDrafts(readDraft(example), other).changed, false);
  });

  it('is seen in fields that we do not know', () => {
    assert.equal(compareDrafts(readDraft(example), readDraft({ ...example, filter: 'warm' })).changed, true);
  });

  it('names tracks that came and went', () => {
    const without = readDraft({ ...example, t: example.t.slice(0, 2) });
    assert.equal(
      compareDrafts(without, readDraft(example)).text,
      'Added Title "Urban Dreams"; the clip is still 0:10.',
    );
    assert.equal(
      compareDrafts(readDraft(example), without).text,
      'Took out Title "Urban Dreams"; the clip is still 0:10.',
    );
  });

  it('tells the new length when a cloud draft says nothing else', () => {
    const before = readDraft({ t: [{ tt: 0, sg: [{ d: 180_000 }] }] });
    const after = readDraft({ t: [{ tt: 0, sg: [{ d: 45_000 }, { d: 100_000 }] }] });
    assert.equal(compareDrafts(before, after).text, 'Shortened by 0:35; the clip is now 2:25.');
  });

  it('names what was asked for when the lengths say that just that is gone', () => {
    const before = readDraft({ t: [{ tt: 0, sg: [{ d: 180_000 }] }] });
    const after = readDraft({ t: [{ tt: 0, sg: [{ d: 45_000 }, { d: 100_000 }] }] });
    const asked = [{ in: 45e6, out: 80e6 }];
    assert.equal(compareDrafts(before, after, asked).text, 'Removed 0:45–1:20; the clip is now 2:25.');
    const more = [{ in: 45e6, out: 90e6 }];
    assert.equal(compareDrafts(before, after, more).text, 'Shortened by 0:35; the clip is now 2:25.');
  });

  it('names a changed title, a changed volume, and a longer clip', () => {
    const louder = [
      example.t[0],
      { tt: 1, m: { title: 'Lo-fi', volume: 0.2 }, sg: [{ d: 10_000 }] },
      { tt: 7, sg: [{ d: 3000, m: { title: 'Night' } }] },
    ];
    assert.equal(
      compareDrafts(readDraft(example), readDraft({ ...example, t: louder })).text,
      'Changed Title "Urban Dreams" to Title "Night". Changed the volume of BGM "Lo-fi" from 35% to 20%; the clip is still 0:10.',
    );
    const short = readDraft({ t: [{ tt: 0, sg: [{ d: 10_000 }] }] });
    const long = readDraft({ t: [{ tt: 0, sg: [{ d: 15_200 }] }] });
    assert.equal(compareDrafts(short, long).text, 'Lengthened by 0:05.2; the clip is now 0:15.2.');
  });

  it('tells a cut and what else came with it', () => {
    const music = { tt: 1, m: { title: 'Lo-fi' }, sg: [{ d: 10_000 }] };
    const both = readDraft({ t: [...(cutDraft([0, 45], [80, 180]) as { t: unknown[] }).t, music] });
    assert.equal(compareDrafts(whole, both).text, 'Removed 0:45–1:20. Added BGM "Lo-fi"; the clip is now 2:25.');
  });
});
