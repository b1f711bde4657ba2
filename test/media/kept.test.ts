import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

import { ffmpeg, frameNumbers, makeClip, md5 } from './clips.js';
import { openBench, remaining, type Bench } from './workbench.js';

const run = promisify(execFile);

const CUES = `1
00:00:00,500 --> 00:00:01,200
Before <i>all</i>

2
00:00:01,500 --> 00:00:03,500
Across the cut
in two lines

3
00:00:02,200 --> 00:00:02,800
Gone

4
00:00:03,700 --> 00:00:04,600
Begins in the cut & stays

5
00:00:05,000 --> 00:00:05,500
After Ümläut
`;

const CHAPTERS = `;FFMETADATA1
title=A day out
artist=Somebody
[CHAPTER]
TIMEBASE=1/1000
START=0
END=1500
title=Öne
[CHAPTER]
TIMEBASE=1/1000
START=1500
END=2100
title=Cut short
[CHAPTER]
TIMEBASE=1/1000
START=2100
END=2900
title=Gone
[CHAPTER]
TIMEBASE=1/1000
START=2900
END=4500
title=Begins in the cut
[CHAPTER]
TIMEBASE=1/1000
START=4500
END=6000
title=Last
`;

// [2 s, 4 s) goes in all of these.
const CUT = [2, 4] as const;
const CUT_CUES = [
  [0.5, 1.2, 'Before <i>all</i>'],
  [1.5, 2, 'Across the cut\nin two lines'],
  [2, 2.6, 'Begins in the cut & stays'],
  [3, 3.5, 'After Ümläut'],
] as const;
const CUT_CHAPTERS = [
  [0, 'Öne'],
  [1.5, 'Cut short'],
  [2, 'Begins in the cut'],
  [2.5, 'Last'],
] as const;

