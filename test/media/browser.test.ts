import assert from 'node:assert/strict';

import { assertPlays, openPlayer, type Player } from './chromium.js';
import { makeClip } from './clips.js';
import { openBench, remaining, type Bench } from './workbench.js';

// ffmpeg forgives what a browser does not: parameter sets that change under an id show up there as decode errors, and
// only after seeking back over a join. So every frame number is read from the picture that Chromium paints.
describe('A smart cut in Chromium', function () {
  this.timeout(60_000);
  const FRAMES = 150;
  const SECTIONS = [
    [0.5, 1.21],
    [2.37, 3.05],
    [4.1, 4.43],
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

  const TWENTY = Array.from({ length: 20 }, (_, n) => [0.211 + n * 0.23, 0.211 + n * 0.23 + 0.117] as const);
  const OPEN = '-c:v libx264 -preset veryfast -bf 3 -x264-params keyint=20:open-gop=1:scenecut=0:b-pyramid=normal';
  const CLIPS = [
    { name: 'closed groups', from: 'mp4', sections: SECTIONS, moved: true },
    { name: 'open groups that are rejoined', from: 'mp4', sections: SECTIONS, moved: true, video: OPEN },
    { name: 'open groups from a transport stream', from: 'ts', sections: SECTIONS, video: OPEN },
    { name: 'twenty sections', from: 'mp4', sections: TWENTY, moved: true, audio: false },
  ] as const satisfies readonly {
    name: string;
    from: string;
    sections: readonly (readonly [number, number])[];
    /** Whole byte ranges of the source are moved. */
    moved?: true;
    video?: string;
    audio?: false;
  }[];

  for (const [n, clip] of CLIPS.entries()) {
    it(`shows the right frame after seeking over each join, forward and back, and plays through: ${clip.name}`, async () => {
      assert.ok(player);
      const source = bench.file(`${n}.${clip.from}`);
      const cut = bench.file(`${n}-cut.mp4`);
      await makeClip(source, {
        frames: FRAMES,
        ...('video' in clip && { video: clip.video.split(' ') }),
        ...('audio' in clip && { audio: clip.audio }),
      });
      const before = bench.log.length;
      const report = await bench.remove(source, cut, ...clip.sections);
      assert.equal(report.method, 'smart');
      const log = bench.log.slice(before).join(' ');
      if ('moved' in clip) assert.doesNotMatch(log, /muxer|refused/);
      await assertPlays(player, cut, remaining(FRAMES, 30, ...clip.sections));
    });
  }
});
