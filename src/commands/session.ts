import * as vscode from 'vscode';
import type { EngineName } from '../session/ports.js';
import { route } from '../session/router.js';
import type { TrimSession } from '../session/trim-session.js';
import { SessionError } from '../session/session-error.js';
import { summarizeDraft } from '../timeline/summary.js';
import type { Microseconds } from '../timeline/timecode.js';
import { engineSetting } from './account.js';
import { browseMedia, localMedia, localVideos, noVideo, pickVideo } from './clip-choice.js';
import type { CommandDeps } from './deps.js';
import { showingExports } from './export.js';
import { removeMarked } from './marked-sections.js';
import type { TrimCommands } from './trim.js';

/** New Session, Upload Video, Show Tracks, Open in Browser, the tree's own commands, and what is said in the chat. */
export class SessionCommands {
  readonly #deps: CommandDeps;
  readonly #trim: TrimCommands;

  constructor(deps: CommandDeps, trim: TrimCommands) {
    this.#deps = deps;
    this.#trim = trim;
  }

  async newSession(): Promise<void> {
    const { book, current, sidebar } = this.#deps;
    // A session that nobody has used yet is as new as any.
    const unused = book.sessions.find(({ snapshot }) => !snapshot.clip && snapshot.chat.length === 0);
    current.set(unused ?? book.create());
    await sidebar.reveal();
  }

  /** @param clicked as the Explorer gives it; from the palette there is none, and it is asked for */
  async uploadVideo(clicked?: vscode.Uri): Promise<void> {
    const { session } = this.#deps.current;
    const path = clicked ? localVideos([clicked])[0] : await pickVideo(engineFor(session));
    if (path === undefined && clicked) throw noVideo([clicked]);
    if (path !== undefined) await this.#upload(clicked ? undefined : session, path);
  }

  /**
   * Videos that were dropped on the tree: into the session they were dropped on where it takes them, else into sessions
   * of their own. That somebody dropped them is VS Code's word, so unlike a page it may name any file.
   */
  async dropOnTree(session: TrimSession | undefined, uris: readonly string[]): Promise<void> {
    const dropped = uris.flatMap((text) => parseUri(text) ?? []);
    const media = takesMore(session) ? localMedia(dropped) : [];
    if (takesMore(session) && media.length > 0) {
      this.#deps.editors.open(session);
      return await this.#add(session, media);
    }
    const paths = localVideos(dropped);
    if (paths.length === 0) throw noVideo(dropped);
    for (const [index, path] of paths.entries()) await this.#upload(index === 0 ? session : undefined, path);
  }

  async showTracks(): Promise<void> {
    const session = this.#deps.current.session;
    if (!session) return;
    // A session that was never connected has nothing to read, and must not be connected for that.
    const draft = session.snapshot.engine === undefined ? session.snapshot.draft : await session.refresh();
    void vscode.window.showInformationMessage(summarizeDraft(draft));
    await vscode.commands.executeCommand('videoTrimmer.sessions.focus');
  }

  async openInBrowser(session: TrimSession | undefined = this.#deps.current.session): Promise<void> {
    if (session) await openLink(await session.openInBrowser());
  }

  /** @param seek the place of the clip to show */
  open(session: TrimSession, seek?: Microseconds): void {
    this.#deps.current.set(session);
    this.#deps.editors.open(session, { seek });
  }

