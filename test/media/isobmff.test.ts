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
});
