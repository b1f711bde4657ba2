import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { parseToHost, type PanelRequest, type PanelState, type ToHost, type ToPanel } from '../messages.js';
import { joinInstruction } from '../session/instruction.js';
import type { TrimSession } from '../session/trim-session.js';
import { formatTimecode, type Microseconds } from '../timeline/timecode.js';
import type { ClipMedia } from './clip-media.js';
import { DrawingSender, type Look } from './drawing-sender.js';
import type { MarkStore } from './marks.js';
import type { PanelActions } from './panel-actions.js';
import type { PanelExports } from './panel-exports.js';
import { panelHtml, panelOptions } from './panel-html.js';
import { panelState } from './panel-state.js';
import { PlayablePieces } from './playable-pieces.js';

export interface PanelDeps {
  readonly extension: vscode.Uri;
  readonly actions: PanelActions;
  readonly clips: ClipMedia;
  readonly marks: MarkStore;
  readonly exports: PanelExports;
  readonly log: (line: string) => void;
}

/** Streamed text changes the state many times a second; a panel needs no more than this. Milliseconds. */
const PUSH_INTERVAL = 50;
/** A file that is being written changes many times a second; it is looked at when it rests. Milliseconds. */
const FILE_REST = 300;

/**
 * The host's end of one panel, in the sidebar or in an editor tab: shows one session, keeps the page up to date, and
 * passes on what the person does. Sends nothing before the page says `ready`, and then everything anew.
 */
export class PanelHost implements vscode.Disposable {
  readonly #webview: vscode.Webview;
  readonly #place: PanelState['place'];
  readonly #deps: PanelDeps;
  readonly #disposables: vscode.Disposable[] = [];
  #session: TrimSession | undefined;
  #stopListening: () => void = () => undefined;
  #ready = false;
  /** Counts the pages: a page that loads anew counts its requests from one again. */
  #page = 0;
  #focus: 'in' | 'chat' | undefined;
  #seek: Microseconds | undefined;
  #pushTimer: NodeJS.Timeout | undefined;
  readonly #sender = new DrawingSender();
  readonly #pieces: PlayablePieces;
  #look: Look | undefined;
  #lookingCloser: AbortController | undefined;
  #clipFolder: string | undefined;
  #clipWatch: vscode.Disposable | undefined;
  #watchedClip: string | undefined;