  async say(session: TrimSession | undefined, text: string): Promise<void> {
    const { book, current } = this.#deps;
    const spoken = session ?? book.create();
    current.set(spoken);
    const asksForFile = route(text).action === 'export';
    if (asksForFile && !(await removeMarked(spoken, { marks: this.#deps.marks, trim: this.#trim }))) return;
    const outcome = await showingExports(spoken, () => spoken.say(text));
    if (outcome?.needsFile === true) await this.attach(spoken);
  }

  /**
   * Lets the person pick a clip: for this session when it has none yet, else in a tab of its own. In the cloud, where
   * several files make one video, further ones go into the same session: sound and images too.
   */
  async attach(session: TrimSession | undefined): Promise<void> {
    if (takesMore(session)) {
      const paths = await browseMedia();
      if (paths.length > 0) await this.#add(session, paths);
      return;
    }
    const path = await pickVideo(engineFor(session));
    if (path !== undefined) this.#take(session, path);
  }

  async drop(session: TrimSession | undefined, uris: readonly string[]): Promise<void> {
    const named = uris.flatMap((text) => parseUri(text) ?? []);
    const dropped = named.filter(isShown);
    if (named.length > 0 && dropped.length === 0) {
      const hidden = vscode.l10n.t('Only files that this window shows can be dropped here.');
      throw new SessionError('refused', hidden);
    }
    const media = takesMore(session) ? localMedia(dropped) : [];
    if (takesMore(session) && media.length > 0) return await this.#add(session, media);
    const paths = localVideos(dropped);
    if (paths.length === 0) throw noVideo(dropped);
    for (const [index, path] of paths.entries()) this.#take(index === 0 ? session : undefined, path);
  }

  async #add(session: TrimSession, paths: readonly string[]): Promise<void> {
    const { clip } = session.snapshot;
    // The clip is what the session works on: it goes up first.
    await session.upload(clip && !clip.uploaded ? [clip.path, ...paths] : paths);
  }

  /** @param wanted has it when it has no clip yet; else the clip gets a session of its own */
  async #upload(wanted: TrimSession | undefined, path: string): Promise<void> {
    const { book, editors } = this.#deps;
    const session = takesClip(wanted) ? wanted : (book.findByClip(path) ?? book.create(path));
    editors.open(session, { focus: 'in' });
    const { clip } = session.snapshot;
    if (clip?.path !== path || !clip.uploaded) await session.upload([path]);
  }

  #take(session: TrimSession | undefined, path: string): void {
    if (!takesClip(session)) {
      this.#trim.openClip(path);
      return;
    }
    session.setClip(path);
    this.#deps.current.set(session);
  }
}

/** Where a clip will be cut that is chosen now: by its session, else by the setting. */
function engineFor(session: TrimSession | undefined): EngineName | undefined {
  return session?.snapshot.engine ?? engineSetting();
}

function takesClip(session: TrimSession | undefined): session is TrimSession {
  return session !== undefined && session.snapshot.clip === undefined;
}

function takesMore(session: TrimSession | undefined): session is TrimSession {
  return session?.snapshot.engine === 'cloud' && session.snapshot.clip !== undefined;
}

/**
 * Nobody can tell a drag from a page that only says that there was one; so the page may name what VS Code shows the
 * person to drag: files of the workspace, and those that are open. Others are chosen in a dialog.
 */
export function isShown(uri: vscode.Uri): boolean {
  // By their beginning alone such addresses lie in the workspace.
  if (uri.path.split('/').some((part) => part === '..' || part === '.')) return false;
  if (vscode.workspace.getWorkspaceFolder(uri)) return true;
  const open = vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).map(({ input }) => input as { uri?: unknown });
  return open.some((input) => String(input?.uri) === String(uri));
}

/** In a remote window a drag names files as the window sees them; for the extension, which runs there, they are local. */
function parseUri(text: string): vscode.Uri | undefined {
  try {
    const uri = vscode.Uri.parse(text, true);
    // Not made anew from its path: that would read a path that begins with two slashes as the name of a server.
    return uri.scheme === 'vscode-remote' ? uri.with({ scheme: 'file', authority: '' }) : uri;
  } catch {
    return undefined;
  }
}

/** @throws SessionError for anything but an address on the web: a chat must not start programs or commands */
export async function openLink(url: string): Promise<void> {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (address?.protocol !== 'https:' && address?.protocol !== 'http:') {
    throw new SessionError('refused', vscode.l10n.t('Only links to web pages can be opened from here.'));
  }
  await vscode.env.openExternal(vscode.Uri.parse(address.href, true));
}
