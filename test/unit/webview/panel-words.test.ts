import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { PanelChatEntry, PanelState } from '../../../src/messages.js';
import { activityWords, engineWords } from '../../../webview/activity-words.js';
import { announcement } from '../../../webview/announcer.js';
import { carriesFiles, droppedUris, type DragPayload } from '../../../webview/drop-uris.js';
import { ICONS } from '../../../webview/icons.js';

describe('words for what goes on', () => {
  it('says "Connecting..." and then that it is ready, without technical detail', () => {
    assert.equal(engineWords({ activity: { kind: 'connecting' }, engine: 'cloud' }), 'Connecting...');
    assert.equal(engineWords({ activity: { kind: 'idle' }, engine: 'local' }), 'Ready · this machine');
    assert.equal(engineWords({ activity: { kind: 'idle' } }), 'Ready');
  });

  it('gives progress in whole percent, never above 100', () => {
    assert.equal(activityWords({ kind: 'uploading', fraction: 0.426 }, 'a.mp4'), 'Uploading a.mp4… 43%');
    assert.equal(activityWords({ kind: 'exporting', fraction: 1.2 }, undefined), 'Exporting… 100%');
    assert.equal(activityWords({ kind: 'exporting' }, undefined), 'Exporting…');
    const upload = { kind: 'uploading', fraction: 0.5, bytesPerSecond: 12_345_678 } as const;
    assert.equal(activityWords(upload, 'a.mp4'), 'Uploading a.mp4… 50% · 12.3 MB/s');
    const music = { id: '2', name: 'music.m4a', fraction: 0 };
    assert.equal(activityWords({ ...upload, files: [music] }, 'a.mp4'), 'Uploading music.m4a… 50% · 12.3 MB/s');
    const both = [{ ...music, id: '1', name: 'a.mp4' }, music];
    assert.equal(activityWords({ ...upload, files: both }, 'a.mp4'), 'Uploading 2 files… 50% · 12.3 MB/s');
    const render = { kind: 'exporting', fraction: 0.2, startedAt: 1000 } as const;
    assert.equal(activityWords(render, 'a.mp4', 3000), 'Exporting… 20%');
    assert.equal(activityWords(render, 'a.mp4', 76_000), 'Exporting… 20% · 1:15');
    assert.equal(
      activityWords({ ...render, secondsLeft: 118 }, 'a.mp4', 3000),
      'Exporting… 20% · about 2 minutes left',
    );
  });
});

describe('what a screen reader is told', () => {
  const entry = (more: Partial<PanelChatEntry>): PanelChatEntry => ({
    ...{ id: '1', kind: 'agent', text: 'Removed it.', streaming: false, actions: [] },
    ...more,
  });
  const state = (chat: PanelChatEntry[], activity: PanelState['activity'] = { kind: 'editing' }): PanelState => ({
    ...{ place: 'editor', sessionId: 's', title: '', marked: [], markedRevision: 0, removed: [], tracks: [] },
    ...{ canExport: false, chat, activity },
  });

  it('an answer once, when it is complete', () => {
    const streaming = state([entry({ text: 'Remo', streaming: true })]);
    assert.equal(announcement(state([]), streaming), '');
    assert.equal(announcement(streaming, state([entry({})])), 'Removed it.');
    assert.equal(announcement(state([entry({})]), state([entry({})])), '');
  });

  it('no history when a session opens', () => {
    assert.equal(announcement(undefined, state([entry({})])), '');
    assert.equal(announcement({ ...state([]), sessionId: 'other' }, state([entry({})])), '');
  });

  it('work as it begins, without a word for every percent', () => {
    const uploading = state([], { kind: 'uploading', fraction: 0.1 });
    assert.equal(announcement(state([], { kind: 'idle' }), uploading), 'Uploading');
    assert.equal(announcement(uploading, state([], { kind: 'uploading', fraction: 0.2 })), '');
  });
});

describe('clips dropped on the panel', () => {
  const payload = (data: Record<string, string>): DragPayload => ({
    types: Object.keys(data),
    getData: (type) => data[type] ?? '',
  });

  it("are read from VS Code's own list first, all lines of it", () => {
    const uris = 'vscode-remote://host/a.mp4\r\nvscode-remote://host/b.mp4\r\n';
    const drop = payload({ 'text/uri-list': 'file:///a.mp4', 'application/vnd.code.uri-list': uris });
    assert.deepEqual(droppedUris(drop), ['vscode-remote://host/a.mp4', 'vscode-remote://host/b.mp4']);
  });

  it('are read from the common list otherwise, without its comments', () => {
    assert.deepEqual(droppedUris(payload({ 'text/uri-list': '# clips\nfile:///a.mp4' })), ['file:///a.mp4']);
  });

  it('dragged text is not a clip', () => {
    assert.equal(carriesFiles(payload({ 'text/plain': 'hello' })), false);
  });
});

describe('icons', () => {
  it('are the ones of the codicon font that is packed', async () => {
    const css = await readFile(createRequire(import.meta.url).resolve('@vscode/codicons/dist/codicon.css'), 'utf8');
    for (const [name, point] of Object.entries(ICONS)) {
      assert.match(css, new RegExp(`\\.codicon-${name}:before \\{ content: "\\\\${point.toString(16)}" \\}`), name);
    }
  });
});
