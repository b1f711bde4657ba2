import type { NemoClient } from '../nemo/protocol.js';
import type { Section } from '../timeline/sections.js';
import type { Microseconds } from '../timeline/timecode.js';

/** What a session needs from its surroundings: filled by VS Code or by the command line. */

/** Keeps small JSON values; VS Code's Memento has this shape. */
export interface KeyValueStore {
  /** As it was kept, by whatever release: to be parsed. Undefined where nothing is. */
  get(key: string): unknown;
  /** Resolves when it is kept; `undefined` forgets it. Rejects when it could not be written. */
  update(key: string, value: unknown): Promise<void>;
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Rejects with the signal's reason when aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** Milliseconds of a clock that nobody sets; see `steadyNow`. */
  steady?(): number;
}

/** NemoVideo's servers, or our own engine on this machine. */
export type EngineName = 'cloud' | 'local';

/**
 * Gives the client for an engine; the local engine is started on first use.
 *
 * @throws SessionError or NemoError, in words for the person, when it cannot be started
 */
export type ConnectEngine = (engine: EngineName, signal?: AbortSignal) => Promise<NemoClient>;

/** Asks the person, once, before the first upload. Undefined: the person dismissed the question. */
export type ChooseEngine = () => Promise<EngineName | undefined>;

/**
 * Opens a finished file and reads its length, so that a broken download is never handed over.
 *
 * @throws whatever says that the file is no whole video
 */
export type ReadDuration = (path: string) => Promise<Microseconds>;

/** What tells one state of a file from another, its size, time and number; undefined when it is not there. */
export type StateOfFile = (path: string) => Promise<string | undefined>;

/**
 * Where nobody speaks in a clip for at least `minimum`, or for as long as the person's settings count as a pause, in
 * source time: by the subtitles beside it, whose names are `files`. Undefined where there are none.
 */
export type ReadUnsaid = (
  path: string,
  duration: Microseconds,
  minimum?: Microseconds,
) => Promise<{ readonly files: readonly string[]; readonly sections: readonly Section[] } | undefined>;

/** All of them, for the sessions of one window or of one run of the command line. */
export interface SessionPorts {
  readonly connectEngine: ConnectEngine;
  readonly chooseEngine: ChooseEngine;
  readonly readDuration: ReadDuration;
  readonly clock: Clock;
  /** Default: what the disk says. */
  readonly stateOfFile?: StateOfFile;
  /** For the cloud, which has no subtitles; without it, what is said of them is sent as it is. */
  readonly readUnsaid?: ReadUnsaid;
  /** Where sessions and the queue of exports are kept over a reload. */
  readonly store: KeyValueStore;
  /**
   * Whether the cloud's token was given by the person or the environment, which says that there is an account. Without
   * this port, a registration link says that there is none.
   */
  readonly ownToken?: () => Promise<boolean>;
  /** The person's template for the names of results; undefined takes the default. Asked for each time. */
  readonly outputTemplate?: () => string | undefined;
  /** Whether files of subtitles beside the clip are cut along with it. Default true. Asked for each time. */
  readonly cutsSubtitles?: () => boolean;
  /** Language of the agent's answers, such as `en` or `zh`. Default `en`. */
  readonly language?: string;
  /** No payloads, no secrets. `debug` where no level is given. */
  readonly log: (line: string, level?: 'warn') => void;
}
