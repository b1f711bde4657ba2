import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import { answering } from './answers.js';
import { eventually } from './eventually.js';

const sample = join(import.meta.dirname, '../../../media/sample.mp4');

async function frames(path: string): Promise<number> {
  const args = ['-v', 'error', '-select_streams', 'v:0', '-count_packets', '-show_entries', 'stream=nb_read_packets'];
  const { stdout } = await promisify(execFile)('ffprobe', [...args, '-of', 'csv=p=0', path]);
  return Number.parseInt(stdout, 10);
}

function tabs(): string[] {
  return vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .filter(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith('videoTrimmer.editor'))
    .map((tab) => tab.label);
}

const NO_VIDEO =
  'notes.txt is not a video that can be trimmed. Videos end in mp4, mov, avi, webm, mkv, m4v, mts, m2ts, flv, wmv, asf, mpg, mpeg, vob, 3gp and 3g2.';

describe('the commands', function () {
  this.timeout(60_000);
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
  const clips = join(folder, 'clips');
  const uri = (name: string): vscode.Uri => vscode.Uri.file(join(clips, name));

  before(async () => {
    assert.ok(folder, 'the tests run without a workspace folder');
    await mkdir(clips, { recursive: true });
    for (const name of ['talk.mp4', 'Demo.MP4']) await copyFile(sample, join(clips, name));
    await copyFile(join(import.meta.dirname, '../../../LICENSE'), join(clips, 'notes.txt'));
    await copyFile(join(import.meta.dirname, '../../../LICENSE'), join(clips, 'text.mp4'));
    await vscode.workspace
      .getConfiguration('videoTrimmer')
      .update('engine', 'local', vscode.ConfigurationTarget.Global);
  });

  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  after(async () => {
    await rm(clips, { recursive: true, force: true });
  });

  /** The person who chooses this file: from the list, or in the dialog where VS Code cannot search the workspace. */
  const choosing = (name: string): Parameters<typeof answering>[0] => ({
    showQuickPick: (items) => (items as { label: string }[]).find(({ label }) => label === name),
    showOpenDialog: () => [uri(name)],
  });

  it('opens a tab for each selected video, and the same tab again', async () => {
    const selected = [uri('talk.mp4'), uri('Demo.MP4'), uri('notes.txt')];
    await vscode.commands.executeCommand('videoTrimmer.trimMiddleSection', selected[0], selected);
    await eventually(() => assert.deepEqual(tabs(), ['talk.mp4', 'Demo.MP4']));
    await vscode.commands.executeCommand('videoTrimmer.trimMiddleSection', selected[0], [selected[0]]);
    await eventually(() => {
      assert.deepEqual(tabs(), ['talk.mp4', 'Demo.MP4']);
      assert.equal(vscode.window.tabGroups.activeTabGroup.activeTab?.label, 'talk.mp4');
    });
  });

  it('says in words that a text file is no video', async () => {
    const told = await answering({}, () =>
      Promise.resolve(vscode.commands.executeCommand('videoTrimmer.trimMiddleSection', uri('notes.txt'))),
    );
    assert.deepEqual(
      told.map(({ how, text }) => [how, text]),
      [['showErrorMessage', NO_VIDEO]],
    );
  });

  it('says in words that a renamed text file is no video, before it asks for a section', async () => {
    const told = await answering(choosing('text.mp4'), () =>
      Promise.resolve(vscode.commands.executeCommand('videoTrimmer.trimMiddleSection')),
    );
    assert.deepEqual(
      told.map(({ how }) => how),
      [told[0]?.how, 'showErrorMessage'],
    );
    assert.match(told[1]?.text ?? '', /^text\.mp4 .*\.$/);
    assert.doesNotMatch(told[1]?.text ?? '', /Error|\bat \/|undefined/);
  });

  it('asks for file and section without a selection, checks the section while it is typed, and cuts exactly', async () => {
    const checked: unknown[] = [];
    const asked = await answering(
      {
        ...choosing('talk.mp4'),
        showInputBox: async (options) => {
          const input = options as vscode.InputBoxOptions;
          for (const typed of ['soon', '1:20-0:45', '0:45-3:00', '0:10-0:20, 0:15-0:30', '0:45-1:20']) {
            checked.push(await input.validateInput?.(typed));
          }
          return '0:45-1:20';
        },
      },
      async () => {
        await vscode.commands.executeCommand('videoTrimmer.trimMiddleSection');
        await vscode.commands.executeCommand('videoTrimmer.exportVideo');
      },
    );
    assert.deepEqual(checked, [
      'Type a time such as 0:45, 45.5 or 1:02:03.250.',
      'The out point is before the in point (1:20).',
      'The clip ends at 2:00. Choose an out point up to that.',
      'Overlaps the section 0:10–0:20.',
      undefined,
    ]);
    assert.equal(await frames(join(clips, 'talk.trimmed.mp4')), 3600 - 35 * 30);
    const said = asked.find(({ how }) => how === 'showInformationMessage');
    assert.equal(said?.text, 'Exported talk.trimmed.mp4 (1:25).');
  });

  it('never overwrites, and leaves nothing but the results behind', async () => {
    const source = await readFile(join(clips, 'talk.mp4'));
    await vscode.commands.executeCommand('videoTrimmer.trimMiddleSection', uri('talk.mp4'));
    await answering({}, () => Promise.resolve(vscode.commands.executeCommand('videoTrimmer.exportVideo')));
    assert.deepEqual((await readdir(clips)).sort(), [
      'Demo.MP4',
      'notes.txt',
      'talk.mp4',
      'talk.trimmed-2.mp4',
      'talk.trimmed.mp4',
      'text.mp4',
    ]);
    assert.ok(source.equals(await readFile(join(clips, 'talk.mp4'))), 'the source was changed');
  });

  it('says where the tracks are, in the words of the product', async () => {
    const told = await answering({}, () => Promise.resolve(vscode.commands.executeCommand('videoTrimmer.showTracks')));
    assert.deepEqual(
      told.map(({ text }) => text),
      ['Timeline (2 tracks): 1. Video: talk.mp4 (0-85s) 2. Sound: talk.mp4 (0-85s)'],
    );
  });

  /** As the person who opens the list of sessions and presses the bin beside one. */
  async function deleteSession(label: string): Promise<void> {
    const window = vscode.window as unknown as Record<string, unknown>;
    const real = window['createQuickPick'];
    const pressed = new vscode.EventEmitter<unknown>();
    const none = (): void => undefined;
    const pick = { items: [] as { label: string; buttons: unknown[] }[], value: '' };
    const rest = { onDidTriggerItemButton: pressed.event, onDidChangeValue: none, onDidAccept: none, onDidHide: none };
    const show = (): void => {
      const item = pick.items.find((one) => one.label === label);
      pressed.fire({ item, button: item?.buttons[1] });
    };
    window['createQuickPick'] = () => Object.assign(pick, rest, { show, dispose: none });
    try {
      await vscode.commands.executeCommand('videoTrimmer.searchSessions');
    } finally {
      window['createQuickPick'] = real;
    }
  }

  it('ends an export whose session is deleted while it exports, and leaves nothing of it behind', async () => {
    await vscode.commands.executeCommand('videoTrimmer.trimMiddleSection', uri('talk.mp4'));
    const before = (await readdir(clips)).sort();
    const told = await answering({ showWarningMessage: () => 'Delete' }, async () => {
      const exporting = vscode.commands.executeCommand('videoTrimmer.exportVideo');
      await deleteSession('talk.mp4');
      await exporting;
    });
    assert.deepEqual(
      told.map(({ how, text }) => [how, text]),
      [['showWarningMessage', 'Delete the session talk.mp4?']],
    );
    assert.deepEqual((await readdir(clips)).sort(), before);
    await eventually(() => assert.ok(!tabs().includes('talk.mp4')));
  });

  it('says that cutting on this machine needs no credits', async () => {
    const told = await answering({}, () =>
      Promise.resolve(vscode.commands.executeCommand('videoTrimmer.checkCredits')),
    );
    assert.deepEqual(
      told.map(({ text }) => text),
      ['Cutting on this machine is free and needs no credits.'],
    );
  });
});
