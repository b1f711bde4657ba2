import * as vscode from 'vscode';
import type { CurrentSession } from './current-session.js';
import { PanelHost, type PanelDeps } from './panel-host.js';

/** The panel in the sidebar: always on the current session. */
export class SidebarView implements vscode.WebviewViewProvider, vscode.Disposable {
  readonly #deps: PanelDeps;
  readonly #current: CurrentSession;
  readonly #disposables: vscode.Disposable[];
  #host: PanelHost | undefined;
  #view: vscode.WebviewView | undefined;
  #unlisten: () => void = () => undefined;

  constructor(deps: PanelDeps, current: CurrentSession) {
    this.#deps = deps;
    this.#current = current;
    this.#disposables = [
      vscode.window.registerWebviewViewProvider('videoTrimmer.panel', this),
      current.onDidChange(() => this.#show()),
    ];
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.#view = view;
    const host = new PanelHost(view.webview, 'sidebar', this.#deps);
    this.#host = host;
    view.onDidDispose(() => {
      host.dispose();
      if (this.#host === host) this.#host = this.#view = undefined;
    });
    this.#show();
  }

  /** Brings the view to the front with the keyboard in its chat. */
  async reveal(): Promise<void> {
    await vscode.commands.executeCommand('videoTrimmer.panel.focus');
    this.#host?.focus('chat');
  }

  dispose(): void {
    this.#unlisten();
    this.#host?.dispose();
    for (const disposable of this.#disposables) disposable.dispose();
  }

  #show(): void {
    const { session } = this.#current;
    this.#host?.show(session);
    this.#unlisten();
    this.#unlisten = session?.onDidChange(() => this.#name()) ?? ((): void => undefined);
    this.#name();
  }

  /** An empty description is shown as none; undefined would not take an old one away in 1.103. */
  #name(): void {
    const title = this.#current.session?.snapshot.title ?? '';
    if (this.#view && this.#view.description !== title) this.#view.description = title;
  }
}
