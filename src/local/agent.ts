import type { MediaEngine } from '../media/media.js';
import { totalDuration } from '../timeline/sections.js';
import { checkUnchanged } from './clip-intake.js';
import type { EventStream } from './event-stream.js';
import { readAction, readMessage, type Cut, type Message, type ReadingContext } from './grammar.js';
import { namedClips } from './named-clips.js';
import * as say from './replies.js';
import {
  activeClip,
  applyEdit,
  redo,
  replaceClip,
  undo,
  withoutQuestion,
  type Clip,
  type Question,
  type SessionRecord,
} from './session-record.js';
import { pausesNeeded, planEdit } from './timeline-edit.js';

export interface AgentTools {
  readonly media: MediaEngine;
  /** Told of the work; the answer itself is the caller's to send. */
  readonly stream: Pick<EventStream, 'toolCall' | 'toolResult' | 'heartbeat'>;
  readonly signal: AbortSignal;
}

interface Answer {
  readonly record: SessionRecord;
  readonly result: string;
}

/**
 * One turn of the conversation: reads the message, edits the timeline of the active clip, and says what was done. Every
 * message gets an answer; one that is refused or not understood leaves the timeline as it was.
 *
 * @throws MediaError or Refusal when the clip cannot be read for its pauses
 */
export async function answerMessage(before: SessionRecord, text: string, tools: AgentTools): Promise<Answer> {
  const named = namedClips(text, before.clips);
  const message = understand(text, before, named.names);
  const { language } = message;
  const asked = withoutQuestion(before);
  if (named.clips.length > 1) return { record: asked, result: say.sayOneClip(language) };
  const chosen = named.clips[0];
  const switched = chosen !== undefined && chosen.asset !== before.active;
  const record = chosen ? { ...asked, active: chosen.asset } : asked;
  const clip = activeClip(record);
  if (!clip) return { record, result: say.sayNoClip(language) };
  const turn = await edit(clip, message, tools);
  const wished = message.format ? { ...record, format: message.format } : record;
  const question = turn.question === 'action' ? { about: 'action' as const, text } : turn.question;
  const after = { ...replaceClip(wished, turn.clip), ...(question ? { question } : {}) };
  const said = [...(switched ? [say.sayWorkingOn(language, clip)] : []), ...turn.said].filter((line) => line !== '');
  if (said.length === 0) said.push(chosen ? say.sayWorkingOn(language, clip) : say.sayHelp(language));
  return { record: after, result: said.join(language === 'zh' ? '' : ' ') };
}

function understand(text: string, record: SessionRecord, names: readonly string[]): Message {
  const { question } = record;
  const context: ReadingContext = { names, ...(question?.about === 'section' ? { awaited: question.action } : {}) };
  const message = readMessage(text, context);
  if (question?.about !== 'action' || message.intent.kind === 'cut' || message.rewind) return message;
  const decided = readAction(text);
  return decided ? readMessage(question.text, { names, decided }) : message;
}

interface Turn {
  readonly clip: Clip;
  readonly said: readonly string[];
  readonly question?: Question | 'action';
}

async function edit(before: Clip, message: Message, tools: AgentTools): Promise<Turn> {
  const { language, intent } = message;
  const { clip, said, stuck } = rewind(before, message);
  if (stuck) return { clip, said };
  switch (intent.kind) {
    case 'cut': {
      const turn = await cut(clip, intent.cuts, message, tools);
      return { ...turn, said: [...said, ...turn.said] };
    }
    case 'ask-section': {
      const question: Question = { about: 'section', action: intent.action };
      return { clip, said: [...said, say.askSection(language, intent.action, intent.unclear)], question };
    }
    case 'ask-action':
      return { clip, said: [...said, say.askAction(language)], question: 'action' };
    case 'bad-time':
      return { clip, said: [...said, say.sayBadTime(language, intent.text)] };
    case 'none':
      return { clip, said: [...said, say.sayWishes(language, message, clip, false)] };
  }
}

function rewind(clip: Clip, { language, rewind: wanted }: Message): { clip: Clip; said: string[]; stuck: boolean } {
  if (!wanted) return { clip, said: [], stuck: false };
  const whole = [{ in: 0, out: clip.duration }];
  const isWhole = totalDuration(clip.kept) === clip.duration;
  const restored = (): Clip | undefined => (isWhole ? undefined : applyEdit(clip, whole));
  const after = wanted === 'undo' ? undo(clip) : wanted === 'redo' ? redo(clip) : restored();
  // Going on with the rest of the message would edit another timeline than the person has in mind, except after a
  // "start over" of what is whole already.
  if (!after) return { clip, said: [say.sayNothingToRewind(language, wanted)], stuck: wanted !== 'restore' };
  return { clip: after, said: [say.sayRewound(language, wanted, after.kept)], stuck: false };
}

async function cut(clip: Clip, cuts: readonly Cut[], message: Message, tools: AgentTools): Promise<Turn> {
  const { language } = message;
  const settings = tools.media.pauseSettings();
  const minimum = pausesNeeded(cuts, settings);
  if (minimum !== undefined && !clip.hasSound) return { clip, said: [say.sayNoSound(language)] };
  const pauses = minimum === undefined ? [] : await findPauses(clip, minimum, tools);
  const planned = planEdit(cuts, clip.kept, pauses, settings);
  if ('kind' in planned) return { clip, said: [say.sayProblem(language, planned)] };
  const call = tools.stream.toolCall('edit_timeline', { removed: planned.removed });
  const after = applyEdit(clip, planned.kept);
  tools.stream.toolResult(call, 'edit_timeline', { duration: totalDuration(after.kept) });
  const facts = {
    removed: planned.removed,
    before: totalDuration(clip.kept),
    after: totalDuration(after.kept),
    margin: minimum === undefined ? undefined : settings.margin,
  };
  return { clip: after, said: [say.sayRemoved(language, facts), say.sayWishes(language, message, clip, true)] };
}

async function findPauses(clip: Clip, minimum: number, tools: AgentTools): Promise<{ in: number; out: number }[]> {
  const call = tools.stream.toolCall('find_pauses', { minimum });
  tools.stream.heartbeat();
  await checkUnchanged(clip);
  const pauses = await tools.media.pauses(clip.identity.path, { minimum }, { signal: tools.signal });
  tools.stream.toolResult(call, 'find_pauses', { count: pauses.length });
  return pauses;
}
