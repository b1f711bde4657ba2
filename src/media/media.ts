import type { Join } from '../timeline/join.js';
import type { Section } from '../timeline/sections.js';
import type { PlannedCut } from '../timeline/planned-cut.js';
import type { Microseconds } from '../timeline/timecode.js';

/** What a clip is, read from its headers and index without decoding it. */
export interface ClipSummary {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Container as FFmpeg names its demuxer family: `mp4`, `mov`, `matroska`, `webm`, `avi`, … */
  readonly container: string;
  readonly duration: Microseconds;
  /** Of the first frame, where the file has one: `10:35:42:12`, `01:00:00;00`. */
  readonly timecode?: string;
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
  /** FFmpeg's codec name: `aac`, `opus`, `pcm_s16le`, … */
  readonly codec: string;
  /** Samples per second of each channel. */
  readonly sampleRate: number;
  readonly channels: number;
  /** BCP 47 or ISO 639-2, as the container has it. */
  readonly language?: string;
}

/** What a clip holds beside its picture and its sound. */
export interface ClipExtras {
  readonly tracks: readonly ExtraTrack[];
  /** By time; nested ones are among them, hidden ones are not. */
  readonly chapters: readonly ClipChapter[];
}

export interface ExtraTrack {
  readonly kind: 'subtitle' | 'cover' | 'picture' | 'attachment' | 'timecode' | 'data';
  /** FFmpeg's codec name. */
  readonly codec: string;
  /** BCP 47 or ISO 639-2, as the container has it. */
  readonly language?: string;
}

export interface ClipChapter {
  /** On the clip's clock. */
  readonly start: Microseconds;
  /** Empty where it has none. */
  readonly title: string;
}

export interface CutRequest {
  /** Absolute path of the source; opened for reading only. */
  readonly input: string;
  /** Absolute path to write. It must not exist: nothing is ever overwritten. The ending chooses the container. */
  readonly output: string;
  /** Source ranges that stay, in the order of the result, without overlap. */
  readonly kept: readonly Section[];
  /**
   * How the ranges meet; default is a plain cut. A dissolve mixes the end of each range with the beginning of the next,
   * so that nothing of what was removed is shown or heard, and the result is shorter by its length at each join.
   */
  readonly join?: Join;
  /**
   * Height in pixels of the picture as it is shown, in the source's shape. A picture that is not higher keeps its size;
   * one that is scaled is encoded whole.
   */
  readonly height?: number;
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
  /** Told while the whole picture is encoded anew, from the rate so far. */
  readonly secondsLeft?: number;
}

export interface WorkOptions {
  /** Ends the work, which then rejects with the signal's reason, once what it wrote is gone. */
  readonly signal?: AbortSignal;
  /** Told 0 at once. A cut tells more on its way, never less than before. */
  readonly onProgress?: (progress: Progress) => void;
}

export interface CutOptions extends WorkOptions {
  /** Told before the first frame is encoded; again when it turns out that the picture has to be encoded whole. */
  readonly onPlan?: (plan: PlannedCut) => void;
}

export interface PlanOptions extends WorkOptions {
  /** Milliseconds for looking at the clip; after that only what its codec and container say is told. Default 1,500. */
  readonly timeLimit?: number;
  /**
   * Where the whole picture will be encoded anew, a few pictures are, to tell time and size by them; that takes as long
   * again. Default false: by what is known of clips and this machine alone.
   */
  readonly sampled?: boolean;
}

export interface PauseSearch {
  /**
   * Level under which sound counts as silence, in dB of full scale, below 0. `auto`, the default: from the noise floor
   * of the sound itself.
   */
  readonly threshold?: number | 'auto';
  /** Shortest pause that is reported. Default 1 s. */
  readonly minimum?: Microseconds;
}

/** How the person wants pauses to be found and removed. */
export interface PauseSettings {
  /** As in {@link PauseSearch}: dB of full scale, below 0. */
  readonly threshold: number | 'auto';
  /** Shortest pause that counts. */
  readonly minimum: Microseconds;
  /** How much of a pause stays at each of its sides. */
  readonly margin: Microseconds;
}

export const DEFAULT_PAUSES: PauseSettings = { threshold: 'auto', minimum: 1_000_000, margin: 100_000 };

/** A stretch of the waveform of a clip's first sound track. */
export interface SoundPart {
  /** Time that one value covers. */
  readonly step: Microseconds;
  /** How many values the whole clip has. */
  readonly count: number;
  /** Position of the first value of this part. */
  readonly offset: number;
  /** Greatest absolute sample of each step, over all channels: 0 for none, 255 for full scale. */
  readonly peaks: Uint8Array;
}

/** Which pictures of a clip are wanted. */
export interface ThumbnailRequest {
  /** The clip is divided into this many equal parts; a picture of each is wanted. */
  readonly count: number;
  /** Pixels. */
  readonly height: number;
  /** Only the parts whose middle lies in here; default is the whole clip. */
  readonly within?: Section;
}

export interface Thumbnail {
  /** When the keyframe is shown, on the clip's clock. */
  readonly time: Microseconds;
  /** Pixels of the picture as it is shown: upright, with square pixels. */
  readonly width: number;
  readonly height: number;
  readonly jpeg: Uint8Array;
}

