import * as vscode from 'vscode';
import * as z from 'zod/mini';
import type { SessionBook } from '../session/session-book.js';
import type { TrimSession } from '../session/trim-session.js';
import type { CurrentSession } from './current-session.js';
import { PanelHost, type PanelDeps } from './panel-host.js';

const VIEW_TYPE = 'videoTrimmer.editor';
/** What the page keeps for the view (webview/vscode-api.ts); the name of the session is all that is needed here. */
const keptState = z.looseObject({ session: z.optional(z.string()) });

/** The editor tabs: one for each session, made again after a reload. */
export class TrimEditors implements vscode.WebviewPanelSerializer, vscode.Disposable {
  readonly #deps: PanelDeps;
  readonly #book: SessionBook;
  readonly #current: CurrentSession;
  readonly #tabs = new Map<string, { panel: vscode.WebviewPanel; host: PanelHost }>();
  readonly #registration: vscode.Disposable;

  constructor(deps: PanelDeps, book: SessionBook, current: CurrentSession) {
    this.#deps = deps;
    this.#book = book;
    this.#current = current;
    this.#registration = vscode.window.registerWebviewPanelSerializer(VIEW_TYPE, this);
  }

  /** Opens the tab of a session, or brings it to the front. */
  open(session: TrimSession, options: { focus?: 'in' | 'chat'; preserveFocus?: boolean } = {}): void {
    const open = this.#tabs.get(session.id);
    if (open) open.panel.reveal(undefined, options.preserveFocus);
    else {
      this.#closeSleeping(session);
      const place = { viewColumn: vscode.ViewColumn.Active, preserveFocus: options.preserveFocus ?? false };
      this.#fill(vscode.window.createWebviewPanel(VIEW_TYPE, '', place), session);
    }
    this.#current.set(session);
    if (options.focus) this.#tabs.get(session.id)?.host.focus(options.focus);
  }

  close(session: string): void {
    this.#tabs.get(session)?.panel.dispose();
  }

  deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const id = keptState.safeParse(state).data?.session;
    const session = id === undefined ? undefined : this.#book.get(id);
    // One tab for each session: this one slept through the opening of another.
    if (session && !this.#tabs.has(session.id)) this.#fill(panel, session);
    else panel.dispose();
    return Promise.resolve();
  }

  dispose(): void {
    this.#registration.dispose();
    // The tabs themselves stay: VS Code brings them back after a reload, unless they are closed here before it.
    for (const { host } of [...this.#tabs.values()]) host.dispose();
  }

  /**
   * After a reload VS Code gives a tab back only when it is shown. Until then nothing but its title tells whose it is:
   * where only one session has that title, its sleeping tab makes room for the one that opens.
   */
  #closeSleeping({ snapshot: { title } }: TrimSession): void {
    if (this.#book.sessions.filter(({ snapshot }) => snapshot.title === title).length !== 1) return;
    const sleeping = vscode.window.tabGroups.all
      .flatMap(({ tabs }) => tabs)
      .filter(({ input, label, isActive }) => {
        const ours = input instanceof vscode.TabInputWebview && input.viewType.endsWith(VIEW_TYPE);
        return ours && label === title && !isActive;
      });
    if (sleeping.length > 0) void vscode.window.tabGroups.close(sleeping, true);
  }

  #fill(panel: vscode.WebviewPanel, session: TrimSession): void {
    panel.title = session.snapshot.title;
    panel.iconPath = {
      light: vscode.Uri.joinPath(this.#deps.extension, 'media/trim-light.svg'),
      dark: vscode.Uri.joinPath(this.#deps.extension, 'media/trim-dark.svg'),
    };
    const host = new PanelHost(panel.webview, 'editor', this.#deps);
    this.#tabs.set(session.id, { panel, host });
    const unlisten = session.onDidChange(() => {
      if (panel.title !== session.snapshot.title) panel.title = session.snapshot.title;
    });
    panel.onDidChangeViewState(() => {
      if (panel.active) this.#current.set(session);
    });
    panel.onDidDispose(() => {
      unlisten();
      host.dispose();
      this.#tabs.delete(session.id);
    });
    host.show(session);
  }
}
