import * as vscode from 'vscode';
import * as z from 'zod/mini';
import type { SessionBook } from '../session/session-book.js';
import type { TrimSession } from '../session/trim-session.js';
import type { Microseconds } from '../timeline/timecode.js';
import type { CurrentSession } from './current-session.js';
import { PanelHost, type PanelDeps } from './panel-host.js';

/** Of our tabs and of our custom editor: menus and keys of package.json go by it. */
export const EDITOR_ID = 'videoTrimmer.editor';
/** What the page keeps for the view (webview/vscode-api.ts); the name of the session is all that is needed here. */
const keptState = z.looseObject({ session: z.optional(z.string()) });

/** Where a tab that opens is to be. */
interface Wanted {
  readonly focus?: 'in' | 'chat';
  /** The place of the clip to show. */
  readonly seek?: Microseconds | undefined;
}

interface Tab {
  readonly session: TrimSession;
  readonly panel: vscode.WebviewPanel;
  readonly host: PanelHost;
}

/**
 * The editor tabs on sessions, made again after a reload: our own, one for each session, and those in which VS Code
 * shows a file ("Open With…"), as many as it was split into.
 */
export class TrimEditors implements vscode.WebviewPanelSerializer, vscode.Disposable {
  readonly #deps: PanelDeps;
  readonly #book: SessionBook;
  readonly #current: CurrentSession;
  readonly #registration: vscode.Disposable;
  /** The one that was in front last comes first. */
  #tabs: readonly Tab[] = [];
  /** Where the keyboard goes once a tab that VS Code is about to open is there. */
  readonly #wanted = new Map<string, Wanted>();

  constructor(deps: PanelDeps, book: SessionBook, current: CurrentSession) {
    this.#deps = deps;
    this.#book = book;
    this.#current = current;
    this.#registration = vscode.window.registerWebviewPanelSerializer(EDITOR_ID, this);
  }

  /** Brings the tab of a session to the front, whichever shows it, or opens one. */
  open(session: TrimSession, options: Wanted & { preserveFocus?: boolean } = {}): void {
    const { preserveFocus = false } = options;
    this.#current.set(session);
    const open = this.#find(session);
    if (open) {
      // Named, because VS Code otherwise shows another tab on the file in the column that is active.
      open.panel.reveal(open.panel.viewColumn, preserveFocus);
      showPlace(open.host, options);
      return;
    }
    const sleeping = sleepingFile(session);
    if (sleeping) {
      this.#wanted.set(session.id, options);
      const place = { viewColumn: sleeping.viewColumn, preserveFocus };
      return void vscode.commands.executeCommand('vscode.openWith', sleeping.uri, EDITOR_ID, place);
    }
    this.#closeSleeping(session);
    const panel = vscode.window.createWebviewPanel(EDITOR_ID, '', {
      viewColumn: vscode.ViewColumn.Active,
      preserveFocus,
    });
    const { host } = this.#fillOwn(panel, session);
    showPlace(host, options);
  }

  /** Shows a session in a tab that is VS Code's, with the file's name and icon. */
  fill(panel: vscode.WebviewPanel, session: TrimSession): void {
    const { host } = this.#fill(panel, session);
    showPlace(host, this.#wanted.get(session.id) ?? {});
    this.#wanted.delete(session.id);
  }

  /** Whether any tab shows it. */
  shows(session: TrimSession): boolean {
    return this.#find(session) !== undefined;
  }

  close(session: string): void {
    for (const tab of this.#tabs) if (tab.session.id === session) tab.panel.dispose();
  }

  /** Those too that sleep since a reload. */
  closeAll(): void {
    for (const { panel } of [...this.#tabs]) panel.dispose();
    const sleeping = ourTabs();
    if (sleeping.length > 0) void vscode.window.tabGroups.close(sleeping, true);
  }

  deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const id = keptState.safeParse(state).data?.session;
    const session = id === undefined ? undefined : this.#book.get(id);
    // One tab for each session: this one slept through the opening of another.
    if (session && !this.shows(session)) this.#fillOwn(panel, session);
    else panel.dispose();
    return Promise.resolve();
  }

  dispose(): void {
    this.#registration.dispose();
    // The tabs themselves stay: VS Code brings them back after a reload, unless they are closed here before it.
    for (const { host } of this.#tabs) host.dispose();
  }

  #find(session: TrimSession): Tab | undefined {
    return this.#tabs.find((tab) => tab.session === session);
  }

  /**
   * After a reload VS Code gives a tab back only when it is shown. Until then nothing but its title tells whose it is:
   * where only one session has that title, its sleeping tab makes room for the one that opens.
   */
  #closeSleeping({ snapshot: { title } }: TrimSession): void {
    if (this.#book.sessions.filter(({ snapshot }) => snapshot.title === title).length !== 1) return;
    const sleeping = ourTabs().filter(({ label, isActive }) => label === title && !isActive);
    if (sleeping.length > 0) void vscode.window.tabGroups.close(sleeping, true);
  }

  #fillOwn(panel: vscode.WebviewPanel, session: TrimSession): Tab {
    const tab = this.#fill(panel, session);
    panel.title = session.snapshot.title;
    panel.iconPath = {
      light: vscode.Uri.joinPath(this.#deps.extension, 'media/trim-light.svg'),
      dark: vscode.Uri.joinPath(this.#deps.extension, 'media/trim-dark.svg'),
    };
    const unlisten = session.onDidChange(() => {
      if (panel.title !== session.snapshot.title) panel.title = session.snapshot.title;
    });
    panel.onDidDispose(unlisten);
    return tab;
  }

  #fill(panel: vscode.WebviewPanel, session: TrimSession): Tab {
    const tab = { session, panel, host: new PanelHost(panel.webview, 'editor', this.#deps) };
    const others = (): Tab[] => this.#tabs.filter((other) => other !== tab);
    const toFront = (): void => {
      if (!panel.active) return;
      this.#tabs = [tab, ...others()];
      this.#current.set(session);
    };
    this.#tabs = [...this.#tabs, tab];
    toFront();
    panel.onDidChangeViewState(toFront);
    panel.onDidDispose(() => {
      tab.host.dispose();
      this.#tabs = others();
    });
    tab.host.show(session);
    return tab;
  }
}

/** The tab of the session's file that VS Code has kept over a reload and not shown yet. */
function sleepingFile({
  snapshot: { clip },
}: TrimSession): { uri: vscode.Uri; viewColumn: vscode.ViewColumn } | undefined {
  for (const { tabs, viewColumn } of vscode.window.tabGroups.all) {
    for (const { input } of tabs) {
      if (!(input instanceof vscode.TabInputCustom) || input.viewType !== EDITOR_ID) continue;
      if (input.uri.scheme === 'file' && input.uri.fsPath === clip?.path) return { uri: input.uri, viewColumn };
    }
  }
  return undefined;
}

/** Those that are not VS Code's tabs of a file. */
function ourTabs(): vscode.Tab[] {
  return vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith(EDITOR_ID));
}

function showPlace(host: PanelHost, { seek, focus }: Wanted): void {
  if (seek !== undefined) host.seek(seek);
  if (focus) host.focus(focus);
}
