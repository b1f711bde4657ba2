import { isClosing } from './export.js';
import type { SessionState } from './session-state.js';

/** Stores what is under way for as long as it is, so that a window that closes or crashes leaves word of it. */
export async function inFlight<T>(
  what: NonNullable<SessionState['inFlight']>,
  { state, persist }: { readonly state: SessionState; readonly persist: () => Promise<void> },
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  state.inFlight = what;
  await persist();
  try {
    return await work();
  } finally {
    if (!isClosing(signal)) state.inFlight = undefined;
  }
}
