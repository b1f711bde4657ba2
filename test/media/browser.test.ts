import assert from 'node:assert/strict';

import { assertPlays, openPlayer, type Player } from './chromium.js';
import { makeClip } from './clips.js';
import { openBench, remaining, type Bench } from './workbench.js';

// ffmpeg forgives what a browser does not: parameter sets that change under an id show up there as decode errors, and
// only after seeking back over a join. So every frame number is read from the picture that Chromium paints.
describe('A smart cut in Chromium', function () {
  this.timeout(60_000);
  const FRAMES = 240;
  const SECTIONS = [
    [0.5, 1.21],
    [2.37, 4.05],
    [5.3, 5.77],
  ] as const;
  let bench: Bench;
  let player: Player | undefined;

  before(async function () {
    player = await openPlayer();
    if (!player) return this.skip();
    bench = await openBench();
  });
  after(async () => {
    await player?.close();
    await bench?.close();
  });

  it('shows the right frame after seeking over each join, forward and back, and plays through', async () => {
    assert.ok(player);
    const source = bench.file('source.mp4');
    const cut = bench.file('cut.mp4');
    await makeClip(source, { frames: FRAMES });
    const report = await bench.remove(source, cut, ...SECTIONS);
    assert.equal(report.method, 'smart');
    await assertPlays(player, cut, remaining(FRAMES, 30, ...SECTIONS));
  });
});
