// Cut lists and subtitles beside a real clip: the person's questions are answered, all else is VS Code and the engine.
import assert from 'node:assert/strict';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { answering, type Asked } from './answers.js';

const sample = join(import.meta.dirname, '../../../media/sample.mp4');

describe('cut lists', function () {
  this.timeout(60_000);
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
  const clips = join(folder, 'lists');
  const uri = (name: string): vscode.Uri => vscode.Uri.file(join(clips, name));
  const files = (): Promise<string[]> => readdir(clips).then((names) => names.sort());
  type Answers = Parameters<typeof answering>[0];

  before(async () => {
    await mkdir(clips, { recursive: true });
    await copyFile(sample, join(clips, 'talk.mp4'));
    await vscode.workspace
      .getConfiguration('videoTrimmer')
      .update('engine', 'local', vscode.ConfigurationTarget.Global);
  });
  afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));
  after(() => rm(clips, { recursive: true, force: true }));

  async function run(command: string, argument?: vscode.Uri, answers: Answers = {}): Promise<Asked[]> {
    return await answering(answers, () =>
      Promise.resolve(vscode.commands.executeCommand(`videoTrimmer.${command}`, argument)),
    );
  }
  const sentences = (asked: readonly Asked[]): string[] => asked.map(({ text }) => text);
  /** Chooses a format by its label. */
  const choosing = (label: string): Answers => ({
    showQuickPick: (items) => (items as { label: string }[]).find((item) => item.label === label),
  });

  it('an EDL beside its clip is marked, and what is marked already is not marked again', async () => {
    await writeFile(
      join(clips, 'talk.edl'),
      'TITLE: talk\r\nFCM: NON-DROP FRAME\r\n\r\n001  AX       V     C        00:00:00:00 00:00:45:00 01:00:00:00 01:00:45:00\r\n* FROM CLIP NAME: talk.mp4\r\n002  AX       V     C        00:01:20:00 00:02:00:00 01:00:45:00 01:01:25:00\r\n* FROM CLIP NAME: talk.mp4\r\n',
    );
    assert.deepEqual(sentences(await run('importCutList', uri('talk.edl'))), ['1 section is marked in talk.mp4.']);
    assert.deepEqual(sentences(await run('importCutList', uri('talk.edl'))), [
      'There is nothing new to mark in talk.mp4. Not taken over: sections that are marked or removed already (1).',
    ]);
  });

  it('what is marked is written in each format, beside the clip, and never over another file', async () => {
    const wanted: [string, string, RegExp][] = [
      ['EDL', 'talk-2.edl', /002 {2}TALK {5}AA\/V {2}C {8}00:01:20:00 00:02:00:00 01:00:45:00 01:01:25:00/],
      [
        'FCPXML',
        'talk.fcpxml',
        /<asset-clip ref="r2" offset="45\/1s" name="talk\.mp4" start="80\/1s" duration="40\/1s"/,
      ],
      ['LosslessCut', 'talk-proj.llc', /mediaFileName: 'talk\.mp4',[^]*start: 80,\s*end: 120,/],
      ['CSV', 'talk.csv', /^Start,End,Name\n0,45,\n80,120,\n$/],
      ['Chapters of this video', 'talk.chapters.txt', /^0:00 Part 1\n0:45 Removed part 1\n1:20 Part 2\n$/],
      ['Chapters of the result', 'talk.result-chapters.txt', /^0:00 Part 1\n0:45 Part 2\n$/],
    ];
    for (const [label, name, content] of wanted) {
      const asked = await run('exportCutList', undefined, choosing(label));
      assert.match(asked.at(-1)?.text ?? '', new RegExp(`^Wrote ${name.replaceAll('.', '\\.')}\\.`));
      assert.match(await readFile(join(clips, name), 'utf8'), content);
    }
    assert.deepEqual(
      (await files()).filter((name) => name.startsWith('.')),
      [],
      'no temporary file is left',
    );
  });

  it('each of them is read again, and where a format does not say whether its sections stay, the person is asked', async () => {
    // Another clip of the same length, so that nothing is marked in it.
    for (const name of ['talk-2.edl', 'talk.fcpxml', 'talk-proj.llc', 'talk.csv', 'talk.chapters.txt']) {
      const own = `again ${name.replace(/^talk/, '')}`.replace(/\W+/g, '');
      await copyFile(sample, join(clips, `${own}.mp4`));
      const ending = name.slice(name.indexOf('.'));
      const text = (await readFile(join(clips, name), 'utf8')).replaceAll('talk.mp4', `${own}.mp4`);
      await writeFile(join(clips, `${own}${ending}`), text);
      const asked = await run('importCutList', uri(`${own}${ending}`), {
        showQuickPick: (items, options) =>
          (options as vscode.QuickPickOptions).canPickMany === true
            ? (items as { picked: boolean }[]).filter(({ picked }) => picked)
            : (items as { label: string }[]).find(({ label }) => label === 'Keep these'),
      });
      assert.equal(asked.at(-1)?.text, `1 section is marked in ${own}.mp4.`, name);
      assert.equal(asked.length, name.endsWith('.csv') || name.endsWith('.txt') ? 2 : 1, name);
    }
  });

  it('a list that cannot be read, and one about other videos, are refused in words', async () => {
    await writeFile(join(clips, 'talk.llc'), 'no project');
    await writeFile(join(clips, 'talk.fcpxml'), '<!DOCTYPE x [<!ENTITY a "b">]><fcpxml/>');
    for (const [name, sentence] of [
      ['talk.llc', /^talk\.llc cannot be read as a cut list\./],
      ['talk.fcpxml', /^talk\.fcpxml lists no section/],
      ['gone.edl', /^gone\.edl cannot be read\.$/],
    ] as const) {
      const asked = await run('importCutList', uri(name));
      assert.deepEqual(
        asked.map(({ how }) => how),
        ['showErrorMessage'],
      );
      assert.match(asked[0]?.text ?? '', sentence);
    }
  });

  it('subtitles beside a clip: where nothing is said is marked, and they are cut along with it', async () => {
    await copyFile(sample, join(clips, 'said.mp4'));
    const cues = [
      ['00:00:00,000', '00:00:45,000', 'Before'],
      ['00:00:44,000', '00:00:44,900', 'and more'],
      ['00:01:20,000', '00:02:00,000', 'After'],
    ];
    const srt = cues.map(([from, to, text], n) => `${n + 1}\r\n${from} --> ${to}\r\n${text}\r\n\r\n`).join('');
    await writeFile(join(clips, 'said.en.srt'), `\ufeff${srt}`, 'utf16le');
    await vscode.commands.executeCommand('videoTrimmer.trimMiddleSection', uri('said.mp4'));
    assert.deepEqual(sentences(await run('markUnsaid')), ['1 section is marked in said.mp4.']);
    const told = sentences(await run('exportVideo')).find((text) => text.startsWith('Exported'));
    // The margins of the settings stay: 0.1 s on either side.
    assert.match(
      told ?? '',
      /^Exported said\.trimmed\.mp4 \(1:25\.2\)\. .*Subtitles cut along: said\.trimmed\.en\.srt\./,
    );
    const cut = await readFile(join(clips, 'said.trimmed.en.srt'), 'utf16le');
    assert.equal(
      cut,
      '\ufeff' +
        '1\r\n00:00:00,000 --> 00:00:45,000\r\nBefore\r\n\r\n' +
        '2\r\n00:00:44,000 --> 00:00:44,900\r\nand more\r\n\r\n' +
        '3\r\n00:00:45,200 --> 00:01:25,200\r\nAfter\r\n\r\n',
    );
  });

  it('a clip without subtitles says where to put them', async () => {
    await vscode.commands.executeCommand('videoTrimmer.trimMiddleSection', uri('talk.mp4'));
    const [told] = sentences(await run('markUnsaid'));
    assert.match(told ?? '', /^No subtitles lie beside talk\.mp4\./);
  });
});
