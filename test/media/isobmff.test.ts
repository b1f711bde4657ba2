import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { readMovie, type Movie } from '../../src/media/isobmff/movie.js';
import { rewriteObstacle, writeMovie } from '../../src/media/isobmff/rewrite.js';
import type { TrackEdit } from '../../src/media/isobmff/track-plan.js';
import { decoderMessages, ffmpeg, frameNumbers, makeClip, sharedMedia } from './clips.js';

const run = promisify(execFile);

async function movieOf(file: string): Promise<Movie> {
  const movie = await readMovie(file);
  assert.ok(!('reason' in movie), 'reason' in movie ? movie.reason : '');
  return movie;
}

interface ProbedSample {
  readonly pts: number;
  readonly dts: number;
  readonly size: number;
  readonly offset: number;
  readonly key: boolean;
  readonly hidden: boolean;
}

async function probeSamples(file: string, track: number): Promise<ProbedSample[]> {
  const { stdout } = await run(
    'ffprobe',
    ['-v', 'error', '-select_streams', String(track), '-show_packets', '-of', 'json', file],
    { maxBuffer: 1 << 30 },
  );
  const found = JSON.parse(stdout) as { packets?: Record<string, string>[] };
  return (found.packets ?? []).map(({ pts, dts, size, pos, flags }) => ({
    pts: Number(pts),
    dts: Number(dts),
    size: Number(size),
    offset: Number(pos),
    key: flags?.includes('K') ?? false,
    hidden: flags?.includes('D') ?? false,
  }));
}

function ownSamples({ tracks }: Movie, n: number): ProbedSample[] {
  const samples = tracks[n]?.samples;
  assert.ok(samples);
  return Array.from({ length: samples.count }, (_, i) => ({
    pts: samples.pts[i] ?? NaN,
    dts: samples.dts[i] ?? NaN,
    size: samples.size[i] ?? NaN,
    offset: samples.offset[i] ?? NaN,
    key: samples.sync[i] === 1,
    hidden: samples.hidden[i] === 1,
  }));
}

/** Every packet of every track as ffprobe reports it. */
async function assertSameAsProbe(file: string): Promise<Movie> {
  const movie = await movieOf(file);
  for (const [n, track] of movie.tracks.entries()) {
    if (track.chapters) continue;
    assert.deepEqual(ownSamples(movie, n), await probeSamples(file, n), `track ${n} of ${path.basename(file)}`);
  }
  return movie;
}

