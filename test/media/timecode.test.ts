import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { ffmpeg, makeClip } from './clips.js';
import { openBench, type Bench } from './workbench.js';

describe('The timecode of a clip', function () {
  this.timeout(60_000);
  let bench: Bench;
  before(async () => {
    bench = await openBench();
    await makeClip(bench.file('plain.mp4'), { frames: 120 });
    await makeClip(bench.file('plain-drop.mp4'), { frames: 120, rate: '30000/1001' });
  });
  after(() => bench.close());

  const old = '-c:v mpeg4 -q:v 3';
  for (const [from, into, coding, start, first] of [
    ['mov', 'mov', '-c copy', '01:00:00:00', '01:00:00:15'],
    ['mp4', 'mp4', '-c copy', '01:00:00:00', '01:00:00:15'],
    ['mov', 'mp4', '-c copy', '10:00:59:20', '10:01:00:05'],
    ['mp4', 'mov', '-c copy', '23:59:59:20', '00:00:00:05'],
    ['mov', 'mkv', '-c copy', '01:00:00:00', '01:00:00:15'],
    ['mkv', 'mkv', '-c copy', '01:00:00:00', '01:00:00:15'],
    ['mov', 'mov', old, '01:00:00:00', '01:00:00:15'],
    ['mov', 'mp4', '-c copy', '01:00:59;20', '01:01:00;07'],
    ['mov', 'ts', '-c copy', '01:00:00:00', undefined],
  ] as const) {
    const whole = coding === old ? ', encoded whole' : '';
    const fate = first === undefined ? 'is named as lost' : 'begins with the first frame that stays';
    it(`${fate}: ${start}, ${from} to ${into}${whole}`, async () => {
      const drop = start.includes(';');
      const input = bench.file(`${start.replace(/\W/gu, '-')}-${into}.${from}`);
      const plain = bench.file(drop ? 'plain-drop.mp4' : 'plain.mp4');
      await ffmpeg(
        '-i',
        plain,
        ...coding.split(' '),
        '-timecode',
        start,
        '-metadata',
        `timecode=${start}`,
        '-y',
        input,
      );
      assert.deepEqual(await timecodes(input), [start]);
      const output = bench.file(`${from}-${start.replace(/\W/gu, '-')}-${whole.length}-cut.${into}`);
      const report = await bench.remove(input, output, [0, 0.49], [2, 3]);
      assert.equal(report.method, whole === '' ? 'smart' : 'reencode');
      assert.deepEqual(await timecodes(output), first === undefined ? [] : [first]);
      if (first === undefined) assert.deepEqual(report.notes, ['Not kept: the timecode.']);
      else assert.doesNotMatch(report.notes.join(' '), /Not kept/);
    });
  }
});

/** Each that ffprobe tells of the file and its tracks. */
async function timecodes(file: string): Promise<string[]> {
  const shown = ['-v', 'error', '-show_streams', '-show_format', '-of', 'json', file];
  const { stdout } = await promisify(execFile)('ffprobe', shown);
  return [...new Set([...stdout.matchAll(/"timecode": "([^"]+)"/giu)].map(([, found = '']) => found))];
}
