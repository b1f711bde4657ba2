import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

import { beeps, decoderMessages, ffmpeg, flashes, frameTimes, makeClip, sound, streams } from './clips.js';
import { assertBeeps, assertClean, beepSource, hashes, lag, RATE, type Cut } from './sound-judges.js';
import { openBench, type Bench } from './workbench.js';

const PACKET = 1536;
// Half a packet, and how well the beginning of a beep is found.
const HALF_PACKET = PACKET / 2 / RATE + 0.0007;
// At a join a few packets on either side are new.
const NEW_AT_A_JOIN = 5;

describe('Packets of AC-3 and E-AC-3', function () {
  this.timeout(120_000);
  let bench: Bench;
  before(async () => (bench = await openBench()));
  after(() => bench.close());

  const CUTS: Cut = [
    [2.3333, 3.6789],
    [6.4321, 7.7],
  ];

  for (const [codec, from, into] of [
    ['ac3', 'mp4', 'mp4'],
    ['ac3', 'mov', 'mov'],
    ['ac3', 'mkv', 'mkv'],
    ['ac3', 'ts', 'ts'],
    ['ac3', 'ts', 'mp4'],
    ['eac3', 'mp4', 'mp4'],
    ['eac3', 'mkv', 'mp4'],
    ['eac3', 'ts', 'mkv'],
  ] as const) {
    it(`are copied but at the joins, in step with the picture: ${codec}, ${from} to ${into}`, async () => {
      const input = bench.file(`${codec}-${into}.${from}`);
      await makeClip(input, { frames: 330, audio: ['-c:a', codec, '-b:a', '256k'] });
      const output = bench.file(`${codec}-${from}-cut.${into}`);
      const report = await bench.remove(input, output, ...CUTS);
      assert.equal(report.method, 'smart');
      await assertCopied(input, output, CUTS.length);
      const moved = (await lag(output)) - (await lag(input));
      assert.ok(Math.abs(moved) <= HALF_PACKET, `sound ${moved} s later than in the source`);
      assert.equal(await decoderMessages(output), '');
      assert.equal((await voice(output)).codec_name, codec);
      assert.deepEqual(await said(output), await said(input));
    });
  }

  it('are told to lose the objects of Dolby Atmos, with which they are encoded anew', async () => {
    const plain = bench.file('plain.mp4');
    await makeClip(plain, { frames: 90, audio: ['-c:a', 'eac3'] });
    const bare = bench.file('bare.eac3');
    await ffmpeg('-i', plain, '-c', 'copy', '-map', '0:a', bare);
    await writeFile(bare, withObjects(await readFile(bare)));
    const input = bench.file('atmos.mp4');
    await ffmpeg('-i', plain, '-i', bare, '-map', '0:v', '-map', '1:a', '-c', 'copy', input);
    const output = bench.file('atmos-cut.mp4');
    const { notes } = await bench.remove(input, output, [1, 2]);
    assert.deepEqual(notes, ['Not kept: the objects of Dolby Atmos.']);
    assert.equal((await voice(output)).codec_name, 'eac3');
  });

  it('stay in step over many joins', async () => {
    const cuts: Cut = Array.from({ length: 9 }, (_, n) => [2 * n + 1.303 + n * 0.0071, 2 * n + 1.611 + n * 0.0093]);
    const input = bench.file('many.mkv');
    await makeClip(input, { frames: 20 * 30, audio: ['-c:a', 'ac3', '-b:a', '192k'] });
    const output = bench.file('many-cut.mkv');
    await bench.remove(input, output, ...cuts);
    const [seen, times, heard] = await Promise.all([flashes(output), frameTimes(output), sound(output).then(beeps)]);
    assert.equal(seen.length, 20);
    assert.equal(heard.length, 20);
    for (const [n, frame] of seen.entries()) {
      const off = (heard[n] ?? 0) - (times[frame] ?? 0);
      assert.ok(Math.abs(off) <= HALF_PACKET, `beep ${n} is ${off} s after its flash`);
    }
    await assertCopied(input, output, cuts.length);
  });

  for (const [name, channels, rate, coding] of [
    ['mono at 44.1 kHz', 1, 44_100, '-c:a ac3 -b:a 96k'],
    ['5.1 with a quiet speech level', 6, 48_000, '-c:a ac3 -b:a 448k -dialnorm -24 -center_mixlev 0.5'],
    ['5.1 at 32 kHz', 6, 32_000, '-c:a ac3 -b:a 384k -dialnorm -27'],
    ['5.1 of E-AC-3 with levels for stereo', 6, 48_000, '-c:a eac3 -b:a 384k -dialnorm -20 -ltrt_cmixlev 0.5'],
    ['stereo of E-AC-3 at 44.1 kHz', 2, 44_100, '-c:a eac3 -b:a 160k -dsur_mode on'],
  ] as const) {
    it(`say the same of their sound where they are new: ${name}`, async () => {
      const input = bench.file(`${name}.mka`);
      await ffmpeg('-f', 'lavfi', '-i', beepSource(12, channels), '-ar', `${rate}`, ...coding.split(' '), input);
      const output = bench.file(`${name}-cut.mka`);
      const cuts: Cut = [[3.3333, 7.6543]];
      await bench.remove(input, output, ...cuts);
      await assertCopied(input, output, 1);
      await assertBeeps(output, 12, cuts, PACKET / 2 / rate + 0.0007);
      assert.deepEqual(await said(output), await said(input));
    });
  }

  for (const codec of ['ac3', 'eac3']) {
    it(`join a steady tone without a click, and without noise beside the cross-fade: ${codec}`, async () => {
      const input = bench.file(`tone-${codec}.mka`);
      const tone = `aevalsrc='0.4*sin(2*PI*997*t)|0.4*sin(2*PI*1499*t)':s=${RATE}:d=12`;
      await ffmpeg('-f', 'lavfi', '-i', tone, '-c:a', codec, '-b:a', '192k', input);
      const output = bench.file(`tone-${codec}-cut.mka`);
      await bench.remove(input, output, [4.3217, 7.1234]);
      await assertClean(input, output, -45, PACKET);
    });
  }

  /** Few packets of the result are not the source's. */
  async function assertCopied(input: string, output: string, joins: number): Promise<void> {
    const before = new Set(await hashes(input));
    const result = await hashes(output);
    const fresh = result.filter((hash) => !before.has(hash)).length;
    const log = bench.log.join('\n');
    assert.ok(result.length > 100, `${result.length} packets`);
    assert.ok(fresh > 0 && fresh <= joins * NEW_AT_A_JOIN, `${fresh} of ${result.length} packets are new\n${log}`);
  }
});