describe('What a clip has beside its picture and sound', function () {
  this.timeout(60_000);
  let bench: Bench;
  before(async () => {
    bench = await openBench();
    await writeFile(bench.file('cues.srt'), CUES);
    await ffmpeg('-i', bench.file('cues.srt'), bench.file('cues.ass'));
    await ffmpeg('-i', bench.file('cues.srt'), bench.file('cues.vtt'));
    await writeFile(bench.file('chapters.txt'), CHAPTERS);
    await writeFile(bench.file('font.ttf'), Buffer.alloc(3000, 'not really a font '));
    await ffmpeg('-f', 'lavfi', '-i', 'testsrc=s=64x64:d=1', '-frames:v', '1', bench.file('cover.jpg'));
    const plain = bench.file('plain.mkv');
    await makeClip(plain, { frames: 180, audio: ['-c:a', 'pcm_s16le'] });
    await dress(
      plain,
      'full.mkv',
      ...'-map 0:v -map 0:a -map 5:a -map 1 -map 2 -c:s:0 srt -c:s:1 ass'.split(' '),
      ...'-metadata:s:v:0 title=Camera -metadata:s:a:0 language=eng -metadata:s:a:1 language=deu'.split(' '),
      ...'-metadata:s:a:1 title=Kommentar -disposition:a:0 default -disposition:a:1 comment'.split(' '),
      ...'-metadata:s:s:0 language=fra -metadata:s:s:0 title=Sous-titres -metadata:s:s:1 language=jpn'.split(' '),
      ...'-disposition:s:0 forced+hearing_impaired -disposition:s:1 default'.split(' '),
      ...['-attach', bench.file('font.ttf'), '-metadata:s:t:0', 'mimetype=font/ttf'],
      ...['-attach', bench.file('cover.jpg'), '-metadata:s:t:1', 'mimetype=image/jpeg'],
      ...['-metadata:s:t:1', 'filename=cover.jpg'],
    );
  });
  after(() => bench.close());

  /** A clip of six seconds with the inputs 1 cues.srt, 2 cues.ass, 3 chapters, 4 cover, 5 the sound once more. */
  async function dress(plain: string, output: string, ...mapping: readonly string[]): Promise<string> {
    const inputs = [
      plain,
      ...['cues.srt', 'cues.ass', 'chapters.txt', 'cover.jpg'].map((name) => bench.file(name)),
      plain,
    ];
    const chapters = ['-map_metadata', '3', '-map_chapters', '3'];
    await ffmpeg(
      ...inputs.flatMap((input) => ['-i', input]),
      ...chapters,
      '-c',
      'copy',
      ...mapping,
      bench.file(output),
    );
    return bench.file(output);
  }

  describe('in Matroska', () => {
    let output: string;
    before(async () => {
      output = bench.file('full-cut.mkv');
      const report = await bench.remove(bench.file('full.mkv'), output, CUT);
      assert.equal(report.method, 'smart', report.notes.join(' '));
      assert.deepEqual(report.notes, []);
      assert.deepEqual(await frameNumbers(output), remaining(180, 30, CUT));
    });

    it('keeps the subtitles, clipped and moved by the cut', async () => {
      assertCues(await cues(output, 0), CUT_CUES);
      assertCues(await cues(output, 1), CUT_CUES);
    });

    it('keeps what styled subtitles are made of', async () => {
      const { stdout } = await run('ffmpeg', ['-v', 'error', '-i', output, '-map', '0:s:1', '-f', 'ass', '-']);
      const source = await readFile(bench.file('cues.ass'), 'utf8');
      const styles = (text: string): string[] => text.split(/\r?\n/u).filter((line) => line.startsWith('Style:'));
      assert.ok(styles(source).length > 0);
      assert.deepEqual(styles(stdout), styles(source));
      assert.match(stdout, /Before \{\\i1\}all\{\\i0\}/);
    });

    it('keeps the chapters', async () => assertChapters(await chapters(output), CUT_CHAPTERS, 4));

    it('keeps fonts and the cover, byte for byte', async () => {
      const found = await probe(output);
      const font = found.streams.findIndex((stream) => stream.tags?.filename === 'font.ttf');
      const cover = found.streams.find((stream) => stream.disposition.attached_pic === 1);
      assert.equal(found.streams[font]?.tags?.mimetype, 'font/ttf');
      assert.equal(cover?.tags?.mimetype, 'image/jpeg');
      const dumped = bench.file('dumped.ttf');
      // Without an output ffmpeg complains after it has written the attachment.
      await run('ffmpeg', ['-v', 'quiet', '-y', `-dump_attachment:${font}`, dumped, '-i', output]).catch(
        () => undefined,
      );
      assert.equal(md5(await readFile(dumped)), md5(await readFile(bench.file('font.ttf'))));
      assert.equal(await coverHash(output), md5(await readFile(bench.file('cover.jpg'))));
    });

    it('keeps names, languages and roles of the tracks', async () => {
      const { streams, format } = await probe(output);
      const [picture, first, second, french, japanese] = streams;
      assert.equal(picture?.tags?.title, 'Camera');
      assert.deepEqual([first?.tags?.language, first?.disposition.default], ['eng', 1]);
      assert.deepEqual([second?.tags?.language, second?.tags?.title], ['deu', 'Kommentar']);
      assert.deepEqual([second?.disposition.comment, second?.disposition.default], [1, 0]);
      assert.deepEqual([french?.tags?.language, french?.tags?.title], ['fra', 'Sous-titres']);
      assert.deepEqual([french?.disposition.forced, french?.disposition.hearing_impaired], [1, 1]);
      assert.deepEqual([japanese?.tags?.language, japanese?.disposition.default], ['jpn', 1]);
      assert.equal(format.tags?.title, 'A day out');
      assert.equal(format.tags?.ARTIST, 'Somebody');
    });
  });

  it('keeps WebVTT and chapters in WebM', async () => {
    const plain = bench.file('plain.webm');
    const video = '-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 1M'.split(' ');
    await makeClip(plain, { frames: 180, video, audio: ['-c:a', 'libopus'] });
    const mapping = '-map 0:v -map 0:a -map 1 -c:s webvtt -metadata:s:s:0 language=fra -metadata:s:a:0 title=Voice';
    const input = await dress(plain, 'full.webm', ...mapping.split(' '));
    const output = bench.file('full-cut.webm');
    const report = await bench.remove(input, output, CUT);
    assert.doesNotMatch(report.notes.join(' '), /Not kept/);
    // Muxing moved the picture of the source a little against its cues and chapters.
    const lead = 0.5 - ((await cues(input, 0))[0]?.[0] ?? 0);
    assert.ok(Math.abs(lead) < 0.03);
    // What lies at the join stays there.
    const place = (time: number): number => (time === 2 ? 2 : time - lead);
    const moved = CUT_CUES.map(([start, end, text]): FoundCue => [place(start), place(end), text]);
    assertCues(await cues(output, 0), moved);
    assertChapters(await chapters(output), CUT_CHAPTERS, 4, lead);
    const { streams, format } = await probe(output);
    assert.equal(streams[1]?.tags?.title, 'Voice');
    assert.equal(streams[2]?.codec_name, 'webvtt');
    assert.equal(streams[2].tags?.language, 'fra');
    assert.equal(format.tags?.title, 'A day out');
  });

  for (const place of ['behind', 'before']) {
    it(`keeps subtitles, chapters, cover, rotation and colours in an MP4 encoded anew, index ${place} the media`, async () => {
      const plain = bench.file(`fields-${place}.mp4`);
      const video = '-c:v libx264 -preset veryfast -g 30 -flags +ildct+ilme -x264-params tff=1'.split(' ');
      const look = '-aspect 4:3 -color_primaries bt470bg -color_trc gamma28 -colorspace bt470bg -color_range tv';
      await makeClip(plain, { frames: 180, video: [...video, ...look.split(' ')] });
      const mapping = '-map 0:v -map 0:a -map 1 -map 4:v -c:s mov_text -disposition:v:1 attached_pic';
      const names = '-metadata:s:s:0 language=fra -metadata:s:a:0 language=swe -metadata:s:v:0 rotate=90';
      const flags = place === 'before' ? ['-movflags', '+faststart'] : [];
      const input = await dress(plain, `full-${place}.mp4`, ...`${mapping} ${names}`.split(' '), ...flags);
      const output = bench.file(`full-${place}-cut.mp4`);
      const report = await bench.remove(input, output, CUT);
      assert.equal(report.method, 'reencode');
      assert.doesNotMatch(report.notes.join(' '), /Not kept/);
      assert.deepEqual(await frameNumbers(output), remaining(180, 30, CUT));
      assertCues(await cues(output, 0), CUT_CUES);
      assertChapters(await chapters(output), CUT_CHAPTERS, 4);
      assert.equal(await coverHash(output), md5(await readFile(bench.file('cover.jpg'))));
      const { streams, format } = await probe(output);
      const [picture, voice, subtitles] = streams;
      const before = (await probe(input)).streams[0];
      assert.ok(before?.side_data_list?.[0]?.rotation);
      assert.equal(picture?.side_data_list?.[0]?.rotation, before.side_data_list[0].rotation);
      assert.equal(picture.sample_aspect_ratio, '3:4');
      assert.deepEqual(
        [picture.color_primaries, picture.color_transfer, picture.color_space, picture.color_range],
        ['bt470bg', 'bt470m', 'bt470bg', 'tv'].map((_, n) =>
          [before.color_primaries, before.color_transfer, before.color_space, before.color_range].at(n),
        ),
      );
      assert.equal(picture.color_primaries, 'bt470bg');
      assert.equal(voice?.tags?.language, 'swe');
      assert.equal(subtitles?.tags?.language, 'fra');
      assert.equal(format.tags?.title, 'A day out');
      assert.equal(format.tags.artist, 'Somebody');
      assert.equal(format.tags.comment, undefined);
      const order = topLevel(await readFile(output));
      assert.equal(order.indexOf('moov') < order.indexOf('mdat'), place === 'before', order.join(' '));
    });
  }

  it('turns the subtitles and chapters of Matroska into those of MP4 and MOV, and says what is lost', async () => {
    const input = bench.file('full.mkv');
    for (const ending of ['mp4', 'mov']) {
      const output = bench.file(`converted.${ending}`);
      const report = await bench.remove(input, output, CUT);
      const notes = report.notes.join(' ');
      assert.match(notes, /Not kept: the attachment "font.ttf"\./);
      assert.match(notes, /styled subtitles \(ASS\) became plain text/);
      assert.doesNotMatch(notes, /subtitle track|chapters/);
      assertCues(await cues(output, 0), CUT_CUES);
      assertCues(await cues(output, 1), CUT_CUES);
      assertChapters(await chapters(output), CUT_CHAPTERS, 4);
      const { streams } = await probe(output);
      const languages = streams.slice(1, 5).map((stream) => stream.tags?.language);
      assert.deepEqual(languages, ['eng', 'deu', 'fra', 'jpn']);
      if (ending === 'mp4') assert.equal(await coverHash(output), md5(await readFile(bench.file('cover.jpg'))));
      else assert.match(notes, /Not kept: the cover picture\./);
    }
  });

  it('turns the subtitles and chapters of MP4 into those of Matroska', async () => {
    const output = bench.file('converted.mkv');
    const report = await bench.remove(bench.file('full-behind.mp4'), output, CUT);
    assert.doesNotMatch(report.notes.join(' '), /Not kept/);
    assertCues(await cues(output, 0), CUT_CUES);
    assertChapters(await chapters(output), CUT_CHAPTERS, 4);
    const { streams } = await probe(output);
    assert.equal(streams[2]?.codec_name, 'subrip');
    assert.equal(streams[2].tags?.language, 'fra');
    assert.notEqual(streams[0]?.side_data_list?.[0]?.rotation, undefined);
    assert.equal(await coverHash(output), md5(await readFile(bench.file('cover.jpg'))));
  });

  it('shows all the lines of cues that overlap where only one can be shown at a time', async () => {
    const cuesFile = bench.file('overlap.srt');
    const overlapping = '1\n00:00:00,500 --> 00:00:01,500\nA\n\n2\n00:00:01,000 --> 00:00:04,500\nB\n';
    await writeFile(cuesFile, overlapping);
    const input = bench.file('overlap.mkv');
    await ffmpeg('-i', bench.file('plain.mkv'), '-i', cuesFile, '-c', 'copy', '-c:s', 'srt', input);
    const output = bench.file('overlap-cut.mp4');
    await bench.remove(input, output, CUT);
    assertCues(await cues(output, 0), [
      [0.5, 1, 'A'],
      [1, 1.5, 'A\nB'],
      [1.5, 2.5, 'B'],
    ]);
  });

  it('keeps the languages in a transport stream and names what it cannot hold', async () => {
    const output = bench.file('full-cut.ts');
    const report = await bench.remove(bench.file('full.mkv'), output, CUT);
    const lost = report.notes.filter((note) => note.startsWith('Not kept'));
    assert.deepEqual(lost, [
      'Not kept: a subtitle track "Sous-titres" (SUBRIP).',
      'Not kept: a subtitle track "jpn" (ASS).',
      'Not kept: the attachment "font.ttf".',
      'Not kept: the cover picture.',
      'Not kept: the chapters.',
    ]);
    assert.deepEqual(await frameNumbers(output), remaining(180, 30, CUT));
    const { streams } = await probe(output);
    assert.deepEqual(
      streams.filter(({ codec_type }) => codec_type === 'audio').map(({ tags }) => tags?.language),
      ['eng', 'deu'],
    );
  });

  it('reads transport streams and keeps all of their tracks in MP4', async () => {
    const input = bench.file('two.ts');
    const maps =
      '-map 0:v -map 0:a -map 0:a -c:v copy -c:a aac -metadata:s:a:0 language=eng -metadata:s:a:1 language=deu';
    await ffmpeg('-i', bench.file('plain.mkv'), ...maps.split(' '), input);
    const output = bench.file('two-cut.mp4');
    await bench.remove(input, output, CUT);
    assert.deepEqual(await frameNumbers(output), remaining(180, 30, CUT));
    const { streams } = await probe(output);
    assert.deepEqual(
      streams.map(({ tags }) => tags?.language),
      ['und', 'eng', 'deu'],
    );
  });

  describe('with subtitles made of pictures', () => {
    // Shown over the cut, only within it, from it on, and after it.
    const SHOWN = [
      [0, 1],
      [1.5, 3],
      [3.2, 3.4],
      [3.6, 4.5],
      [5, 5.4],
    ] as const;
    const CUT_SHOWN = [
      [0, 1],
      [1.5, 2],
      [2, 2.5],
      [3, 3.4],
    ] as const;
    before(async () => {
      await writeFile(bench.file('pictures.sup'), presentation(SHOWN));
    });

    const kinds = [
      ['Blu-ray', 'pgs.mkv', ['-c:s', 'copy'], 'hdmv_pgs_subtitle'],
      ['a DVD', 'dvd.mkv', ['-c:s', 'dvdsub'], 'dvd_subtitle'],
      ['DVB', 'dvb.ts', ['-c:s', 'dvbsub'], 'dvb_subtitle'],
    ] as const;
    for (const [name, file, coding, codec] of kinds) {
      it(`keeps those of ${name}, clipped and moved by the cut`, async () => {
        const input = bench.file(file);
        const subtitles = bench.file(`only-${file}`);
        await ffmpeg('-fix_sub_duration', '-i', bench.file('pictures.sup'), ...coding, '-muxdelay', '0', subtitles);
        const inputs = ['-i', bench.file('plain.mkv'), '-i', subtitles];
        const sound = file.endsWith('.ts') ? ['-c:a', 'mp2'] : [];
        const maps = '-map 0 -map 1 -c copy -metadata:s:s:0 language=fra'.split(' ');
        await ffmpeg(...inputs, ...maps, ...sound, input);
        const output = bench.file(file.replace('.', '-cut.'));
        const report = await bench.remove(input, output, CUT);
        assert.doesNotMatch(report.notes.join(' '), /Not kept/);
        const kept = (await probe(output)).streams.find(({ codec_type }) => codec_type === 'subtitle');
        assert.equal(kept?.codec_name, codec);
        assert.equal(kept.tags?.language, 'fra');
        const found = await shown(output);
        // The decoder passes over the first one of DVB, in the source as well.
        const expected = CUT_SHOWN.flat().filter((time) => time > 0 || codec !== 'dvb_subtitle');
        const joined = found.filter((time, n) => n === 0 || Math.abs(time - (found[n - 1] ?? 0)) > 0.02 || time > 2.1);
        assert.ok(found.length >= expected.length - 1, found.join(' '));
        for (const time of expected)
          assert.ok(
            found.some((at) => Math.abs(at - time) < 0.02),
            `${time} in ${found.join(' ')}`,
          );
        for (const time of joined)
          assert.ok(
            expected.some((at) => Math.abs(at - time) < 0.02),
            `${time} in ${found.join(' ')}`,
          );
      });
    }
  });

  const foreign = [
    ['old.mpg', '-c:v mpeg2video -bf 2 -b:v 4M', 'mp2'],
    ['disc.vob', '-c:v mpeg2video -b:v 4M -f vob', 'ac3'],
    ['clip.wmv', '-c:v wmv2 -b:v 3M', 'wmav2'],
    ['clip.flv', '-c:v flv -g 30 -b:v 3M', 'libmp3lame'],
    ['phone.3gp', '-c:v libx264 -preset veryfast -g 30', 'aac'],
  ] as const;
  for (const [name, coding, sound] of foreign) {
    it(`leaves exactly the other frames of ${name} in an MP4`, async () => {
      await makeClip(bench.file(name), { frames: 90, video: coding.split(' '), audio: ['-c:a', sound] });
      const output = bench.file(`${name}.mp4`);
      await bench.remove(bench.file(name), output, [0.8, 1.7]);
      assert.deepEqual(await frameNumbers(output), remaining(90, 30, [0.8, 1.7]));
    });
  }

  it('keeps cover, chapters and words of a song', async () => {
    const song = bench.file('song.flac');
    const sine = ['-f', 'lavfi', '-i', 'sine=d=6', '-i', bench.file('cover.jpg'), '-i', bench.file('chapters.txt')];
    await ffmpeg(...sine, ...'-map 0 -map 1 -map_metadata 2 -c:v copy -disposition:v attached_pic'.split(' '), song);
    const output = bench.file('song-cut.flac');
    const report = await bench.remove(song, output, CUT);
    assert.deepEqual(report.notes, []);
    assert.equal(await coverHash(output), md5(await readFile(bench.file('cover.jpg'))));
    assert.equal(titleOf(await probe(output)), 'A day out');
    const book = bench.file('book.m4a');
    await ffmpeg(
      ...sine,
      ...'-map 0 -map 1 -map_metadata 2 -map_chapters 2 -c:v copy -disposition:v attached_pic'.split(' '),
      book,
    );
    const cutBook = bench.file('book-cut.m4a');
    assert.doesNotMatch((await bench.remove(book, cutBook, CUT)).notes.join(' '), /Not kept/);
    assert.equal(await coverHash(cutBook), md5(await readFile(bench.file('cover.jpg'))));
    assertChapters(await chapters(cutBook), CUT_CHAPTERS, 4);
  });
});

