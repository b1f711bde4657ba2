import * as l10n from '@vscode/l10n';
import type { Join } from '../timeline/join.js';
import { joinWords } from '../timeline/phrases.js';
import { mergeSections, type Section } from '../timeline/sections.js';
import { formatTimecode } from '../timeline/timecode.js';

/**
 * The one message that asks an agent to take sections out: in the cloud every message costs credits, so all marked
 * sections go together. One section reads as in the product text: `remove the section between 0:45 and 1:20 and join
 * the remaining parts smoothly`; several: `remove the sections between 0:45 and 1:20 and between 2:00 and 2:10 and
 * join …`, from three on with commas. It is what the person sees that they said, so it is in their language, which the
 * session has too.
 *
 * @param sections in the time of the timeline as it is now; those that touch or overlap are named as one
 * @throws RangeError without a section
 */
export function removalInstruction(sections: readonly Section[]): string {
  const named = mergeSections(sections).map(({ in: from, out }) =>
    l10n.t('between {0} and {1}', formatTimecode(from, exact(from)), formatTimecode(out, exact(out))),
  );
  if (named.length === 0) throw new RangeError('A removal needs a section.');
  return named.length === 1
    ? l10n.t('remove the section {0} and join the remaining parts smoothly', joinWords(named))
    : l10n.t('remove the sections {0} and join the remaining parts smoothly', joinWords(named));
}

/** Frame times such as 1/30 s need more than the usual three digits to hit the frame that was marked. */
function exact(time: number): { digits?: number } {
  return time % 1000 === 0 ? {} : { digits: 6 };
}

/** The message that asks an agent to make the joins in another way, those that are there and those to come. */
export function joinInstruction(join: Join): string {
  if (join.kind === 'cut') return l10n.t('use a plain cut at every join');
  return l10n.t('make every join a {0}-second dissolve', join.duration / 1_000_000);
}