  constructor(webview: vscode.Webview, place: PanelState['place'], deps: PanelDeps) {
    this.#webview = webview;
    this.#place = place;
    this.#deps = deps;
    this.#pieces = new PlayablePieces((path, wish, signal) => deps.clips.playable(path, wish, signal));
    this.#disposables.push(
      webview.onDidReceiveMessage((message: unknown) => this.#receive(message)),
      new vscode.Disposable(deps.clips.onDidChange((path) => this.#clipChanged(path))),
      new vscode.Disposable(deps.marks.onDidChange((id) => id === this.#session?.id && this.#push())),
      new vscode.Disposable(deps.exports.onDidChange(() => this.#push())),
    );
  }

  get session(): TrimSession | undefined {
    return this.#session;
  }

  /** Shows a session, or the empty panel. */
  show(session: TrimSession | undefined): void {
    if (session !== this.#session) {
      this.#stopListening();
      this.#session = session;
      this.#sender.reset();
      this.#pieces.stop();
      this.#stopListening = session?.onDidChange(() => this.#push()) ?? ((): void => undefined);
    }
    const path = session?.snapshot.clip?.path;
    if (path !== undefined) void this.#deps.clips.refresh(path);
    if (path !== this.#watchedClip) this.#watch(path);
    const folder = path === undefined ? undefined : dirname(path);
    // Other options load the page anew, so they are set when the folder of the clip is another one only.
    if (this.#webview.html === '' || folder !== this.#clipFolder) {
      this.#clipFolder = folder;
      this.#ready = false;
      this.#pieces.stop();
      const { extension } = this.#deps;
      this.#webview.options = panelOptions(extension, folder === undefined ? undefined : vscode.Uri.file(folder));
      this.#webview.html = panelHtml(this.#webview, extension);
    } else this.#push();
  }

  /** Puts the keyboard focus into the page, now or when it can draw. */
  focus(target: 'in' | 'chat'): void {
    this.#focus = target;
    if (this.#ready) this.#pushNow();
  }

  /** Shows a place of the clip, now or when the page can draw. */
  seek(time: Microseconds): void {
    this.#seek = time;
    if (this.#ready) this.#pushNow();
  }

  dispose(): void {
    clearTimeout(this.#pushTimer);
    this.#stopListening();
    this.#clipWatch?.dispose();
    this.#lookingCloser?.abort();
    this.#pieces.stop();
    for (const disposable of this.#disposables) disposable.dispose();
    this.#ready = false;
  }

  /** The clip may be moved, deleted, put back or written anew while its panel is open. */
  #watch(path: string | undefined): void {
    this.#clipWatch?.dispose();
    this.#clipWatch = undefined;
    this.#watchedClip = path;
    if (path === undefined) return;
    // Every name of the folder: that of the clip may hold characters which mean something in a pattern.
    const watcher = vscode.workspace.createFileSystemWatcher(
      new vscode.RelativePattern(vscode.Uri.file(dirname(path)), '*'),
    );
    let rest: NodeJS.Timeout | undefined;
    const look = (uri: vscode.Uri): void => {
      if (uri.fsPath !== path) return;
      clearTimeout(rest);
      rest = setTimeout(() => void this.#deps.clips.refresh(path), FILE_REST);
    };
    watcher.onDidCreate(look);
    watcher.onDidChange(look);
    watcher.onDidDelete(look);
    this.#clipWatch = vscode.Disposable.from(watcher, new vscode.Disposable(() => clearTimeout(rest)));
  }

  #clipChanged(path: string): void {
    if (this.#session?.snapshot.clip?.path === path) this.#push();
  }

  #push(): void {
    if (!this.#ready) return;
    this.#pushTimer ??= setTimeout(() => this.#pushNow(), PUSH_INTERVAL);
  }

  #pushNow(): void {
    clearTimeout(this.#pushTimer);
    this.#pushTimer = undefined;
    if (!this.#ready) return;
    const session = this.#session;
    // A clip that was attached to a session without one lies in a folder that the page may not read yet.
    const path = session?.snapshot.clip?.path;
    if (path !== undefined && dirname(path) !== this.#clipFolder) return this.show(session);
    if (path !== this.#watchedClip) this.#watch(path);
    const analysis = path === undefined ? undefined : this.#deps.clips.get(path);
    this.#post({
      type: 'state',
      state: panelState({
        place: this.#place,
        snapshot: session?.snapshot,
        clip: path === undefined ? undefined : this.#clipOf(path),
        marks: session ? this.#deps.marks.get(session.id) : { sections: [], revision: 0 },
        exportOffer: session && this.#deps.exports.offer(session),
        waitingExports: this.#deps.exports.waiting,
      }),
    });
    if (analysis?.drawings) {
      for (const message of this.#sender.messages(analysis.drawings, this.#look)) this.#post(message);
    }
    if (this.#seek !== undefined) this.#post({ type: 'seek', time: this.#seek });
    if (this.#focus) this.#post({ type: 'focus', target: this.#focus });
    this.#seek = this.#focus = undefined;
  }

  #clipOf(path: string): NonNullable<Parameters<typeof panelState>[0]['clip']> {
    const { version, summary, problem } = this.#deps.clips.get(path);
    const { video, audio: [sound] = [] } = summary ?? {};
    return {
      ...(summary ? { duration: summary.duration } : {}),
      ...(video
        ? { width: video.width, height: video.height, frameRate: video.frameRate, pictureCodec: video.codec }
        : {}),
      ...(sound ? { soundCodec: sound.codec } : {}),
      ...(problem !== undefined
        ? { problem }
        : version !== undefined && {
            // A file that has changed has another address, so that nothing of the old one is played.
            mediaUri: this.#webview.asWebviewUri(vscode.Uri.file(path)).with({ query: version }).toString(),
          }),
    };
  }

  #post(message: ToPanel): void {
    // A page that is gone takes no messages; the next one asks for everything.
    void this.#webview.postMessage(message);
  }

  #receive(value: unknown): void {
    const message = parseToHost(value);
    if (!message) return this.#deps.log('panel: a message was not understood and dropped');
    switch (message.type) {
      case 'ready':
        this.#ready = true;
        this.#page += 1;
        this.#sender.reset();
        this.#pieces.stop();
        this.#look = undefined;
        // Not every file system tells of its changes.
        if (this.#watchedClip !== undefined) void this.#deps.clips.refresh(this.#watchedClip);
        return this.#pushNow();
      case 'mark':
        return this.#mark(message);
      case 'look':
        return this.#lookAt(message);
      default:
        void this.#answer(message);
    }
  }

  #lookAt(look: Look): void {
    this.#look = look;
    this.#push();
    // Pictures of a place that is no longer looked at can wait.
    this.#lookingCloser?.abort();
    const path = this.#session?.snapshot.clip?.path;
    const drawings = path === undefined ? undefined : this.#deps.clips.get(path).drawings;
    if (!drawings) return;
    this.#lookingCloser = new AbortController();
    void drawings.lookCloser({ in: look.start, out: look.end }, look.tiles, this.#lookingCloser.signal);
  }

  #mark({ sections, revision }: Extract<ToHost, { type: 'mark' | 'remove' }>): void {
    if (this.#session) this.#deps.marks.set(this.#session.id, { sections, revision });
  }

  async #answer(request: PanelRequest): Promise<void> {
    const page = this.#page;
    let error: string | undefined;
    try {
      await this.#carryOut(request);
    } catch (thrown) {
      error = thrown instanceof Error ? thrown.message : vscode.l10n.t('That did not work. Try again.');
    }
    this.#pushNow();
    // The page that asked may be gone, and with it everyone who waits for this answer.
    if (!this.#ready || page !== this.#page) return;
    this.#post({ type: 'reply', id: request.id, ...(error === undefined ? {} : { error }) });
  }

  async #sendPiece({ track, index }: Extract<PanelRequest, { type: 'playable' }>): Promise<void> {
    const page = this.#page;
    const path = this.#session?.snapshot.clip?.path;
    if (path === undefined) throw new Error(vscode.l10n.t('There is no video here yet. Choose one first.'));
    const segment = await this.#pieces.make(path, track, index);
    if (page === this.#page && path === this.#session?.snapshot.clip?.path) this.#post(segment);
  }

  async #carryOut(request: PanelRequest): Promise<void> {
    const { actions, marks, exports } = this.#deps;
    const session = this.#session;
    switch (request.type) {
      case 'playable':
        return await this.#sendPiece(request);
      case 'remove':
        this.#mark(request);
        if (await actions.remove(required(session), request.sections)) {
          marks.takeAway(required(session).id, request.sections);
        }
        return;
      case 'say':
        return await actions.say(session, request.text);
      case 'join': {
        const { dissolve: duration } = request;
        const instruction = joinInstruction(duration === 0 ? { kind: 'cut' } : { kind: 'dissolve', duration });
        return await actions.say(required(session), instruction);
      }
      case 'stop':
        return await session?.stop();
      case 'export':
        return await actions.export(required(session));
      case 'choose-export':
        return exports.choose(required(session), request);
      case 'choose-folder':
        return await exports.chooseFolder(required(session), request.place);
      case 'cancel-export':
        return exports.cancel(request.waiting);
      case 'attach':
        return await actions.attach(session);
      case 'cancel-upload':
        return await session?.cancelUpload(request.upload);
      case 'drop':
        return await actions.drop(session, request.uris);
      case 'choose-engine':
        return await actions.chooseEngine();
      case 'act':
        return await actions.act(required(session), request.entry, request.action);
      case 'take-out': {
        const { in: from, out } = request.section;
        return void (await actions.remove(required(session), [{ in: exactTime(from), out: exactTime(out) }]));
      }
      case 'copy':
        return await actions.copy(required(session), request.entry);
      case 'session-menu':
        return await actions.sessionMenu(session, request.item);
      case 'open-link':
        return await actions.openLink(request.url);
    }
  }
}

function exactTime(time: Microseconds): string {
  return formatTimecode(time, { digits: 6 });
}

function required(session: TrimSession | undefined): TrimSession {
  if (session) return session;
  throw new Error(vscode.l10n.t('There is no video here yet. Choose one first.'));
}