describe('Reading mp4 and mov headers', function () {
  this.timeout(60_000);
  let folder: string;
  const at = (name: string): string => path.join(folder, name);
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'video-trimmer-isobmff-'));
    await makeClip(at('plain.mp4'));
    await makeClip(at('key-only.mp4'), { frames: 60, video: ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '1'] });
    await writeFile(
      at('words.srt'),
      '1\n00:00:01,000 --> 00:00:02,500\nOne\n\n2\n00:00:04,000 --> 00:00:06,000\nTwo\n',
    );
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const copies: readonly (readonly [string, string, readonly string[]])[] = [
    ['moov in front', 'faststart.mp4', ['-movflags', '+faststart']],
    ['mov', 'plain.mov', []],
    ['fragments with an empty header', 'empty.mp4', ['-movflags', '+frag_keyframe+empty_moov']],
    ['fragments with default bases', 'dash.mp4', ['-movflags', '+dash+delay_moov', '-frag_duration', '700000']],
    ['fragments behind a delayed header', 'delayed.mp4', ['-movflags', '+frag_keyframe+delay_moov']],
    ['negative composition offsets', 'negative.mp4', ['-movflags', '+negative_cts_offsets']],
    [
      'fragments with negative composition offsets',
      'cmaf.mp4',
      ['-movflags', '+cmaf+frag_keyframe+empty_moov+negative_cts_offsets'],
    ],
    ['no edit lists', 'no-edits.mp4', ['-use_editlist', '0']],
    ['another timescale', 'scale.mp4', ['-video_track_timescale', '600']],
    ['PCM sound', 'pcm.mov', ['-c:a', 'pcm_s16le']],
    ['24-bit PCM sound', 'pcm24.mov', ['-c:a', 'pcm_s24be']],
    ['Opus sound', 'opus.mp4', ['-c:a', 'libopus', '-strict', '-2']],
    ['MP3 sound', 'mp3.mp4', ['-c:a', 'libmp3lame']],
    ['FLAC sound', 'flac.mp4', ['-c:a', 'flac', '-strict', '-2']],
    ['AC-3 sound', 'ac3.mp4', ['-c:a', 'ac3']],
  ];
  for (const [what, name, options] of copies) {
    it(`agrees with ffprobe on ${what}`, async () => {
      await ffmpeg('-i', at('plain.mp4'), '-c', 'copy', ...options, at(name));
      await assertSameAsProbe(at(name));
    });
  }

  it('agrees with ffprobe on a file that ffmpeg made', async () => {
    const movie = await assertSameAsProbe(at('plain.mp4'));
    assert.deepEqual(
      movie.tracks.map(
        ({ kind, codec, fragment = movie.fragmented }: { kind: string; codec: string; fragment?: boolean }) => [
          kind,
          codec,
          fragment,
        ],
      ),
      [
        ['video', 'avc1', false],
        ['sound', 'mp4a', false],
      ],
    );
    await assertSameAsProbe(at('key-only.mp4'));
  });

  for (const start of ['0.5', '1.03', '2.7', '3', '6.967']) {
    it(`agrees with ffprobe on the edit lists of a copy from ${start} s`, async () => {
      for (const ending of ['mp4', 'mov']) {
        const file = at(`from-${start}.${ending}`);
        await ffmpeg('-ss', start, '-i', at('plain.mp4'), '-c', 'copy', file);
        await assertSameAsProbe(file);
      }
      const ended = at(`to-${start}.mp4`);
      await ffmpeg('-ss', '0.5', '-i', at('plain.mp4'), '-t', start, '-c', 'copy', ended);
      await assertSameAsProbe(ended);
    });
  }

  it('agrees with ffprobe on late and early sound', async () => {
    for (const offset of ['0.37', '-0.21', '2']) {
      const file = at(`offset${offset}.mp4`);
      const input = ['-i', at('plain.mp4'), '-itsoffset', offset, '-i', at('plain.mp4')];
      await ffmpeg(...input, '-map', '0:v', '-map', '1:a', '-c', 'copy', file);
      await assertSameAsProbe(file);
    }
  });

  it('agrees with ffprobe on HEVC, subtitles and a timecode', async () => {
    const hevc = '-c:v libx265 -preset ultrafast -x265-params log-level=none -tag:v hvc1 -g 30'.split(' ');
    await makeClip(at('hevc.mp4'), { frames: 90, video: hevc });
    await assertSameAsProbe(at('hevc.mp4'));
    await ffmpeg('-i', at('plain.mp4'), '-i', at('words.srt'), '-c', 'copy', '-c:s', 'mov_text', at('words.mp4'));
    await assertSameAsProbe(at('words.mp4'));
    await ffmpeg('-i', at('plain.mp4'), '-c', 'copy', '-timecode', '01:00:00:00', at('timecode.mov'));
    await assertSameAsProbe(at('timecode.mov'));
  });

  it('agrees with ffprobe on real clips', async function () {
    const media = sharedMedia();
    if (media === undefined) return this.skip();
    for (const name of ['flower', 'friday', 'interview', 'multiple-aac-tracks', 'sar_2x1', 'video-h265']) {
      await assertSameAsProbe(path.join(media, `${name}.mp4`));
    }
  });
});

/** All of a movie as it is. */
function identity({ tracks }: Movie): TrackEdit[] {
  return tracks.flatMap(({ kind, samples, timescale }, track) => {
    if (kind !== 'video' && kind !== 'sound') return [];
    let end = 0;
    for (let i = 0; i < samples.count; i++) {
      if (!samples.hidden[i]) end = Math.max(end, (samples.pts[i] ?? 0) + (samples.duration[i] ?? 0));
    }
    assert.ok(timescale > 0);
    return [
      { track, end, pieces: [{ kind: 'copy', first: 0, count: samples.count, pts: samples.pts, dts: samples.dts }] },
    ];
  });
}

async function write(
  movie: Movie,
  output: string,
  tracks: TrackEdit[],
  ranges = [{ start: 0, outStart: 0, outEnd: 1e6 }],
): Promise<void> {
  assert.equal(rewriteObstacle(movie, output), undefined);
  await (await open(output, 'wx')).close();
  await writeMovie({ movie, output, tracks, ranges });
}

/** What ffprobe says of every packet, with a hash of its bytes but without its place in the file. */
async function packetList(file: string, shift = 0): Promise<string[]> {
  const { stdout } = await run(
    'ffprobe',
    ['-v', 'error', '-show_packets', '-show_data_hash', 'md5', '-of', 'json', file],
    { maxBuffer: 1 << 30 },
  );
  const { packets = [] } = JSON.parse(stdout) as { packets?: Record<string, string>[] };
  const seconds = (time: string | undefined): string => (Number(time) + shift).toFixed(5);
  return packets
    .map(({ stream_index, pts_time, dts_time, flags, data_hash }) =>
      [stream_index, seconds(pts_time), seconds(dts_time), flags?.slice(0, 1), data_hash].join(' '),
    )
    .sort();
}

