import type { SoundPart } from '../media.js';
import type { Hearing } from './sound-looks.js';

/** Milliseconds: as often as a growing waveform looks alive. */
const INTERVAL = 150;

/** Sends what became known since it was called last, not more often than a person sees; all that is left at the end. */
export function createPartSender(
  send: (part: SoundPart) => void,
  now: () => number = () => performance.now(),
): (hearing: Hearing, last: boolean) => void {
  let offset = 0;
  let sent = Number.NEGATIVE_INFINITY;
  return ({ sound, finished }, last) => {
    if (finished <= offset || (!last && now() - sent < INTERVAL)) return;
    sent = now();
    // The slice is copied on its way; the array itself goes on growing.
    const { step, peaks } = sound;
    send({ step, count: peaks.length, offset, peaks: peaks.slice(offset, finished) });
    offset = finished;
  };
}
