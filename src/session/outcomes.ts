import type { DraftDifference } from '../timeline/difference.js';
import type { BatchOutcome } from './batch.js';
import type { ExportOutcome } from './snapshot.js';

/** What became of a message of the person. */
export interface SayOutcome {
  /** `agent` for all that is not done by us. */
  readonly action: 'agent' | 'export' | 'credits' | 'status' | 'upload';
  /** What the chat says about it, in the agent's words or ours. */
  readonly answer: string;
  /** Whether the draft changed, and how; for `agent`. */
  readonly difference?: DraftDifference;
  readonly exported?: ExportOutcome;
  /**
   * The message asks for a file ("upload", "上传") and the session has none to send: the host lets the person pick one
   * and calls `upload`.
   */
  readonly needsFile?: boolean;
}

export interface ExportOptions {
  /** Absolute path. Refused when it exists. Without it: `<name>.trimmed.<ext>` beside the clip. */
  readonly outputPath?: string;
  /** Folder for the result instead of the clip's own; not with `outputPath`. */
  readonly folder?: string;
  /** Name of the result without its ending, checked by `nameProblem`. Without it, what the template gives. */
  readonly name?: string;
  /** `mp4`, `mov`, … or `source`: the clip's own container (local engine only, and its default). */
  readonly format?: string;
  /** `1080p`, `1280x720`: the picture is scaled down to fit. Without it, what was said in the chat, else the clip's own size. */
  readonly resolution?: string;
  /** Which of the exports that waited it is: one that was asked for is made once, also when a crash comes between. */
  readonly order?: string;
  /** The timeline to export, where it is to be that of an earlier moment: what the person saw who asked for it. */
  readonly pinned?: PinnedDraft;
}

export interface PinnedDraft {
  /** The draft as exact JSON text. */
  readonly draft: string;
  /** The engine's session that it belongs to: in another one it means nothing. */
  readonly sessionId: string;
}

/** What trying again, or going on with the other engine, has brought. */
export interface Repeated {
  readonly exported?: ExportOutcome | undefined;
  readonly batch?: BatchOutcome;
}
