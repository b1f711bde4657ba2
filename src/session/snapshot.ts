import type { CutDetails, ExportWish } from '../nemo/protocol.js';
import type { Draft } from '../timeline/draft.js';
import type { PlannedCut } from '../timeline/planned-cut.js';
import type { Microseconds } from '../timeline/timecode.js';
import type { EngineName } from './ports.js';
import type { SideSubtitles } from './side-subtitles.js';

/** A session as views show it: immutable, a new object for every change. */
export interface SessionSnapshot {
  /** Ours; stays the same when the engine's session is renewed. */
  readonly id: string;
  /** The clip's file name, or "New session". */
  readonly title: string;
  /** Undefined until chosen. */
  readonly engine: EngineName | undefined;
  readonly activity: Activity;
  readonly clip: ClipOfSession | undefined;
  readonly chat: readonly ChatEntry[];
  readonly draft: Draft;
  /** Of a draft that can be exported; known without reading the draft. */
  readonly timelineLength?: Microseconds | undefined;
  /** Names of further files that were uploaded beside the clip. */
  readonly attached: readonly string[];
  /** What an export of the draft would do; only our own engine tells. */
  readonly plan?: PlannedCut | undefined;
  /** What one is to be, by what was said in the chat. */
  readonly wish?: ExportWish | undefined;
  /** What the person chose for exports; undefined: nothing yet. */
  readonly exportChoice?: ExportChoice | undefined;
  readonly createdAt: number;
}

/** In the words of the panel's menus; an empty `name` is the one that the template gives. */
export interface ExportChoice {
  readonly format: string;
  readonly quality: string;
  readonly name: string;
}

export type Activity =
  | { readonly kind: 'idle' }
  | { readonly kind: 'connecting' }
  /** `files` that have not arrived; `fraction` of all bytes; `bytesPerSecond` once it can be told. */
  | {
      readonly kind: 'uploading';
      readonly files: readonly UploadingFile[];
      readonly fraction: number;
      readonly bytesPerSecond?: number;
    }
  /** `note` is a quiet line such as "Editing the timeline…" or "⏳ Still working...". */
  | { readonly kind: 'editing'; readonly note?: string }
  | ExportActivity;

/** A file on its way; `fraction` of its bytes. */
export interface UploadingFile {
  readonly id: string;
  readonly name: string;
  readonly fraction: number;
}

export interface ExportActivity {
  readonly kind: 'exporting';
  readonly fraction?: number;
  /** Ms since the epoch, for the job's age. */
  readonly startedAt?: number;
  /** It is rendered; the file is being received. */
  readonly receiving?: boolean;
  /** A quiet line, such as that the render is taken up. */
  readonly note?: string;
  /** Where the engine says. */
  readonly secondsLeft?: number;
  /** What the engine is doing. */
  readonly plan?: PlannedCut;
}

export interface ClipOfSession {
  /** Absolute path; never sent to a webview. */
  readonly path: string;
  readonly name: string;
  readonly uploaded: boolean;
  readonly duration?: Microseconds;
}

/** What a chat entry offers as a next step. The host knows how to carry each out. */
export type ChatAction =
  | 'export'
  | 'undo'
  | 'retry'
  | 'open-output'
  | 'reveal-output'
  | 'use-local'
  /** The clip has another name now: go on with it. */
  | 'use-renamed'
  | 'register'
  | 'set-token'
  | 'open-in-browser'
  /** What NemoVideo added of its own accord: leave it, or take it out again. */
  | 'keep-additions'
  | 'strip-additions';

/** What an entry tells of, for its look: its text says all of it. `hint`: how to say it better. */
export type ChatTopic = 'connected' | 'added' | 'edited' | 'credits' | 'hint';

export interface ChatEntry {
  readonly id: string;
  readonly kind: 'user' | 'agent' | 'status' | 'error' | 'export';
  /** Markdown for `agent`, plain text otherwise. */
  readonly text: string;
  readonly topic?: ChatTopic;
  /** Lengths of the timeline before and after the edit that this entry tells of. */
  readonly change?: { readonly before: Microseconds; readonly after: Microseconds };
  /** What the person may send instead, offered beside the entry. */
  readonly sentence?: string;
  /** More of the text is to come. */
  readonly streaming?: boolean;
  readonly actions?: readonly ChatAction[];
  /** For `export`: the file written; the host maps it to an action, the webview sees the name only. */
  readonly outputPath?: string;
  /** For `register` and `open-in-browser`. */
  readonly link?: string;
}

export interface ExportOutcome {
  readonly outputPath: string;
  readonly duration: Microseconds;
  readonly sourceDuration: Microseconds | undefined;
  readonly renderId: string;
  readonly sessionId: string;
  readonly cut?: CutDetails;
  /** Of the files of subtitles that lie beside the clip; absent where there are none. */
  readonly subtitles?: SideSubtitles;
  /** Opens the project in the browser; for an export in the cloud, where it could be had. */
  readonly link?: string;
}
