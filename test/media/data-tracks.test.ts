// Tracks that are neither picture, sound nor text: what action cameras and drones write beside them.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';

import { ffmpeg, ffprobe, makeClip, streams } from './clips.js';
import { mpegCrc } from './picture-messages.js';
import { openBench, type Bench } from './workbench.js';

const SECONDS = 8;
/** Removed from each clip. */
const CUTS = [
  [1.4, 3.4],
  [5, 6],
] as const;

describe('The telemetry of a clip', function () {
  this.timeout(60_000);
  let bench: Bench;
  before(async () => {
    bench = await openBench();
    const subtitles = Array.from(
      { length: SECONDS },
      (_, n) => `${n + 1}\n00:00:0${n},000 --> 00:00:0${n + 1},000\nM00${n}\n`,
    );
    await writeFile(bench.file('moments.srt'), subtitles.join('\n'));
    await writeFile(
      bench.file('moments.bin'),
      Array.from({ length: SECONDS }, (_, n) => `M00${n}`.padEnd(1024, '.')).join(''),
    );
    await makeClip(bench.file('plain.mp4'), { frames: SECONDS * 30 });
  });
  after(() => bench.close());

  /** Of a GoPro: an mp4 whose third track has a moment of a second for each second. */
  async function camera(name: string, ...coding: readonly string[]): Promise<string> {
    const file = bench.file(name);
    const inputs = ['-i', bench.file('plain.mp4'), '-i', bench.file('moments.srt')];
    await ffmpeg(...inputs, '-map', '0', '-map', '1', ...coding, '-c:a', 'copy', '-c:s', 'mov_text', file);
    const bytes = await readFile(file);
    // Its samples stay as they are, the track says of them what a GoPro's does.
    for (const [from, to] of [
      ['sbtl', 'meta'],
      ['tx3g', 'gpmd'],
    ] as const) {
      const at = bytes.indexOf(from);
      assert.ok(at > 0 && bytes.indexOf(from, at + 1) < 0, `${from} is not there once`);
      bytes.write(to, at, 'latin1');
    }
    await writeFile(file, bytes);
    assert.equal(await tagOf(file), 'gpmd');
    return file;
  }

  /** Of a drone: a transport stream whose third stream has a packet each second. */
  async function drone(name: string, format: string | undefined): Promise<string> {
    const file = bench.file(name);
    const inputs = ['-i', bench.file('plain.mp4'), '-f', 'data', '-i', bench.file('moments.bin')];
    const each = ['-bsf:d', 'setts=ts=N*90000', '-muxpreload', '0', '-muxdelay', '0'];
    await ffmpeg(...inputs, '-map', '0', '-map', '1', '-c', 'copy', ...each, file);
    if (format !== undefined) await writeFile(file, registered(await readFile(file), format));
    return file;
  }

  for (const [how, coding] of [
    ['copied', ['-c:v', 'copy']],
    ['encoded whole', ['-c:v', 'mpeg4', '-q:v', '3']],
  ] as const) {
    it(`of a GoPro goes with its picture, which is ${how}`, async () => {
      const input = await camera(`gopro-${how}.mp4`, ...coding);
      const output = bench.file(`gopro-${how}-cut.mp4`);
      const report = await bench.remove(input, output, ...CUTS);
      assert.equal(report.method, how === 'copied' ? 'smart' : 'reencode');
      assert.doesNotMatch(report.notes.join(' '), /Not kept/);
      assert.equal(await tagOf(output), 'gpmd');
      assert.deepEqual(await moments(output), [
        ['M000', 0],
        ['M001', 1],
        // Half of its second is left.
        ['M003', 1.4],
        ['M004', 2],
        ['M006', 3],
        ['M007', 4],
      ]);
    });
  }

  it('of a drone goes with its picture', async () => {
    const input = await drone('drone.ts', 'KLVA');
    assert.deepEqual(
      await moments(input),
      Array.from({ length: SECONDS }, (_, n) => [`M00${n}`, n]),
    );
    const output = bench.file('drone-cut.ts');
    const report = await bench.remove(input, output, ...CUTS);
    assert.equal(report.method, 'smart');
    assert.deepEqual(report.notes, []);
    assert.deepEqual(await moments(output), [
      ['M000', 0],
      ['M001', 1],
      ['M004', 2],
      ['M006', 3],
      ['M007', 4],
    ]);
  });

  for (const [from, into] of [
    ['mp4', 'mkv'],
    ['mp4', 'mov'],
    ['ts', 'mp4'],
    ['ts', 'ts'],
  ] as const) {
    it(`is named where it is lost: ${from} to ${into}`, async () => {
      const input =
        from === 'mp4'
          ? await camera(`${into}.mp4`, '-c:v', 'copy')
          : await drone(`${into}.ts`, into === 'ts' ? undefined : 'KLVA');
      const output = bench.file(`${from}-lost.${into}`);
      const report = await bench.remove(input, output, ...CUTS);
      assert.deepEqual(report.notes, ['Not kept: a data track.']);
      assert.deepEqual(await moments(output), []);
    });
  }
});

/** Words of each packet of the data track with its time, in seconds from where the picture begins. */
async function moments(file: string): Promise<[string, number][]> {
  const { packets = [] } = await ffprobe(file, ['-select_streams', 'd', '-show_packets', '-show_data']);
  const zero = Number((await streams(file)).find(({ codec_type }) => codec_type === 'video')?.start_time);
  return packets.map(({ pts_time, data = '' }) => [
    /M00\d/u.exec(data)?.[0] ?? data,
    Number((Number(pts_time) - zero).toFixed(3)),
  ]);
}

async function tagOf(file: string): Promise<string | undefined> {
  return (await streams(file)).find(({ codec_type }) => codec_type === 'data')?.codec_tag_string;
}

const PACKET = 188;

/** A transport stream whose stream of private data says in the program's map what it is (ISO/IEC 13818-1, 2.4.4.8 and 2.6.8). */
function registered(stream: Buffer, format: string): Buffer {
  const result = Buffer.from(stream);
  for (let at = 0; at < result.length; at += PACKET) {
    const packet = result.subarray(at, at + PACKET);
    // One section from the start of the packet, without an adaptation field: the map is short.
    const section = packet.subarray(5);
    const begins = ((packet[1] ?? 0) & 0x40) !== 0 && ((packet[3] ?? 0) & 0x20) === 0 && packet[4] === 0;
    if (!begins || section[0] !== 2) continue;
    const end = 3 + (section.readUInt16BE(1) & 0xfff) - 4;
    for (let entry = 12 + (section.readUInt16BE(10) & 0xfff); entry < end;) {
      const descriptors = section.readUInt16BE(entry + 3) & 0xfff;
      if (section[entry] === 6 && descriptors === 0) {
        const descriptor = Buffer.from([5, 4, ...Buffer.from(format, 'latin1')]);
        section.copyWithin(entry + 5 + descriptor.length, entry + 5, end);
        descriptor.copy(section, entry + 5);
        section.writeUInt16BE(0xf000 | descriptor.length, entry + 3);
        section.writeUInt16BE(section.readUInt16BE(1) + descriptor.length, 1);
        section.writeUInt32BE(mpegCrc(section.subarray(0, end + descriptor.length)), end + descriptor.length);
        break;
      }
      entry += 5 + descriptors;
    }
  }
  return result;
}
