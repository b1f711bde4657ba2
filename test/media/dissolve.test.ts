import assert from 'node:assert/strict';

import type { CutReport } from '../../src/media/media.js';
import { keptRanges } from '../../src/timeline/sections.js';
import {
  beeps,
  CLIP_HEIGHT,
  CLIP_WIDTH,
  decoderMessages,
  ffmpeg,
  flashes,
  frameNumbers,
  frameTimes,
  grayFrames,
  makeClip,
  psnr,
  sound,
  streams,
} from './clips.js';
import { openBench, toSections, type Bench } from './workbench.js';

const RATE = 30;

interface Shown {
  /** Number of the source's frame. */
  readonly frame: number;
  /** The frame that is mixed into it, and how much of it. */
  readonly mix?: { readonly with: number; readonly weight: number };
}

/** The frames of a result by the rule: the last `mixed` of a range are shown with the first of the next one. */
function expected(ranges: readonly (readonly [number, number])[], mixed: readonly number[]): Shown[] {
  return ranges.flatMap(([first, last], n): Shown[] => {
    const own = first + (mixed[n - 1] ?? 0);
    const count = mixed[n] ?? 0;
    const next = ranges[n + 1]?.[0] ?? 0;
    return Array.from({ length: last - own }, (_, i) => {
      const frame = own + i;
      const k = frame - (last - count);
      return k < 0 ? { frame } : { frame, mix: { with: next + k, weight: (k + 1) / (count + 1) } };
    });
  });
}

describe('Dissolves at the joins', function () {
  this.timeout(240_000);
  let bench: Bench;

  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());

  async function dissolve(
    input: string,
    output: string,
    seconds: number,
    ...sections: readonly (readonly [number, number])[]
  ): Promise<CutReport> {
    const { duration } = await bench.engine.probe(input);
    const kept = keptRanges(toSections(sections), { in: 0, out: duration });
    return bench.engine.cut({ input, output, kept, join: { kind: 'dissolve', duration: seconds * 1e6 } });
  }

  /** Each frame is the source's by its number, and each mixed one the weighted mean of its two. */
  async function assertFrames(source: string, output: string, shown: readonly Shown[]): Promise<void> {
    const [numbers, frames, originals] = [
      await frameNumbers(output),
      await grayFrames(output),
      await grayFrames(source),
    ];
    assert.equal(numbers.length, shown.length);
    for (const [n, { frame, mix }] of shown.entries()) {
      if (!mix) {
        assert.equal(numbers[n], frame, `frame ${n}`);
        continue;
      }
      const [a, b] = [originals[frame], originals[mix.with]];
      const mean = a?.map((value, i) => Math.round(value * (1 - mix.weight) + (b?.[i] ?? 0) * mix.weight));
      const likeness = psnr(frames[n] ?? new Uint8Array(), mean ?? new Uint8Array());
      assert.ok(likeness >= 40, `mixed frame ${n}: ${likeness.toFixed(1)} dB`);
    }
  }

  async function assertSteps(output: string, rate = RATE, tolerance = 0.0015): Promise<void> {
    for (const [n, time] of (await frameTimes(output)).entries())
      assert.ok(Math.abs(time - n / rate) < tolerance, `frame ${n} at ${time}`);
  }

  it('mixes the last half second before the join with the first one after it, and copies the rest', async () => {
    const [source, output] = [bench.file('half.mp4'), bench.file('half-out.mp4')];
    await makeClip(source, { frames: 150 });
    const report = await dissolve(source, output, 0.5, [1.9, 3.1]);
    assert.equal(report.method, 'smart');
    assert.equal(report.frames, 150 - 36 - 15);
    assert.equal(report.duration, 3_300_000);
    assert.deepEqual(report.notes, []);
    assert.ok(report.reencodedFrames < 60, `${report.reencodedFrames} frames encoded`);
    // Nothing from 57 to 92 is shown, mixed or not.
    await assertFrames(
      source,
      output,
      expected(
        [
          [0, 57],
          [93, 150],
        ],
        [15],
      ),
    );
    await assertSteps(output);
    assert.equal(await decoderMessages(output), '');
  });
});
void [beeps, CLIP_HEIGHT, CLIP_WIDTH, ffmpeg, flashes, sound, streams];
