import type { Section } from '../timeline/sections.js';
import type { Microseconds } from '../timeline/timecode.js';

/** What a clip is, read from its headers and index without decoding it. */
export interface ClipSummary {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Container as FFmpeg names its demuxer family: `mp4`, `mov`, `matroska`, `webm`, `avi`, … */
  readonly container: string;
  readonly duration: Microseconds;
  readonly video?: VideoSummary;
  readonly audio: readonly AudioSummary[];
}

export interface VideoSummary {
  /** FFmpeg's codec name: `h264`, `hevc`, `vp9`, … */
  readonly codec: string;
  /** Coded size in pixels, before rotation. */
  readonly width: number;
  readonly height: number;
  /** Clockwise degrees for display: 0, 90, 180 or 270. */
  readonly rotation: number;
  /** Average frames per second. */
  readonly frameRate: number;
  /** Known when the container indexes its samples. */
  readonly frames?: number;
}

export interface AudioSummary {
  readonly codec: string;
  readonly sampleRate: number;
  readonly channels: number;
  /** BCP 47 or ISO 639-2, as the container has it. */
  readonly language?: string;
}

export interface CutRequest {
  /** Absolute path of the source; opened for reading only. */
  readonly input: string;
  /** Absolute path to write. It must not exist: nothing is ever overwritten. The ending chooses the container. */
  readonly output: string;
  /** Source ranges that stay, in the order of the result, without overlap. */
  readonly kept: readonly Section[];
}

/** What was done, to be told to the person. */
export interface CutReport {
  /** `smart`: only the frames around the joins were encoded anew, the rest is copied; `reencode`: all of them were. */
  readonly method: 'smart' | 'reencode';
  readonly duration: Microseconds;
  readonly sourceDuration: Microseconds;
  /** Video frames in the result and, of these, encoded anew. 0 for a clip without picture. */
  readonly frames: number;
  readonly reencodedFrames: number;
  /** One sentence each: why the clip was re-encoded whole, what could not be kept. */
  readonly notes: readonly string[];
}

export interface Progress {
  /** 0 to 1. */
  readonly fraction: number;
}

export interface WorkOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

export interface PauseSearch {
  /** Level under which sound counts as silence, in dB of full scale. Default −35. */
  readonly threshold?: number;
  /** Shortest pause that is reported. Default 1 s. */
  readonly minimum?: Microseconds;
}

export interface Peaks {
  /** Time that one value covers. */
  readonly step: Microseconds;
  /** Greatest absolute sample of each step, over all channels, 0 to 1. */
  readonly values: readonly number[];
}

export interface Thumbnail {
  readonly time: Microseconds;
  readonly width: number;
  readonly height: number;
  readonly jpeg: Uint8Array;
}

/**
 * The media work on this machine. Its native part runs in a worker process that is started on first use, so a crash
 * there ends one job with a {@link MediaError} and nothing else.
 */
export interface MediaEngine {
  /** @throws MediaError `not-found`, `not-media`, `unreadable` */
  probe(path: string, options?: WorkOptions): Promise<ClipSummary>;
  /**
   * Cuts and joins, exact to the frame. On failure or abort the output file is gone.
   *
   * @throws MediaError, or the signal's reason when aborted
   */
  cut(request: CutRequest, options?: WorkOptions): Promise<CutReport>;
  /** Pauses of the first sound track, in order; empty for a clip without sound. */
  pauses(path: string, search?: PauseSearch, options?: WorkOptions): Promise<Section[]>;
  peaks(path: string, count: number, options?: WorkOptions): Promise<Peaks>;
  /** Pictures of keyframes near `count` evenly spaced times, `height` pixels high. */
  thumbnails(path: string, count: number, height: number, options?: WorkOptions): Promise<Thumbnail[]>;
  /** Ends the worker; running work is rejected. Work after that starts a new one. */
  close(): Promise<void>;
}

export type MediaErrorCode =
  | 'not-found'
  | 'not-media'
  | 'unreadable'
  | 'unsupported'
  | 'nothing-left'
  | 'no-space'
  | 'not-writable'
  | 'exists'
  | 'source-changed'
  | 'no-native'
  | 'worker-crashed'
  | 'failed';

/** Work on a clip failed. `message` is one plain sentence for the person: what happened and what to do next. */
export class MediaError extends Error {
  override readonly name = 'MediaError';
  constructor(
    readonly code: MediaErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
