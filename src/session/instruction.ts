import type { Join } from '../timeline/join.js';
import { mergeSections, type Section } from '../timeline/sections.js';
import { formatTimecode } from '../timeline/timecode.js';

/**
 * The one message that asks an agent to take sections out: in the cloud every message costs credits, so all marked
 * sections go together. One section reads as in the product text: `remove the section between 0:45 and 1:20 and join
 * the remaining parts smoothly`; several: `remove the sections between 0:45 and 1:20 and between 2:00 and 2:10 and
 * join …`, from three on with commas.
 *
 * @param sections in the time of the timeline as it is now; those that touch or overlap are named as one
 * @throws RangeError without a section
 */
export function removalInstruction(sections: readonly Section[]): string {
  const named = mergeSections(sections).map(
    ({ in: from, out }) => `between ${formatTimecode(from, exact(from))} and ${formatTimecode(out, exact(out))}`,
  );
  const last = named.pop();
  if (last === undefined) throw new RangeError('A removal needs a section.');
  const noun = named.length > 0 ? 'sections' : 'section';
  const list = named.length > 0 ? `${named.join(', ')} and ${last}` : last;
  return `remove the ${noun} ${list} and join the remaining parts smoothly`;
}

/** Frame times such as 1/30 s need more than the usual three digits to hit the frame that was marked. */
function exact(time: number): { digits?: number } {
  return time % 1000 === 0 ? {} : { digits: 6 };
}

/** The message that asks an agent to make the joins in another way, those that are there and those to come. */
export function joinInstruction(join: Join): string {
  if (join.kind === 'cut') return 'use a plain cut at every join';
  return `make every join a ${join.duration / 1_000_000}-second dissolve`;
}
