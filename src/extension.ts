import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { chooseEngineOnce } from './commands/account.js';
import { registerAgents } from './commands/agents.js';
import { carryingOut } from './commands/carry-out.js';
import type { CommandDeps } from './commands/deps.js';
import { EngineRoom } from './commands/engine-room.js';
import { logJobs } from './commands/job-log.js';
import { Journal } from './commands/journal.js';
import { keepLauncher } from './commands/mcp-provider.js';
import { panelActions } from './commands/panel-requests.js';
import { cutsSubtitles, ExportDesk, outputTemplate } from './commands/export-desk.js';
import { takeUpInterrupted } from './commands/export.js';
import { followForgetting } from './commands/forgotten.js';
import { makeCommands, registerCommands } from './commands/register.js';
import { admitToMedia, onceTrusted, requireTrust } from './commands/trust.js';
import { WatchedMedia } from './commands/watched-media.js';
import type { LocalEngine } from './local/engine.js';
import { createMediaEngine } from './media/engine.js';
import { systemClock } from './nemo/clock.js';
import { sessionLanguage } from './session/language.js';
import { SessionBook } from './session/session-book.js';
import { StateJournal } from './session/state-journal.js';
import { ClipEditor } from './views/clip-editor.js';
import { ClipMedia } from './views/clip-media.js';
import { CurrentSession } from './views/current-session.js';
import { FirstSteps } from './views/first-steps.js';
import { MarkStore } from './views/marks.js';
import type { PanelDeps } from './views/panel-host.js';
import { onPauseSettings, readPauseSettings } from './views/pause-settings.js';
import { RenamedClips } from './views/renamed-clips.js';
import { SessionTree } from './views/session-tree.js';
import { StatusBar } from './views/status-bar.js';
import { TreeDrop } from './views/tree-drop.js';
import { SidebarView } from './views/sidebar-view.js';
import { StateKeys } from './views/state-keys.js';
import { TrimEditors } from './views/trim-editor.js';