describe('Writing mp4 and mov files', function () {
  this.timeout(60_000);
  let folder: string;
  const at = (name: string): string => path.join(folder, name);
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'video-trimmer-isobmff-'));
    await makeClip(at('plain.mp4'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const kinds: readonly (readonly [string, string, readonly string[]])[] = [
    ['an mp4', 'plain-copy.mp4', []],
    ['a mov', 'plain.mov', []],
    ['a mov with PCM sound', 'pcm.mov', ['-c:a', 'pcm_s16le']],
    ['a fragmented mp4', 'empty.mp4', ['-movflags', '+frag_keyframe+delay_moov']],
    ['an mp4 with an edit list', 'edited.mp4', ['-ss', '0.5']],
    ['an mp4 with MP3 sound', 'mp3.mp4', ['-c:a', 'libmp3lame']],
  ];
  for (const [what, name, options] of kinds) {
    it(`copies all of ${what}`, async () => {
      await ffmpeg('-i', at('plain.mp4'), '-c', 'copy', ...options, at(name));
      const movie = await movieOf(at(name));
      const output = at(`copied-${name}`);
      await write(movie, output, identity(movie));
      assert.deepEqual(await packetList(output), await packetList(at(name)));
      assert.equal(await decoderMessages(output), '');
      assert.deepEqual(await frameNumbers(output), await frameNumbers(at(name)));
      await assertSameAsProbe(output);
    });
  }

  // 8 s at 30 fps with a keyframe each second: 2 to 5 s are removed.
  const RANGES = [
    { start: 0, outStart: 0, outEnd: 2 },
    { start: 5, outStart: 2, outEnd: 5 },
  ];

  function cutOnKeyframes(movie: Movie): TrackEdit[] {
    return movie.tracks.flatMap(({ kind, samples, timescale }, track): TrackEdit[] => {
      const removed = 3 * timescale;
      const piece = (first: number, last: number, shift: number): TrackEdit['pieces'][number] => ({
        kind: 'copy',
        first,
        count: last - first,
        pts: (i) => (samples.pts[first + i] ?? NaN) - shift,
        dts: (i) => (samples.dts[first + i] ?? NaN) - shift,
      });
      if (kind === 'video') return [{ track, pieces: [piece(0, 60, 0), piece(150, 240, removed)] }];
      if (kind !== 'sound') return [];
      // Packets follow on each other; the second range begins with the packet that is due there.
      const from = samples.pts.findIndex((pts) => pts >= 2 * timescale);
      const to = samples.pts.findIndex((pts) => pts >= 5 * timescale);
      const shift = (samples.pts[to] ?? 0) - (samples.pts[from] ?? 0);
      return [{ track, end: 5 * timescale, pieces: [piece(0, from, 0), piece(to, samples.count, shift)] }];
    });
  }

  for (const ending of ['mp4', 'mov']) {
    it(`keeps everything beside the picture in a cut ${ending}`, async () => {
      const source = at(`rich.${ending}`);
      await writeFile(at('meta.txt'), METADATA);
      await writeFile(at('words.srt'), WORDS);
      await ffmpeg('-f', 'lavfi', '-i', 'color=red:s=64x64:d=1', '-frames:v', '1', at('cover.jpg'));
      const inputs = ['-i', at('plain.mp4'), '-i', at('words.srt'), '-i', at('meta.txt'), '-i', at('cover.jpg')];
      const cover = ending === 'mp4' ? ['-map', '3:v', '-disposition:v:1', 'attached_pic'] : [];
      const maps = ['-map', '0:v', '-map', '0:a', '-map', '1:s', ...cover, '-map_metadata', '2'];
      const options = [
        '-c',
        'copy',
        '-c:s',
        'mov_text',
        '-metadata:s:v:0',
        'rotate=90',
        '-metadata:s:a:0',
        'language=nor',
      ];
      const timecode = ending === 'mov' ? ['-timecode', '01:00:00:00'] : [];
      await ffmpeg(...inputs, ...maps, ...options, ...timecode, source);
      const movie = await movieOf(source);
      const output = at(`rich-cut.${ending}`);
      await write(movie, output, cutOnKeyframes(movie), RANGES);

      const decode = ['-map', '0:v:0', '-map', '0:a', '-f', 'null', '-'];
      const decoded = await run('ffmpeg', ['-v', 'error', '-i', output, ...decode]);
      assert.equal(decoded.stderr, '');
      const kept = Array.from({ length: 240 }, (_, n) => n).filter((n) => n < 60 || n >= 150);
      assert.deepEqual(await frameNumbers(output), kept);
      const own = await showAll(output);
      const was = await showAll(source);
      assert.deepEqual(
        own.chapters.map(({ start_time, end_time, tags }) => [Number(start_time), Number(end_time), tags?.title]),
        [
          [0, 1.5, 'First'],
          [1.5, 2, 'Begins before the cut'],
          [2, 3, 'Begins inside the cut'],
          [3, 5, 'Last'],
        ],
      );
      assert.equal(own.format.tags?.title, 'A title');
      assert.deepEqual(own.streams.map(describeStream), was.streams.map(describeStream));
      assert.equal(own.streams[1]?.tags?.language, 'nor');
      assert.ok(JSON.stringify(own.streams[0]).includes('"rotation":'));
      const { stdout } = await run('ffmpeg', ['-v', 'error', '-i', output, '-map', '0:s', '-f', 'srt', '-']);
      assert.deepEqual(
        stdout.trim().split(/\s*\n/),
        [
          ...['1', '00:00:01,000 --> 00:00:02,000', 'Over the beginning', ''],
          ...['2', '00:00:02,000 --> 00:00:02,500', 'Over the end', ''],
          ...['3', '00:00:03,000 --> 00:00:04,000', 'Behind'],
        ].filter((line) => line !== ''),
      );
      assert.equal(own.format.duration, '5.000000');
    });
  }

  it('shows a timecode that follows the first range', async () => {
    const source = at('timecode.mov');
    await ffmpeg('-i', at('plain.mp4'), '-c', 'copy', '-timecode', '01:00:00:00', source);
    const movie = await movieOf(source);
    const output = at('timecode-cut.mov');
    const tracks = movie.tracks.flatMap(({ kind, samples, timescale }, track): TrackEdit[] => {
      const shift = 5 * timescale;
      const first = samples.pts.findIndex((pts) => pts >= shift);
      const begin = kind === 'video' ? 150 : first;
      const times = (list: Float64Array) => (i: number) => (list[begin + i] ?? NaN) - shift;
      if (kind !== 'video' && kind !== 'sound') return [];
      const count = samples.count - begin;
      return [
        { track, pieces: [{ kind: 'copy', first: begin, count, pts: times(samples.pts), dts: times(samples.dts) }] },
      ];
    });
    await write(movie, output, tracks, [{ start: 5, outStart: 0, outEnd: 3 }]);
    const { streams } = await showAll(output);
    assert.equal(streams.find(({ codec_tag_string }) => codec_tag_string === 'tmcd')?.tags?.timecode, '01:00:05:00');
    assert.deepEqual(
      await frameNumbers(output),
      Array.from({ length: 90 }, (_, n) => 150 + n),
    );
  });

  it('ends with the reason when cancelled, and says what it wrote', async () => {
    const movie = await movieOf(at('plain.mp4'));
    const output = at('cancelled.mp4');
    await (await open(output, 'wx')).close();
    const stop = new AbortController();
    const reason = new Error('stop');
    const tracks = identity(movie);
    const onProgress = (): void => stop.abort(reason);
    const ranges = [{ start: 0, outStart: 0, outEnd: 8 }];
    await assert.rejects(writeMovie({ movie, output, tracks, ranges, signal: stop.signal, onProgress }), reason);
  });
});

