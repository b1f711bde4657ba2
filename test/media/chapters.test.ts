import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

import { ffmpeg, makeClip } from './clips.js';
import { openBench, type Bench } from './workbench.js';

const CHAPTERS = [
  [0, 1.5, 'Öne'],
  [1.5, 2.1, 'Cut short'],
  [2.1, 2.9, 'Gone'],
  [2.9, 4.5, 'Begins in the cut'],
  [4.5, 6, '最后'],
] as const;
const CUT = [2, 4] as const;
const CUT_CHAPTERS = [
  [0, 'Öne'],
  [1.5, 'Cut short'],
  [2, 'Begins in the cut'],
  [2.5, '最后'],
] as const;

describe('Chapters', function () {
  this.timeout(60_000);
  let bench: Bench;
  before(async () => {
    bench = await openBench();
    await writeFile(bench.file('chapters.txt'), listing(CHAPTERS));
  });
  after(() => bench.close());

  for (const [from, into, coding] of [
    ['mp3', 'mp3', '-c:a libmp3lame'],
    ['ogg', 'ogg', '-c:a libvorbis'],
    ['opus', 'opus', '-c:a libopus'],
    ['flac', 'flac', '-c:a flac'],
    ['mp3', 'mka', '-c:a libmp3lame'],
    ['mka', 'mp3', '-c:a libmp3lame'],
    ['m4a', 'flac', '-c:a alac'],
  ] as const) {
    it(`of sound alone are moved by the cut: ${from} to ${into}`, async () => {
      const input = bench.file(`song-${into}.${from}`);
      const sine = ['-f', 'lavfi', '-i', 'sine=d=6', '-i', bench.file('chapters.txt')];
      // In comments ffmpeg writes them wrongly or not at all.
      const written = COMMENTED.test(from) ? ['-map_chapters', '-1', ...comments(CHAPTERS)] : ['-map_chapters', '1'];
      await ffmpeg(...sine, '-map', '0', '-map_metadata', '1', ...written, ...coding.split(' '), input);
      assert.equal((await chapters(input)).length, CHAPTERS.length);
      const output = bench.file(`song-${from}-cut.${into}`);
      const report = await bench.remove(input, output, CUT);
      assert.doesNotMatch(report.notes.join(' '), /Not kept/);
      assertMoved(await chapters(output));
      const { title, ...others } = await tags(output);
      assert.equal(title, 'A day out');
      // Nothing is left of how they came into the file.
      assert.doesNotMatch(JSON.stringify(others), /room|CHAPTER/);
    });
  }

  it('of a wmv become those of an mp4', async () => {
    // Sound would move the picture against the chapters.
    const plain = bench.file('plain.wmv');
    await makeClip(plain, { frames: 180, video: ['-c:v', 'wmv2', '-q:v', '3'], audio: false });
    const input = bench.file('full.wmv');
    await ffmpeg('-i', plain, '-i', bench.file('chapters.txt'), '-c', 'copy', '-map_chapters', '1', input);
    assert.equal((await chapters(input)).length, CHAPTERS.length);
    const output = bench.file('wmv.mp4');
    assert.doesNotMatch((await bench.remove(input, output, CUT)).notes.join(' '), /Not kept/);
    assertMoved(await chapters(output));
  });

  it('of which there are hundreds stay all where the clip has a track of them, and are named elsewhere', async () => {
    const many = Array.from({ length: 400 }, (_, n) => [n * 0.015, (n + 1) * 0.015, `Number ${n}`] as const);
    await writeFile(bench.file('many.txt'), listing(many));
    const plain = bench.file('plain.mp4');
    // Sound would move the picture of the mkv against them.
    await makeClip(plain, { frames: 180, audio: false });
    for (const ending of ['mp4', 'mkv']) {
      const input = bench.file(`many.${ending}`);
      await ffmpeg('-i', plain, '-i', bench.file('many.txt'), '-c', 'copy', '-map_chapters', '1', input);
      const output = bench.file(`many-${ending}.mp4`);
      const report = await bench.remove(input, output, [2, 2.5]);
      assert.equal(report.method, 'smart');
      const found = (await chapters(output)).map(([, title]) => title);
      const kept = many.flatMap(([from, to, title]) =>
        to > 2.0001 && from < 2.4999 && from > 2 && to < 2.5 ? [] : [title],
      );
      if (ending === 'mp4') {
        assert.deepEqual(found, kept);
        assert.deepEqual(report.notes, []);
      } else {
        assert.deepEqual(found, kept.slice(0, 255));
        assert.deepEqual(report.notes, ['Not kept: the chapters after number 255.']);
      }
    }
  });
});

const COMMENTED = /^(ogg|opus|flac)$/;

function comments(chapters: readonly (readonly [number, number, string])[]): string[] {
  return chapters.flatMap(([start, , title], n) => {
    const time = `CHAPTER00${n}=00:00:${start.toFixed(3).padStart(6, '0')}`;
    return ['-metadata', time, '-metadata', `CHAPTER00${n}NAME=${title}`];
  });
}

function listing(chapters: readonly (readonly [number, number, string])[]): string {
  const entries = chapters.map(
    ([start, end, title]) =>
      `[CHAPTER]\nTIMEBASE=1/1000\nSTART=${Math.round(start * 1000)}\nEND=${Math.round(end * 1000)}\ntitle=${title}\n`,
  );
  return `;FFMETADATA1\ntitle=A day out\n${entries.join('')}`;
}

function assertMoved(found: readonly (readonly [number, string])[]): void {
  assert.deepEqual(
    found.map(([, title]) => title),
    CUT_CHAPTERS.map(([, title]) => title),
  );
  for (const [n, [start, title]] of CUT_CHAPTERS.entries()) {
    assert.ok(Math.abs((found[n]?.[0] ?? Number.NaN) - start) < 0.0025, `"${title}" begins at ${found[n]?.[0]}`);
  }
}

interface Probed {
  readonly chapters: readonly { readonly start_time: string; readonly tags?: Readonly<Record<string, string>> }[];
  readonly format: { readonly tags?: Readonly<Record<string, string>> };
  readonly streams: readonly { readonly tags?: Readonly<Record<string, string>> }[];
}

async function probe(file: string): Promise<Probed> {
  const shown = ['-v', 'quiet', '-show_chapters', '-show_format', '-show_streams', '-of', 'json', file];
  const { stdout } = await promisify(execFile)('ffprobe', shown);
  return JSON.parse(stdout) as Probed;
}

/** Beginnings in seconds, and titles. */
async function chapters(file: string): Promise<(readonly [number, string])[]> {
  return (await probe(file)).chapters.map(({ start_time, tags }) => [Number(start_time), tags?.title ?? '']);
}

/** Of the file and its tracks, by lower-case names. */
async function tags(file: string): Promise<Record<string, string>> {
  const { format, streams } = await probe(file);
  const all = [format, ...streams].flatMap(({ tags }) => Object.entries(tags ?? {}));
  return Object.fromEntries(all.map(([key, value]) => [key.toLowerCase(), value]));
}
