import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import { answering } from './answers.js';
import { eventually } from './eventually.js';

const sample = join(import.meta.dirname, '../../../media/sample/interview.mp4');

async function seconds(path: string): Promise<number> {
  const args = ['-v', 'error', '-show_entries', 'format=duration', '-of', 'csv=p=0', path];
  return Number((await promisify(execFile)('ffprobe', args)).stdout);
}

const labels = (): string[] => vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).map(({ label }) => label);

describe('a clip that is renamed after it was cut', function () {
  this.timeout(60_000);
  const folder = join(vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '', 'renaming');
  const uri = (name: string): vscode.Uri => vscode.Uri.file(join(folder, name));
  const run = (command: string, ...args: unknown[]): Promise<unknown> =>
    Promise.resolve(vscode.commands.executeCommand(command, ...args));
  let length: number;

  before(async () => {
    length = await seconds(sample);
    await vscode.workspace
      .getConfiguration('videoTrimmer')
      .update('engine', 'local', vscode.ConfigurationTarget.Global);
  });
  beforeEach(async () => {
    await mkdir(folder, { recursive: true });
    await copyFile(sample, join(folder, 'talk.mp4'));
  });
  afterEach(async () => {
    await run('workbench.action.closeAllEditors');
    await rm(folder, { recursive: true, force: true });
    await rm(`${folder}-moved`, { recursive: true, force: true });
  });

  /** Cuts the second second out, as a person does from the palette. */
  const cut = async (name: string): Promise<void> => {
    const told = await answering(
      {
        showQuickPick: (items) => (items as { label: string }[]).find(({ label }) => label === name),
        showOpenDialog: () => [uri(name)],
        showInputBox: () => '0:01-0:02',
      },
      () => run('videoTrimmer.trimMiddleSection'),
    );
    assert.deepEqual(
      told.filter(({ how }) => how === 'showErrorMessage').map(({ text }) => text),
      [],
    );
  };
  const exportWithoutError = async (): Promise<void> => {
    const told = await answering({}, () => run('videoTrimmer.exportVideo'));
    assert.deepEqual(
      told.filter(({ how }) => how !== 'showInformationMessage').map(({ text }) => text),
      [],
    );
  };
  const renamed = async (from: vscode.Uri, to: vscode.Uri): Promise<void> => {
    const edit = new vscode.WorkspaceEdit();
    edit.renameFile(from, to);
    assert.equal(await vscode.workspace.applyEdit(edit), true);
  };

  it('in VS Code: its tab has the new name, and the export is of what was cut', async () => {
    await cut('talk.mp4');
    await renamed(uri('talk.mp4'), uri('speech.mp4'));
    await eventually(() => assert.deepEqual(labels(), ['speech.mp4']));
    await exportWithoutError();
    const file = join(folder, 'speech.trimmed.mp4');
    assert.ok(Math.abs((await seconds(file)) - (length - 1)) < 0.1);
  });

  it('with its folder, and what was exported before keeps its name', async () => {
    await cut('talk.mp4');
    await answering({}, () => run('videoTrimmer.exportVideo'));
    await renamed(vscode.Uri.file(folder), vscode.Uri.file(`${folder}-moved`));
    await eventually(() => assert.deepEqual(labels(), ['talk.mp4']));
    await answering({}, () => run('videoTrimmer.exportVideo'));
    assert.deepEqual((await readdir(`${folder}-moved`)).sort(), ['talk.mp4', 'talk.trimmed-2.mp4', 'talk.trimmed.mp4']);
  });

  it('in a tab that shows the file itself, though an older session was on that name: the tab goes on with its own', async () => {
    await cut('talk.mp4');
    await run('workbench.action.closeAllEditors');
    await run('vscode.openWith', uri('talk.mp4'), 'videoTrimmer.editor', { preview: false });
    await eventually(() => assert.deepEqual(labels(), ['talk.mp4']));
    await renamed(uri('talk.mp4'), uri('speech.mp4'));
    await eventually(() => assert.deepEqual(labels(), ['speech.mp4']));
    // The name of the tab is VS Code's: it is there before the session has followed.
    await eventually(async () => {
      await exportWithoutError();
      assert.ok((await readdir(folder)).includes('speech.trimmed.mp4'));
    }, 20_000);
    assert.ok(Math.abs((await seconds(join(folder, 'speech.trimmed.mp4'))) - (length - 1)) < 0.1);
  });

  it('by another program: that is said with the new name, and one press makes the export that was asked for', async () => {
    await rename(join(folder, 'talk.mp4'), join(folder, 'lecture.mp4'));
    await cut('lecture.mp4');
    await rename(join(folder, 'lecture.mp4'), join(folder, 'lesson.mp4'));
    let pressed = false;
    const told = await answering(
      {
        showErrorMessage: (_text, ...items) => {
          const use = (items as { title?: string }[]).find(({ title }) => title === 'Use It');
          pressed ||= use !== undefined;
          return use;
        },
      },
      async () => {
        await run('videoTrimmer.exportVideo');
        await eventually(
          async () => assert.deepEqual((await readdir(folder)).sort(), ['lecture.trimmed.mp4', 'lesson.mp4']),
          20_000,
        );
      },
    );
    assert.ok(told.some(({ text }) => text === 'lecture.mp4 was renamed to lesson.mp4.'));
    assert.ok(pressed);
    assert.ok(Math.abs((await seconds(join(folder, 'lecture.trimmed.mp4'))) - (length - 1)) < 0.1);
  });
});