const METADATA = `;FFMETADATA1
title=A title
[CHAPTER]
TIMEBASE=1/1000
START=0
END=1500
title=First
[CHAPTER]
TIMEBASE=1/1000
START=1500
END=3000
title=Begins before the cut
[CHAPTER]
TIMEBASE=1/1000
START=3000
END=4000
title=Inside the cut
[CHAPTER]
TIMEBASE=1/1000
START=4000
END=6000
title=Begins inside the cut
[CHAPTER]
TIMEBASE=1/1000
START=6000
END=8000
title=Last
`;
const WORDS = `1
00:00:01,000 --> 00:00:02,500
Over the beginning

2
00:00:03,000 --> 00:00:04,000
Inside

3
00:00:04,500 --> 00:00:05,500
Over the end

4
00:00:06,000 --> 00:00:07,000
Behind
`;

interface Shown {
  readonly streams: readonly ShownStream[];
  readonly chapters: readonly { start_time: string; end_time: string; tags?: { title?: string } }[];
  readonly format: { readonly duration: string; readonly tags?: { readonly title?: string } };
}

interface ShownStream {
  readonly codec_name: string;
  readonly codec_tag_string: string;
  readonly width?: number;
  readonly disposition?: unknown;
  readonly tags?: Readonly<Record<string, string>>;
}

async function showAll(file: string): Promise<Shown> {
  const show = ['-show_streams', '-show_chapters', '-show_format'];
  const { stdout } = await run('ffprobe', ['-v', 'error', ...show, '-of', 'json', file]);
  return JSON.parse(stdout) as Shown;
}

function describeStream({ codec_name, codec_tag_string, width, disposition, tags }: ShownStream): unknown {
  return { codec_name, codec_tag_string, width, disposition, tags };
}
