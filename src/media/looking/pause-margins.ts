import type { Section } from '../../timeline/sections.js';
import type { Microseconds } from '../../timeline/timecode.js';

/** A pause that begins or ends this near to an end of the clip has nothing on that side. */
const EDGE: Microseconds = 250_000;

/** Neither at the start nor at the end of a clip of length `end`. */
export function isInnerPause(pause: Section, end: Microseconds): boolean {
  return pause.in > EDGE && pause.out < end - EDGE;
}

/**
 * What goes when pauses are removed: `margin` of each stays at each side, so that no breath or consonant is clipped. At
 * the ends of the clip there is no speech on the other side, so no margin either. Pauses that are no longer than their
 * margins are left out.
 */
export function withMargins(pauses: readonly Section[], margin: Microseconds, end: Microseconds): Section[] {
  return pauses
    .map((pause) => ({
      in: pause.in <= EDGE ? 0 : pause.in + margin,
      out: pause.out >= end - EDGE ? end : pause.out - margin,
    }))
    .filter((pause) => pause.out > pause.in);
}
