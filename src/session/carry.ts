import * as l10n from '@vscode/l10n';
import { listSections } from '../timeline/difference.js';
import { joinWords, quoted } from '../timeline/phrases.js';
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

/** Says that it went with the timeline that a cloud session had. */
export function lostWords({ sections, said }: Carry): string {
  return said.length > 0
    ? l10n.t(
        'The edits made before ({0}) are gone with the old timeline. Do that again, or cut on this machine.',
        allQuoted(said),
      )
    : l10n.t(
        'The cuts made before ({0}) are gone with the old timeline. Do that again, or cut on this machine.',
        listSections(sections),
      );
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
    to.chat.add({ kind: 'status', text: l10n.t('Making your cuts again: {0}.', listSections(sections)) });
    const { difference, answer } = await to.remove(sections);
    if (difference?.changed === true) return to.left(undefined);
    throw new SessionError('agent', l10n.t('Your cuts could not be made again: {0}', answer), { actions: ['retry'] });
  }
  to.chat.add({ kind: 'status', text: l10n.t('Making your edits again: {0}.', allQuoted(said)) });
  for (const [index, text] of said.entries()) {
    const { difference, answer } = await to.say(text);
    if (difference?.changed !== true) {
      throw new SessionError(
        'agent',
        l10n.t('{0} could not be done again, so nothing went on: {1}', quoted(text), answer),
      );
    }
    const rest = said.slice(index + 1);
    to.left(rest.length > 0 ? { sections, said: rest } : undefined);
  }
}

function allQuoted(texts: readonly string[]): string {
  return joinWords(texts.map(quoted));
}