interface Probed {
  readonly streams: readonly {
    readonly codec_name: string;
    readonly codec_type: string;
    readonly sample_aspect_ratio?: string;
    readonly color_primaries?: string;
    readonly color_transfer?: string;
    readonly color_space?: string;
    readonly color_range?: string;
    readonly tags?: Readonly<Record<string, string>>;
    readonly disposition: Readonly<Record<string, number>>;
    readonly side_data_list?: readonly Readonly<Record<string, unknown>>[];
  }[];
  readonly format: { readonly tags?: Readonly<Record<string, string>> };
  readonly chapters: readonly {
    readonly start_time: string;
    readonly end_time: string;
    readonly tags?: Readonly<Record<string, string>>;
  }[];
  readonly packets?: readonly { readonly pts_time: string }[];
}

async function probe(file: string, ...more: readonly string[]): Promise<Probed> {
  const show = ['-show_streams', '-show_format', '-show_chapters', ...more];
  const { stdout } = await run('ffprobe', ['-v', 'quiet', ...show, '-of', 'json', file], { maxBuffer: 1 << 28 });
  return JSON.parse(stdout) as Probed;
}

function titleOf({ format }: Probed): string | undefined {
  return format.tags?.TITLE ?? format.tags?.title;
}

/** When the first picture is shown, in the file's own time. */
async function pictureStart(file: string): Promise<number> {
  const { packets, streams } = await probe(file, '-select_streams', 'v:0', '-show_packets');
  if (!streams.some(({ codec_type, disposition }) => codec_type === 'video' && !disposition.attached_pic)) return 0;
  return Math.min(...(packets ?? []).map(({ pts_time }) => Number(pts_time)));
}

