import type { TrimSession } from '../session/trim-session.js';
import { checkSections, type Section } from '../timeline/sections.js';
import type { Microseconds } from '../timeline/timecode.js';
import type { MarkStore } from '../views/marks.js';
import type { TrimCommands } from './trim.js';

/**
 * What an export is going to leave out of the clip beside what is gone already.
 *
 * @returns undefined where something is wrong with the marks: then nothing can be exported
 */
export function markedSections(
  session: TrimSession,
  marks: MarkStore,
  duration: Microseconds | undefined,
): Section[] | undefined {
  // An export under way has its timeline: the next one is asked for as that is, too.
  if (session.snapshot.activity.kind === 'exporting') return [];
  const { sections, problems } = checkSections(marks.complete(session.id), duration);
  return problems.length > 0 ? undefined : sections.filter((section) => section !== undefined);
}

/**
 * Removes what is marked, as every export does first: what a person sees beside the button is what they get.
 *
 * @returns false where the agent asked back instead: then there is nothing to export yet
 * @throws SessionError with the first mark to correct
 */
export async function removeMarked(
  session: TrimSession,
  { marks, trim }: { readonly marks: MarkStore; readonly trim: TrimCommands },
): Promise<boolean> {
  const sections = marks.complete(session.id);
  if (sections.length === 0 || session.snapshot.activity.kind === 'exporting') return true;
  if (!(await trim.remove(session, sections))) return false;
  marks.takeAway(session.id, sections);
  return true;
}
