import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cutSideSubtitles, subtitlesBeside } from '../../../src/session/side-subtitles.js';
import { chat, scene, SECOND, type Scene } from './scripted-cloud.js';

const cue = (number: number, from: string, to: string, text: string): string =>
  `${number}\n00:0${from} --> 00:0${to}\n${text}\n\n`;
const SUBTITLES =
  cue(1, '0:10,000', '0:12,000', 'Hello') +
  cue(2, '1:00,000', '1:02,000', 'gone') +
  cue(3, '1:19,000', '1:25,500', 'clipped');
const CUT = cue(1, '0:10,000', '0:12,000', 'Hello') + cue(2, '0:45,000', '0:50,500', 'clipped');

describe('subtitles beside an exported clip', () => {
  let folder: string;
  let clip: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trim-subtitles-'));
    clip = join(folder, 'talk.mp4');
    await writeFile(clip, 'the source');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const put = (name: string, content: string | Uint8Array = SUBTITLES): Promise<void> =>
    writeFile(join(folder, name), content);
  const files = (): Promise<string[]> => readdir(folder).then((names) => names.sort());

  describe('in the cloud', () => {
    let s: Scene;
    const edited = async (cutsSubtitles?: () => boolean): Promise<void> => {
      s = scene({ clip, resultLength: () => 145 * SECOND });
      Object.assign(s.ports, { cutsSubtitles });
      s.cloud.scripts = [[{ cut: { in: 45 * SECOND, out: 80 * SECOND } }]];
      await s.clock.run(s.session.remove([{ in: 45 * SECOND, out: 80 * SECOND }]));
    };

    it('are cut on this machine, get the result’s name, and are told of', async () => {
      await put('talk.srt');
      await put('talk.zh-Hans.srt');
      await edited();
      const outcome = await s.clock.run(s.session.export());
      assert.deepEqual(await files(), [
        'talk.mp4',
        'talk.srt',
        'talk.trimmed.mp4',
        'talk.trimmed.srt',
        'talk.trimmed.zh-Hans.srt',
        'talk.zh-Hans.srt',
      ]);
      assert.equal(await readFile(join(folder, 'talk.trimmed.srt'), 'utf8'), CUT);
      assert.equal(await readFile(join(folder, 'talk.srt'), 'utf8'), SUBTITLES, 'the source is left as it is');
      assert.deepEqual(outcome.subtitles, { written: ['talk.trimmed.srt', 'talk.trimmed.zh-Hans.srt'], notes: [] });
      assert.match(
        chat(s.session).at(-1) ?? '',
        /3:00 → 2:25\. Subtitles cut along: talk\.trimmed\.srt and talk\.trimmed\.zh-Hans\.srt\./u,
      );
    });

    it('are left alone where the setting says so', async () => {
      await put('talk.srt');
      await edited(() => false);
      const outcome = await s.clock.run(s.session.export());
      assert.equal(outcome.subtitles, undefined);
      assert.deepEqual(await files(), ['talk.mp4', 'talk.srt', 'talk.trimmed.mp4']);
    });

    it('never overwrite, and the export stands where they cannot be written', async () => {
      await put('talk.srt');
      await put('talk.trimmed.srt', 'mine');
      await edited();
      const { subtitles, outputPath } = await s.clock.run(s.session.export());
      assert.equal(await readFile(outputPath, 'utf8'), 'the result');
      assert.equal(await readFile(join(folder, 'talk.trimmed.srt'), 'utf8'), 'mine');
      assert.deepEqual(subtitles?.written, []);
      assert.match(subtitles?.notes[0] ?? '', /^talk\.trimmed\.srt is there already and was left as it is\./u);
      assert.deepEqual(await files(), ['talk.mp4', 'talk.srt', 'talk.trimmed.mp4', 'talk.trimmed.srt']);
    });
  });

  const request = (): Parameters<typeof cutSideSubtitles>[0] => ({
    clip,
    output: join(folder, 'talk.trimmed.mp4'),
    kept: [
      { in: 0, out: 45 * SECOND },
      { in: 80 * SECOND, out: 180 * SECOND },
    ],
    join: undefined,
    duration: 145 * SECOND,
  });

  it('belong to a clip by its name and a language, not to another clip’s', async () => {
    const own = ['talk.fr.SRT', 'talk.en.srt', 'talk.en.forced.vtt', 'talk.pt_BR.srt', 'talk.srt', 'talk.vtt'];
    const others = [
      'talk.trimmed.srt',
      'talk2.srt',
      'talk.txt',
      'other.srt',
      'talk.de.srt',
      'talk.de.mp4',
      'talk.a b.srt',
    ];
    for (const name of [...own, ...others]) await put(name);
    assert.deepEqual((await subtitlesBeside(clip)).sort(), own.sort());
    assert.deepEqual(await subtitlesBeside(join(folder, 'nowhere', 'x.mp4')), []);
  });

  it('keep their encoding', async () => {
    const legacy = Buffer.concat([Buffer.from(SUBTITLES), Buffer.from([0xc4, 0xe3, 0xba, 0xc3, 0x0a])]);
    await put('talk.srt', Buffer.from(`\ufeff${SUBTITLES}`, 'utf16le'));
    await put('talk.zh.srt', legacy);
    assert.deepEqual((await cutSideSubtitles(request()))?.notes, []);
    assert.equal(await readFile(join(folder, 'talk.trimmed.srt'), 'utf16le'), `\ufeff${CUT}`);
    const cut = Buffer.concat([Buffer.from(CUT), Buffer.from([0xc4, 0xe3, 0xba, 0xc3, 0x0a])]);
    assert.ok(cut.equals(await readFile(join(folder, 'talk.trimmed.zh.srt'))));
  });

  it('that cannot be followed, read or kept are told of, and nothing is written', async () => {
    await put('talk.srt', cue(1, '1:00,000', '1:02,000', 'gone'));
    await put('talk.en.srt', Uint8Array.from([0, 1, 2, 0]));
    await put('talk.fr.srt', 'no subtitles');
    const { written, notes } = (await cutSideSubtitles(request())) ?? {};
    assert.deepEqual(written, []);
    assert.deepEqual(
      notes?.map((note) => note.slice(0, 40)),
      [
        'talk.en.srt was not cut along: it cannot',
        'talk.fr.srt was not cut along: it cannot',
        'Nothing of talk.srt is left: all of it w',
      ],
    );
    const other = await cutSideSubtitles({ ...request(), duration: 100 * SECOND });
    assert.match(other?.notes[0] ?? '', /the timeline does not say/u);
    assert.equal((await cutSideSubtitles({ ...request(), kept: undefined }))?.notes.length, 1);
    assert.deepEqual(await files(), ['talk.en.srt', 'talk.fr.srt', 'talk.mp4', 'talk.srt']);
  });
});