type FoundCue = readonly [number, number, string];

/** Cues as players show them: seconds after the first picture, and text without fonts. */
async function cues(file: string, track: number): Promise<FoundCue[]> {
  const zero = await pictureStart(file);
  const map = ['-map', `0:s:${track}`, '-c:s', 'srt', '-f', 'srt', '-'];
  const { stdout } = await run('ffmpeg', ['-v', 'quiet', '-copyts', '-i', file, ...map]);
  return stdout
    .replace(/\r/gu, '')
    .trim()
    .split(/\n\n+/u)
    .map((block) => {
      const [, times = '', ...lines] = block.split('\n');
      const [start = 0, end = 0] = times.split(' --> ').map((time) => {
        const [hours = 0, minutes = 0, seconds = 0] = time.replace(',', '.').split(':').map(Number);
        return hours * 3600 + minutes * 60 + seconds - zero;
      });
      return [start, end, lines.join('\n').replace(/<\/?font[^>]*>/gu, '')] as const;
    });
}

function assertCues(found: readonly FoundCue[], expected: readonly FoundCue[]): void {
  assert.deepEqual(
    found.map(([, , text]) => text),
    expected.map(([, , text]) => text),
  );
  for (const [n, [start, end, text]] of expected.entries()) {
    assert.ok(Math.abs((found[n]?.[0] ?? 0) - start) < 0.0025, `start of "${text}": ${found[n]?.[0]}`);
    assert.ok(Math.abs((found[n]?.[1] ?? 0) - end) < 0.0025, `end of "${text}": ${found[n]?.[1]}`);
  }
}