async function voice(file: string): Promise<Awaited<ReturnType<typeof streams>>[number]> {
  const found = (await streams(file)).find(({ codec_type }) => codec_type === 'audio');
  assert.ok(found);
  return found;
}

/** What the headers of all packets say, each once: rate, size, channels, speech level, how it becomes stereo. */
async function said(file: string): Promise<string[]> {
  const { codec_name: codec } = await voice(file);
  const options = { maxBuffer: 1 << 28, encoding: 'buffer' } as const;
  const arguments_ = ['-v', 'error', '-i', file, '-map', '0:a', '-c', 'copy', '-f', codec, '-'];
  const { stdout } = await promisify(execFile)('ffmpeg', arguments_, options);
  const found = new Set<string>();
  let at = 0;
  for (const size of await packetSizes(file)) {
    const head = Buffer.from(stdout.subarray(at, at + 8));
    at += size;
    assert.equal(head.readUInt16BE(), 0x0b77);
    if (codec === 'ac3') {
      // A checksum, the odd byte of frames at 44.1 kHz, and what follows the speech level.
      head.writeUInt16BE(0, 2);
      head[4] = (head[4] ?? 0) & 0xfe;
      head[7] = (head[7] ?? 0) & 0xe0;
    }
    found.add(head.toString('hex'));
  }
  return [...found];
}

async function packetSizes(file: string): Promise<number[]> {
  const shown = ['-v', 'error', '-select_streams', 'a:0', '-show_entries', 'packet=size', '-of', 'csv=p=0', file];
  const { stdout } = await promisify(execFile)('ffprobe', shown, { maxBuffer: 1 << 28 });
  return (stdout.match(/\d+/g) ?? []).map(Number);
}

// addbsie; addbsil, of two bytes; the extension of type A; how many objects.
const MARK = '1' + '000001' + '00000001' + '00010000';

/** E-AC-3 as ffmpeg writes it, each frame with the mark of objects in its header (ETSI TS 102 366, E.1.2 and H.2). */
function withObjects(stream: Buffer): Buffer {
  const frames: Buffer[] = [];
  for (let at = 0; at < stream.length;) {
    const words = (stream.readUInt16BE(at + 2) & 0x7ff) + 1;
    const bits = [...stream.subarray(at, at + words * 2)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
    at += words * 2;
    // addbsie follows sync word, layout, level of speech and three announcements of what is not there.
    assert.match(bits.slice(50, 54), /^0000$/);
    const marked = `${bits.slice(0, 53)}${MARK}${bits.slice(54)}`.padEnd(words * 16 + 32, '0');
    const frame = Buffer.from((marked.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
    frame.writeUInt16BE((frame.readUInt16BE(2) & 0xf800) | (words + 1), 2);
    frames.push(frame);
  }
  return Buffer.concat(frames);
}
