import assert from 'node:assert/strict';
import { copyFile, readdir, rm } from 'node:fs/promises';

import { MediaError } from '../../src/media/media.js';
import { frameNumbers, makeClip } from './clips.js';
import { ODD_NAMES } from './names.js';
import { openBench, remaining, type Bench } from './workbench.js';

const KEPT = [
  { in: 0, out: 500_000 },
  { in: 1_000_000, out: 2_000_000 },
];

describe('A clip whose name has', function () {
  this.timeout(60_000);
  let bench: Bench;
  let plain: string;

  before(async () => {
    bench = await openBench();
    plain = bench.file('plain.mp4');
    await makeClip(plain, { frames: 60 });
  });
  after(() => bench?.close());

  for (const [what, name] of ODD_NAMES) {
    it(`${what} is read, drawn and cut on every road, under such a name again`, async function () {
      const input = bench.file(`${name}.mp4`);
      try {
        await copyFile(plain, input);
      } catch {
        return this.skip();
      }
      assert.equal((await bench.engine.probe(input)).duration, 2_000_000);
      let parts = 0;
      await bench.engine.sound(input, () => parts++);
      assert.ok(parts > 0);
      assert.equal((await bench.engine.thumbnails(input, { count: 2, height: 40 })).length, 2);
      assert.equal((await bench.engine.keyframes(input, 100)).length, 2);
      const piece = await bench.engine.playable(input, { track: 'picture', start: 0, length: 500_000 });
      assert.equal(piece.duration, 500_000);
      const room = [...name].slice(0, -2).join('');
      // Moved byte by byte, through the muxer, encoded whole.
      for (const [ending, height] of [
        ['mp4', undefined],
        ['mkv', undefined],
        ['mov', 120],
      ] as const) {
        const output = bench.file(`${room} 2.${ending}`);
        await bench.engine.cut({ input, output, kept: KEPT, ...(height === undefined ? {} : { height }) });
        if (height === undefined) assert.deepEqual(await frameNumbers(`file:${output}`), remaining(60, 30, [0.5, 1]));
        await assert.rejects(bench.engine.cut({ input, output, kept: KEPT }), oneSentence('exists'));
        await rm(output);
      }
      await rm(input);
      await assert.rejects(bench.engine.probe(input), oneSentence('not-found'));
    });
  }

  it('more bytes than a name may have is refused in words, and nothing is left', async () => {
    const before = await readdir(bench.file('.'));
    for (const name of ['x'.repeat(252), '𝕍'.repeat(63)]) {
      const output = bench.file(`${name}.mp4`);
      await assert.rejects(bench.engine.cut({ input: plain, output, kept: KEPT }), oneSentence('not-writable'));
      await assert.rejects(bench.engine.probe(output), (error) => error instanceof MediaError);
    }
    assert.deepEqual(await readdir(bench.file('.')), before);
  });
});

function oneSentence(code: MediaError['code']): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof MediaError, String(error));
    assert.equal(error.code, code, error.message);
    // In one line, and not longer than somebody reads.
    assert.match(error.message, /^[^\p{Cc}\u202e]{1,220}\.$/u);
    return true;
  };
}