async function chapters(file: string): Promise<(readonly [number, number, string])[]> {
  const zero = await pictureStart(file);
  const found = (await probe(file)).chapters;
  return found.map((chapter) => {
    const start = Number(chapter.start_time);
    return [start === 0 ? 0 : start - zero, Number(chapter.end_time) - zero, chapter.tags?.title ?? ''];
  });
}

function assertChapters(
  found: readonly (readonly [number, number, string])[],
  expected: readonly (readonly [number, string])[],
  end: number,
  lead = 0,
): void {
  assert.deepEqual(
    found.map(([, , title]) => title),
    expected.map(([, title]) => title),
  );
  for (const [n, [start, title]] of expected.entries()) {
    const moved = start === 0 || start === 2 ? start : start - lead;
    assert.ok(Math.abs((found[n]?.[0] ?? 0) - moved) < 0.0025, `start of "${title}": ${found[n]?.[0]}`);
    const until = expected[n + 1]?.[0] ?? end;
    assert.ok(Math.abs((found[n]?.[1] ?? 0) - until) < 0.03, `end of "${title}": ${found[n]?.[1]}`);
  }
}

/** Seconds after the first picture at which ffmpeg sees pictures of the first subtitle track come and go. */
async function shown(file: string): Promise<number[]> {
  const zero = await pictureStart(file);
  const { stdout } = await run('ffprobe', [
    ...['-v', 'quiet', '-select_streams', 's:0', '-show_frames', '-of', 'json', file],
  ]);
  interface Shown {
    readonly frames?: readonly {
      readonly pts_time: string;
      readonly num_rects: number;
      readonly start_display_time: number;
      readonly end_display_time: number;
    }[];
  }
  const times: number[] = [];
  for (const frame of (JSON.parse(stdout) as Shown).frames ?? []) {
    const start = Number(frame.pts_time) - zero;
    times.push(start);
    const ends = frame.num_rects > 0 && frame.end_display_time > 0 && frame.end_display_time < 10_000;
    if (ends) times.push(start + frame.end_display_time / 1000);
  }
  return times;
}