/** Builds the parts and joins them. What they do is theirs. */
export function activate(context: vscode.ExtensionContext): void {
  // The layers without VS Code word their sentences with the library; both read the one bundle. Without one it is English.
  if (vscode.l10n.bundle) l10n.config({ contents: vscode.l10n.bundle });
  const output = vscode.window.createOutputChannel('Video Trimmer', { log: true });
  const journal = new Journal({
    debug: (line) => output.debug(line),
    info: (line) => output.info(line),
    warn: (line) => output.warn(line),
    error: (line) => output.error(line),
  });
  const { log } = journal;
  const worker = createMediaEngine({
    workerPath: context.asAbsolutePath('dist/media-worker.mjs'),
    words: vscode.l10n.uri?.fsPath,
    cacheFolder: join(context.globalStorageUri.fsPath, 'looks'),
    pauses: readPauseSettings,
    speeds: {
      read: () => context.globalState.get('videoTrimmer.speeds'),
      write: (speeds) => void context.globalState.update('videoTrimmer.speeds', speeds),
    },
    log,
  });
  const media = new WatchedMedia(worker, admitToMedia, log);
  // Sessions belong to the workspace; a window without one shares them with the others of its kind.
  const storage = (context.storageUri ?? context.globalStorageUri).fsPath;
  const dataFolder = join(storage, 'engine');
  const startLocal = async (): Promise<LocalEngine> => {
    const { startLocalEngine } = await import('./local/engine.js');
    const { EditorModel } = await import('./commands/language-model.js');
    return await startLocalEngine({ media, dataFolder, model: new EditorModel(), log });
  };
  const engines = new EngineRoom(context, startLocal, (credits) => status.takeCredits(credits), log);
  if (followForgetting(context)) log('forget: what this workspace had is deleted, as was asked elsewhere', 'info');
  const state = {
    get: (key: string): unknown => context.workspaceState.get(key),
    update: async (key: string, value: unknown): Promise<void> => context.workspaceState.update(key, value),
  };
  const store = new StateJournal(state, join(storage, 'journal'), log);
  const book = new SessionBook({
    connectEngine: (engine) => engines.connect(engine),
    chooseEngine: chooseEngineOnce,
    ownToken: async () => ['environment', 'set-by-hand'].includes(await (await engines.accountTokens()).origin()),
    readDuration: async (path) => (await media.probe(path)).duration,
    readUnsaid: async (path, duration, minimum) => {
      const { unsaidBeside } = await import('./media/looking/said-beside.js');
      return await unsaidBeside(path, duration, media.pauseSettings(), minimum);
    },
    clock: systemClock,
    outputTemplate,
    cutsSubtitles,
    store,
    language: sessionLanguage(vscode.env.language),
    log,
  });
  const clips = new ClipMedia(media, log);
  const marks = new MarkStore(state);
  const renamed = new RenamedClips(book, marks, clips);
  const exports = new ExportDesk({ book, clips, media, store, marks, log });
  const current = new CurrentSession(book);
  const actions = panelActions(
    () => families,
    (what, error) => journal.failed(what, error),
  );
  const panels: PanelDeps = { extension: context.extensionUri, actions, clips, marks, exports, log };
  const editors = new TrimEditors(panels, book, current);
  const sidebar = new SidebarView(panels, current);
  const status = new StatusBar(book, exports);
  const tree = new SessionTree(book, exports);
  const treeView = vscode.window.createTreeView('videoTrimmer.sessions', {
    treeDataProvider: tree,
    canSelectMany: true,
    dragAndDropController: new TreeDrop((session, uris) =>
      carryOut('drop', () => {
        requireTrust();
        return families.session.dropOnTree(session, uris);
      }),
    ),
  });
  if (book.later > 0) {
    treeView.message = vscode.l10n.t('A newer version has stored {0} more. They are kept for it.', book.later);
    log(`sessions: ${book.later} of a later release are kept as they are`, 'warn');
  }
  const deps: CommandDeps = {
    book,
    current,
    clips,
    marks,
    media,
    connectEngine: (engine: 'cloud' | 'local') => engines.connect(engine),
    accountTokens: () => engines.accountTokens(),
    exports,
    editors,
    sidebar,
    sample: {
      shipped: context.asAbsolutePath('media/sample/interview.mp4'),
      folder: join(context.globalStorageUri.fsPath, 'sample'),
    },
    diagnostics: { extension: context.extension, journal, book, media, engines },
    selection: () => treeView.selection,
    kept: { context, state: store, engines },
  };
  const families = makeCommands(deps);
  const { account } = families;
  const carryOut = carryingOut(deps, account);
  // Loads the client of the cloud to look for a token: not while the person waits for the panel.
  setTimeout(() => void account.updateContext());
  // A window that was killed may have left large files, and this one need not ever start the engine.
  setTimeout(() => {
    void import('./local/upkeep.js').then(({ clearAfterCrash, keptFolders }) =>
      clearAfterCrash(keptFolders(dataFolder), log),
    );
  });
  setTimeout(() => keepLauncher(deps));
  const unlog = logJobs(book, log);
  const takeUp = onceTrusted(() => {
    takeUpInterrupted(book.sessions);
    exports.takeUp();
  });

  context.subscriptions.push(
    output,
    registerCommands(deps, families, carryOut),
    registerAgents(vscode, deps),
    status,
    editors,
    renamed,
    new ClipEditor(book, editors, marks, renamed),
    new FirstSteps(book, marks),
    new StateKeys(book, current, marks),
    sidebar,
    tree,
    treeView,
    treeView.onDidChangeVisibility(({ visible }) => visible && tree.refresh()),
    current,
    new vscode.Disposable(exports.onDidChange(() => tree.queueChanged())),
    vscode.workspace.onDidChangeConfiguration((change) => {
      // Whoever cuts here needs none, and elsewhere they are others.
      if (change.affectsConfiguration('videoTrimmer')) status.takeCredits(undefined);
    }),
    onPauseSettings(() => clips.findPausesAnew()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => clips.readAnew()),
    context.secrets.onDidChange(() => {
      // Whose they were is not known any more.
      status.takeCredits(undefined);
      void account.updateContext();
    }),
    takeUp,
    new vscode.Disposable(unlog),
    exports,
    new vscode.Disposable(() => book.dispose()),
    engines,
    new vscode.Disposable(() => void media.close()),
  );
}