export type PlayableTrack = 'sound' | 'picture';

/** A piece of a clip's first sound or of its picture. */
export interface PlayableWish {
  readonly track: PlayableTrack;
  /** On the clip's clock. */
  readonly start: Microseconds;
  readonly length: Microseconds;
}

/** A file in memory that every browser plays. */
export interface PlayablePiece {
  readonly start: Microseconds;
  /** As wished, or up to the clip's end. */
  readonly duration: Microseconds;
  /** `audio/flac`, or `video/webm; codecs="vp8"`. */
  readonly mime: string;
  /**
   * Sound: FLAC of exactly `duration` at 48 kHz, with silence where the track has none. Picture: WebM with VP8, its times counted
   * from `start`; the first frame is a keyframe at 0, the last one stands until `duration`.
   */
  readonly data: Uint8Array;
}

/**
 * The media work on this machine. Its native part runs in a worker process that is started on first use, so a crash
 * there ends one job with a {@link MediaError} and nothing else. Paths are absolute, times on the clip's clock, which
 * begins where players show 0:00.
 *
 * All work rejects with the signal's reason when aborted, and may reject with a MediaError `no-native`,
 * `worker-crashed`, `over-limit` or `failed`; what else it throws stands with each method.
 */
export interface MediaEngine {
  /** @throws MediaError `not-found`, `not-media`, `unreadable`, `unsupported` for a bare stream without times */
  probe(path: string, options?: WorkOptions): Promise<ClipSummary>;
  /**
   * Cuts and joins, exact to the frame. On failure or abort the output file is gone.
   *
   * @throws MediaError as {@link probe}; `unsupported` for the output's ending too; `nothing-left`, `source-changed`;
   *   of the output `exists`, `not-writable`, `no-space`
   */
  cut(request: CutRequest, options?: CutOptions): Promise<CutReport>;
  /**
   * What {@link cut} would do. Nothing is written: of the output only the ending counts.
   *
   * @throws MediaError as {@link cut} would for what can be seen now
   */
  plan(request: CutRequest, options?: PlanOptions): Promise<PlannedCut>;
  /** The person's settings for pauses as they are now. */
  pauseSettings(): PauseSettings;
  /**
   * Pauses of the first sound track, in order; empty for a clip without sound. What is not given, the settings say.
   *
   * @throws MediaError as {@link sound}
   */
  pauses(path: string, search?: PauseSearch, options?: WorkOptions): Promise<Section[]>;
  /**
   * Measures the first sound track and gives its waveform in parts, in order, as it becomes known; silence for a clip
   * without sound.
   *
   * @throws MediaError as {@link probe}, `unsupported` for sound that nothing here decodes; what `onPart` throws
   */
  sound(path: string, onPart: (part: SoundPart) => void, options?: WorkOptions): Promise<void>;
  /**
   * Pictures of keyframes, the rough ones first, each given as it is made; none for a clip without picture.
   *
   * @returns all of them by time
   * @throws MediaError as {@link probe}, `unsupported` for a picture that nothing here decodes; what `onMade` throws
   */
  thumbnails(
    path: string,
    request: ThumbnailRequest,
    onMade?: (picture: Thumbnail) => void,
    options?: WorkOptions,
  ): Promise<Thumbnail[]>;
  /**
   * Makes a piece of a track playable where the webview cannot play the clip itself. Pieces that follow each other, each
   * asked for when the one before is there, are cheapest and join without a gap.
   *
   * @throws MediaError as {@link probe}, `unsupported` when there is no such track, `source-changed`, `failed` when the
   *   clip ends before `wish.start`
   */
  playable(path: string, wish: PlayableWish, options?: WorkOptions): Promise<PlayablePiece>;
  /**
   * When the keyframes of the picture are shown, in order. Empty where there are more than `most`, and for containers
   * that would have to be read whole.
   *
   * @throws MediaError `not-found`, `not-media`, `unreadable`
   */
  keyframes(path: string, most: number, options?: WorkOptions): Promise<Microseconds[]>;
  /** Subtitles, covers, chapters and the like. @throws MediaError as {@link probe} */
  extras(path: string, options?: WorkOptions): Promise<ClipExtras>;
  /** Ends the worker; running work is rejected with `worker-crashed`. Work after that starts a new one. */
  close(): Promise<void>;
}

export type MediaErrorCode =
  | 'not-found' // the source is not there
  | 'not-media' // the source is a folder, empty, or nothing that FFmpeg knows
  | 'unreadable' // the source may not be opened, or is damaged
  | 'unsupported' // a codec, a container or a track that this cannot be done with
  | 'nothing-left' // no frame would stay
  | 'no-space' // the disk of the output is full
  | 'not-writable' // the output's folder is not there or may not be written
  | 'exists' // the output is there already
  | 'source-changed' // the source is another file than when the work began
  | 'no-native' // FFmpeg's library is not installed or not for this platform
  | 'worker-crashed' // the worker ended
  | 'over-limit' // the work took more memory or time than this machine can spare
  | 'failed'; // anything else

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