/** A stream as Blu-ray has it (PGS in a .sup): a white box for each span of time, in seconds. */
function presentation(spans: readonly (readonly [number, number])[]): Buffer {
  const segment = (time: number, type: number, data: readonly number[]): Buffer => {
    const head = Buffer.alloc(13);
    head.write('PG');
    head.writeUInt32BE(Math.round(time * 90_000), 2);
    head.writeUInt8(type, 10);
    head.writeUInt16BE(data.length, 11);
    return Buffer.concat([head, Buffer.from(data)]);
  };
  const size = [320 >> 8, 320 & 255, 0, 180];
  const window = [0, 0, 10, 0, 10, 0, 16, 0, 8];
  const line = [0, 0x80 | 16, 1, 0, 0];
  const picture = Array.from({ length: 8 }, () => line).flat();
  const length = picture.length + 4;
  return Buffer.concat(
    spans.flatMap(([start, end], n) => [
      segment(start, 0x16, [...size, 0x10, 0, 2 * n, 0x80, 0, 0, 1, 0, 0, 0, 0, 0, 10, 0, 10]),
      segment(start, 0x17, [1, ...window]),
      segment(start, 0x14, [0, 0, 1, 235, 128, 128, 255]),
      segment(start, 0x15, [0, 0, 0, 0xc0, 0, length >> 8, length & 255, 0, 16, 0, 8, ...picture]),
      segment(start, 0x80, []),
      segment(end, 0x16, [...size, 0x10, 0, 2 * n + 1, 0, 0, 0, 0]),
      segment(end, 0x17, [1, ...window]),
      segment(end, 0x80, []),
    ]),
  );
}

async function coverHash(file: string): Promise<string> {
  const { streams } = await probe(file);
  const index = streams.findIndex(({ disposition }) => disposition.attached_pic === 1);
  assert.ok(index >= 0, 'no cover');
  const copy = ['-map', `0:${index}`, '-c', 'copy', '-f', 'image2pipe', '-'];
  const { stdout } = await run('ffmpeg', ['-v', 'quiet', '-i', file, ...copy], { encoding: 'buffer' });
  return md5(stdout);
}

function topLevel(data: Buffer): string[] {
  const types: string[] = [];
  for (let at = 0; at + 8 <= data.length; at += data.readUInt32BE(at) || data.length) {
    types.push(data.toString('latin1', at + 4, at + 8));
  }
  return types;
}
