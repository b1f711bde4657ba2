import * as l10n from '@vscode/l10n';
import type * as NodeAv from 'node-av/lib';
import type * as NodeAvConstants from 'node-av/constants';

import { MediaError } from './media.js';

/** FFmpeg's libraries as node-av binds them. Only the worker process has them. */
export interface Native {
  readonly av: typeof NodeAv;
  readonly c: typeof NodeAvConstants;
}

let loaded: Native | undefined;

/**
 * Loads the native part once; later calls are free.
 *
 * @throws MediaError `no-native` where it is not installed or does not fit this platform
 */
export async function loadNative(): Promise<Native> {
  if (loaded) return loaded;
  try {
    const [av, c] = await Promise.all([import('node-av/lib'), import('node-av/constants')]);
    av.Log.setLevel(c.AV_LOG_FATAL);
    loaded = { av, c };
    return loaded;
  } catch (cause) {
    const message = l10n.t(
      'Cutting on this machine is not available here: the media part is not installed for this system. Install the package for your system, or use the cloud.',
    );
    throw new MediaError('no-native', message, { cause });
  }
}

/** The native part; for code that runs after {@link loadNative}. */
export function native(): Native {
  if (!loaded) throw new Error('native() before loadNative()');
  return loaded;
}

/** A call into FFmpeg failed; `code` is its AVERROR. */
export class NativeError extends Error {
  override readonly name = 'NativeError';
  constructor(
    readonly code: number,
    readonly operation: string,
  ) {
    super(`${operation}: ${native().av.FFmpegError.strerror(code)}`);
  }
}

/** Passes a result of FFmpeg on and throws its errors, which are negative. */
export function check(result: number, operation: string): number {
  if (result < 0) throw new NativeError(result, operation);
  return result;
}

/** FFmpeg's `AVERROR(EAGAIN)` or end of file: a codec wants more input or is done, no failure. */
export function isDrained(result: number): boolean {
  const { av, c } = native();
  return result === av.FFmpegError.AVERROR(av.PosixError.EAGAIN) || result === c.AVERROR_EOF;
}

/** Undefined for FFmpeg's "no timestamp"; else a tick count, exact below 2^53. */
export function ticks(value: bigint): number | undefined {
  return value === -(2n ** 63n) ? undefined : Number(value);
}
