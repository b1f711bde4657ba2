import type { Section } from '../src/timeline/sections.js';
import type { Microseconds } from '../src/timeline/timecode.js';

/** Dragging on the timeline never makes a wrong section: it stops at the neighbours and at the ends of the clip. */

/** No section made by hand is shorter. */
export const SHORTEST_SECTION = 10_000;

/** The section painted from `anchor` to `to`; undefined while it is too short or `anchor` lies in another one. */
export function paintSection(
  anchor: Microseconds,
  to: Microseconds,
  others: readonly Section[],
  duration: Microseconds,
): Section | undefined {
  if (others.some((other) => anchor > other.in && anchor < other.out)) return undefined;
  const room = roomAround(anchor, others, duration);
  const section = { in: Math.max(room.in, Math.min(anchor, to)), out: Math.min(room.out, Math.max(anchor, to)) };
  return section.out - section.in >= SHORTEST_SECTION ? section : undefined;
}

/** The section with one edge dragged to a time. */
export function dragEdge(
  section: Section,
  edge: 'in' | 'out',
  to: Microseconds,
  others: readonly Section[],
  duration: Microseconds,
): Section {
  const room = roomAround(section.in, others, duration);
  if (edge === 'in') return { in: Math.max(room.in, Math.min(to, section.out - SHORTEST_SECTION)), out: section.out };
  return { in: section.in, out: Math.min(room.out, Math.max(to, section.in + SHORTEST_SECTION)) };
}

/** The section moved by a time, its length kept. */
export function moveSection(
  section: Section,
  by: Microseconds,
  others: readonly Section[],
  duration: Microseconds,
): Section {
  const room = roomAround(section.in, others, duration);
  const shift = Math.max(room.in - section.in, Math.min(by, room.out - section.out));
  return { in: section.in + shift, out: section.out + shift };
}

/** The free range around a time, between its neighbours. */
function roomAround(time: Microseconds, others: readonly Section[], duration: Microseconds): Section {
  let start = 0;
  let end = duration;
  for (const other of others) {
    if (other.out <= time) start = Math.max(start, other.out);
    else if (other.in >= time) end = Math.min(end, other.in);
  }
  return { in: start, out: end };
}
