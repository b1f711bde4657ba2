import type { ChatEntry } from '../../src/session/snapshot.js';
import type { Section } from '../../src/timeline/sections.js';

/** What the person does in the window that is going to be killed. */
export type Job =
  | { readonly kind: 'trim'; readonly section: Section }
  | { readonly kind: 'message'; readonly text: string; readonly thenExport: boolean }
  | { readonly kind: 'upload'; readonly link?: string }
  | { readonly kind: 'render'; readonly section: Section; readonly resolution?: string }
  | { readonly kind: 'batch'; readonly section: Section };

/** What a window is started with; see kill-host.ts. */
export interface HostOrder {
  readonly workerPath: string;
  /** Absolute paths; the first is the one that the session works on. */
  readonly clips: readonly string[];
  /** Where VS Code gives the extension its place on the disk. */
  readonly storage: string;
  readonly engine: 'local' | 'cloud';
  readonly cloudUrl: string;
  /** Milliseconds until a state write reaches the disk. */
  readonly lag: number;
  readonly hardLinks: boolean;
  /** Ends itself at this step, counted from when the job began. */
  readonly killAt?: number;
  /** With all processes it has started. */
  readonly killGroup: boolean;
  /** Without one the window only takes up what the last one left, and closes in order. */
  readonly job?: Job;
  /** The person follows what the chat offers. */
  readonly retry?: boolean;
}

export interface SessionReport {
  readonly id: string;
  readonly chat: readonly Pick<ChatEntry, 'kind' | 'text' | 'actions' | 'outputPath'>[];
  /** Microseconds. */
  readonly duration: number;
  readonly uploaded: boolean;
  readonly attached: number;
  readonly interrupted: boolean;
}

/** What a window tells while it lives. */
export type HostEvent =
  | { readonly at: 'worker'; readonly pid: number }
  | { readonly at: 'armed' }
  | { readonly at: 'activity'; readonly kind: string; readonly fraction: number }
  /** The job is in the store: from now on it must not be forgotten. */
  | { readonly at: 'kept' }
  | { readonly at: 'ended'; readonly points: number; readonly problem?: string }
  | { readonly at: 'settled'; readonly points: number; readonly sessions: readonly SessionReport[] };

/** The file in `storage` where the windows of a run note each message that the engine inside them has had. */
export const MESSAGES_LOG = 'messages.log';
/** The file in `storage` that holds the workspace state. */
export const STATE_FILE = 'state.json';
