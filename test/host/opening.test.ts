import assert from 'node:assert/strict';
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { answering } from './answers.js';
import { eventually } from './eventually.js';

const sample = join(import.meta.dirname, '../../../media/sample/interview.mp4');

/** The tabs in which our editor shows a file, by their column. */
function fileTabs(): { readonly name: string; readonly column: number; readonly isActive: boolean }[] {
  return vscode.window.tabGroups.all.flatMap(({ tabs, viewColumn, isActive: ofActiveGroup }) =>
    tabs.flatMap(({ input, label, isActive }) =>
      input instanceof vscode.TabInputCustom && input.viewType === 'videoTrimmer.editor'
        ? [{ name: label, column: viewColumn, isActive: isActive && ofActiveGroup }]
        : [],
    ),
  );
}

function labels(): string[] {
  return vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).map(({ label }) => label);
}

describe('opening a video', function () {
  this.timeout(60_000);
  const folder = join(vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '', 'opening');
  const uri = (name: string): vscode.Uri => vscode.Uri.file(join(folder, name));
  const run = (command: string, ...args: unknown[]): Thenable<unknown> =>
    vscode.commands.executeCommand(command, ...args);

  before(async () => {
    await mkdir(folder, { recursive: true });
    for (const name of ['talk.mp4', 'clip.MKV']) await copyFile(sample, join(folder, name));
  });

  afterEach(async () => {
    await run('workbench.action.closeAllEditors');
  });

  after(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('is done by our editor for every kind of file that the menu is on, in any case', async () => {
    for (const name of ['talk.mp4', 'clip.MKV']) {
      await run('videoTrimmer.openInTrimmer', uri(name));
      await eventually(() => assert.ok(fileTabs().some((tab) => tab.name === name && tab.isActive)));
    }
  });

  it('shows "Trim Middle Section" in the tab that has the file already', async () => {
    await run('vscode.openWith', uri('talk.mp4'), 'videoTrimmer.editor');
    await run('vscode.openWith', uri('clip.MKV'), 'videoTrimmer.editor', vscode.ViewColumn.Two);
    await eventually(() => assert.equal(fileTabs().length, 2));
    await run('videoTrimmer.trimMiddleSection', uri('talk.mp4'));
    await eventually(() =>
      assert.deepEqual(
        fileTabs()
          .filter((tab) => tab.isActive)
          .map(({ name }) => name),
        ['talk.mp4'],
      ),
    );
    assert.deepEqual(labels().sort(), ['clip.MKV', 'talk.mp4']);
  });

  it('keeps the tab when the file gets another name', async () => {
    await run('vscode.openWith', uri('talk.mp4'), 'videoTrimmer.editor', { preview: false });
    await eventually(() => assert.equal(fileTabs().length, 1));
    const edit = new vscode.WorkspaceEdit();
    edit.renameFile(uri('talk.mp4'), uri('speech.mp4'));
    assert.equal(await vscode.workspace.applyEdit(edit), true);
    await eventually(() => {
      assert.deepEqual(
        fileTabs().map(({ name }) => name),
        ['speech.mp4'],
      );
      assert.deepEqual(labels(), ['speech.mp4']);
    });
  });

  it('is refused in words for what is no video', async () => {
    const asked = await answering({}, async () => run('videoTrimmer.openInTrimmer', uri('notes.txt')));
    assert.match(asked[0]?.text ?? '', /^notes\.txt is not a video that can be trimmed\./);
  });

  it('brings a sample to try on, the same one again', async () => {
    for (let times = 0; times < 2; times += 1) {
      await run('videoTrimmer.openSample');
      await eventually(() => assert.deepEqual(labels(), ['interview.mp4']));
    }
  });
});
