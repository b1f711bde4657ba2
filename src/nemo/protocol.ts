import type { PlannedCut } from '../timeline/planned-cut.js';
import type { Microseconds } from '../timeline/timecode.js';

/** The NemoVideo API as the layers above see it: typed, in one dialect, whatever the server's spelling was. */

export interface NemoSession {
  readonly taskId: string;
  /** Looks like a 19-digit integer; always a string here, so no digit is lost. */
  readonly sessionId: string;
  readonly userId?: string;
}

/** One thing that the agent's stream says, in the order of the stream. Both dialects are decoded into this. */
export type AgentEvent =
  /** Text to append for the user. Aggregates that repeat earlier partials are already dropped, thoughts too. */
  | { readonly type: 'text'; readonly text: string }
  /** The agent works on the timeline (a tool call or its result); for a quiet "Editing the timeline…" line. */
  | { readonly type: 'activity'; readonly tool: string }
  /** The stream lives; not progress. */
  | { readonly type: 'heartbeat' }
  /** A failure told inside the stream. */
  | { readonly type: 'error'; readonly code?: string; readonly message: string };

export interface UploadedFile {
  readonly filename?: string;
  /** `video`, `audio`, `image`, … */
  readonly fileType?: string;
  readonly url?: string;
  readonly duration?: Microseconds;
  readonly width?: number;
  readonly height?: number;
  readonly fps?: number;
}

export interface UploadProgress {
  readonly sentBytes: number;
  readonly totalBytes: number;
}

export interface Credits {
  readonly available: number;
  /** Reserved by running work. */
  readonly frozen: number;
  readonly total: number;
}

export interface SessionState {
  readonly sessionId?: string;
  readonly taskId?: string;
  readonly userId?: string;
  /** The draft as it came; read it with `readDraft`, send it back verbatim. */
  readonly draft: unknown;
  /** What an export of the draft would do; only our own engine tells (`state.cut_plan` on the wire). */
  readonly plan?: PlannedCut;
  /** What an export is to be by what was said; only our own engine tells (`state.export_wish` on the wire). */
  readonly wish?: ExportWish;
  readonly raw: unknown;
}

/** `mp4`; `720p`, `1280x720`. */
export interface ExportWish {
  readonly format?: string;
  readonly resolution?: string;
}

export interface RenderRequest {
  /** `render_<ms>`; a repeated id fails at the server. */
  readonly id: string;
  readonly sessionId: string;
  readonly draft: unknown;
  readonly output: { readonly format: string; readonly quality: string; readonly resolution?: string };
}

export interface RenderStatus {
  /** `cancelled`: somebody ended it, so it is no failure and is not tried again. */
  readonly status: 'pending' | 'processing' | 'completed' | 'failed' | 'cancelled';
  /** 0 to 1. */
  readonly progress?: number;
  readonly url?: string;
  readonly duration?: Microseconds;
  /** Bytes. */
  readonly size?: number;
  readonly message?: string;
  /** What the render is about to do, and how many seconds it still takes; only our own engine tells. */
  readonly plan?: PlannedCut;
  readonly secondsLeft?: number;
  /** How the file was made; only our own engine tells. */
  readonly cut?: CutDetails;
}

/** Our engine's extension of a completed render (`output.cut` on the wire). */
export interface CutDetails {
  readonly method: 'smart' | 'reencode';
  readonly frames: number;
  readonly reencodedFrames: number;
  readonly notes: readonly string[];
}

export interface RequestOptions {
  readonly signal?: AbortSignal;
}

export interface UploadOptions extends RequestOptions {
  readonly onProgress?: (progress: UploadProgress) => void;
}

export interface DownloadRequest {
  readonly renderId: string;
  /** From the render status; without it the fallback route is asked. */
  readonly url?: string;
  /** Absolute path of a temporary file that does not exist yet; its folder does. */
  readonly toFile: string;
  /** What the person knows the file as; its name is used in messages instead of the temporary one's. */
  readonly shownName?: string;
}

/**
 * One method per endpoint. Everything above speaks to an engine through this and nothing else.
 * Every method throws `NemoError` (errors.ts) for what the server or the network says, and the signal's reason when
 * aborted.
 */
export interface NemoClient {
  /** Makes a task with one session, whose timeline is empty. @param request `language` such as `en` or `zh` */
  createSession(request: { taskName: string; language: string }, options?: RequestOptions): Promise<NemoSession>;
  /**
   * Sends one message to the agent, once, and yields its events until the stream ends. Never retried: it is charged.
   *
   * @throws NemoError also in the midst of the stream, when the connection breaks; the agent's work then goes on
   */
  run(request: { sessionId: string; text: string }, options?: RequestOptions): AsyncIterable<AgentEvent>;
  /**
   * Absolute paths, streamed from disk; or, for our own engine, handed over as `file:` URLs without copying.
   *
   * @returns one for each file that the server took
   * @throws NemoError `file` when one cannot be read, and for the cloud `unsupported-file`, `too-large` above 500 MB
   */
  upload(sessionId: string, paths: readonly string[], options?: UploadOptions): Promise<UploadedFile[]>;
  /** Has the server fetch files of the web. @returns one for each file that it took */
  uploadUrls(sessionId: string, urls: readonly string[], options?: RequestOptions): Promise<UploadedFile[]>;
  /** What the account has now. */
  credits(options?: RequestOptions): Promise<Credits>;
  /** The session with its draft as it is now. @throws NemoError `session-not-found` */
  state(sessionId: string, options?: RequestOptions): Promise<SessionState>;
  /** Resolves when the render has been taken on; it goes on at the server whatever becomes of us. */
  submitRender(request: RenderRequest, options?: RequestOptions): Promise<void>;
  /** One look at a render; the caller looks again. */
  renderStatus(renderId: string, options?: RequestOptions): Promise<RenderStatus>;
  /** Asks; a server that does not know the route (404) counts as asked. */
  cancelRender(renderId: string, options?: RequestOptions): Promise<void>;
  /**
   * Writes a finished render to a new file; on failure or abort what it wrote is gone.
   *
   * @returns the bytes written
   * @throws NemoError `file` when it cannot be written or is there already
   */
  download(
    request: DownloadRequest,
    options?: RequestOptions & { onProgress?: (progress: { receivedBytes: number; totalBytes?: number }) => void },
  ): Promise<{ bytes: number }>;
  /**
   * Link that opens the project in the browser: `<web>/workspace/claim?ct=…`. Never the API token.
   *
   * @throws NemoError `refused` by our own engine, whose sessions no browser can open
   */
  claimLink(request: { taskId: string; sessionId: string }, options?: RequestOptions): Promise<string>;
  /** Has our own engine delete what it keeps of the session. The cloud has no route for that: it is sent nothing. */
  forgetSession(sessionId: string, options?: RequestOptions): Promise<void>;
  /** `<web>/register?bind=<user id>`, when the user id is known. */
  registrationLink(): string | undefined;
  /** Ends what is under way; requests after that are refused as `unreachable`. */
  close(): Promise<void>;
}
