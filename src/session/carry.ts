import { joinWords, listSections } from '../timeline/difference.js';
import type { Section } from '../timeline/sections.js';
import type { ChatLog } from './chat-log.js';
import type { SayOutcome } from './outcomes.js';
import { SessionError } from './session-error.js';

/** What makes an edit once more elsewhere: one of the two is there. */
export interface Carry {
  /** Source ranges to remove. */
  readonly sections: readonly Section[];
  /** Messages to say again, where the timeline does not tell what they did. */
  readonly said: readonly string[];
}

/** `The cuts made before (0:45–1:20) are`, `The edits made before ("cut the first 5 seconds") are` */
export function inWords({ sections, said }: Carry): string {
  return said.length > 0
    ? `The edits made before (${quoted(said)}) are`
    : `The cuts made before (${listSections(sections)}) are`;
}

/**
 * Makes the edit again on the timeline as it is now.
 *
 * @param to.left told what is still to be made, so that trying again does not make the rest twice
 * @throws SessionError with the first that changed nothing: going on would be with another video than was seen before
 */
export async function makeAgain(
  { sections, said }: Carry,
  to: {
    readonly chat: ChatLog;
    readonly remove: (sections: readonly Section[]) => Promise<SayOutcome>;
    readonly say: (text: string) => Promise<SayOutcome>;
    readonly left: (rest: Carry | undefined) => void;
  },
): Promise<void> {
  if (sections.length > 0) {
    to.chat.add({ kind: 'status', text: `Making your cuts again: ${listSections(sections)}.` });
    const { difference, answer } = await to.remove(sections);
    if (difference?.changed === true) return to.left(undefined);
    throw new SessionError('agent', `Your cuts could not be made again: ${answer}`, { actions: ['retry'] });
  }
  to.chat.add({ kind: 'status', text: `Making your edits again: ${quoted(said)}.` });
  for (const [index, text] of said.entries()) {
    const { difference, answer } = await to.say(text);
    if (difference?.changed !== true) {
      throw new SessionError('agent', `${quoted([text])} could not be done again, so nothing went on: ${answer}`);
    }
    const rest = said.slice(index + 1);
    to.left(rest.length > 0 ? { sections, said: rest } : undefined);
  }
}

function quoted(texts: readonly string[]): string {
  return joinWords(texts.map((text) => `"${text}"`));
}
