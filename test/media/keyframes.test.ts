import assert from 'node:assert/strict';

import { ffmpeg, makeClip } from './clips.js';
import { openBench, type Bench } from './workbench.js';

describe('The keyframes of a clip', function () {
  this.timeout(30_000);
  let bench: Bench;
  let clip: string;
  before(async () => {
    bench = await openBench();
    clip = bench.file('clip.mp4');
    await makeClip(clip, { frames: 240 });
  });
  after(() => bench.close());

  const inSeconds = async (file: string, most = 1000): Promise<string[]> =>
    (await bench.engine.keyframes(file, most)).map((time) => (time / 1e6).toFixed(2));
  const EVERY_SECOND = ['0.00', '1.00', '2.00', '3.00', '4.00', '5.00', '6.00', '7.00'];

  for (const ending of ['mp4', 'mov', 'mkv', 'avi']) {
    it(`are where a ${ending} file has them, from its 0:00 on`, async () => {
      const file = bench.file(`copy.${ending}`);
      await ffmpeg('-i', clip, '-c', 'copy', file);
      assert.deepEqual(await inSeconds(file), EVERY_SECOND);
    });
  }

  it('are found in a film of another rhythm', async () => {
    const file = bench.file('webm.webm');
    await ffmpeg(
      ...['-i', clip, '-c:v', 'libvpx', '-deadline', 'realtime', '-g', '17', '-keyint_min', '17', '-an', file],
    );
    const expected = Array.from({ length: Math.ceil(240 / 17) }, (_, n) => ((n * 17) / 30).toFixed(2));
    assert.deepEqual(await inSeconds(file), expected);
  });

  it('are none where each picture is one, where only reading all would tell, and where there is no picture', async () => {
    assert.deepEqual(await inSeconds(clip, 7), []);
    const [stream, sound] = [bench.file('stream.ts'), bench.file('sound.m4a')];
    await ffmpeg('-i', clip, '-c', 'copy', stream);
    await ffmpeg('-i', clip, '-vn', '-c', 'copy', sound);
    assert.deepEqual(await inSeconds(stream), []);
    assert.deepEqual(await inSeconds(sound), []);
  });
});
