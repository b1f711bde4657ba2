import type { SaidBeside } from '../media/looking/said-beside.js';
import type { MediaEngine } from '../media/media.js';
import { joinedDuration, joinOverlaps, type Join } from '../timeline/join.js';
import type { PlannedCut } from '../timeline/planned-cut.js';
import { totalDuration } from '../timeline/sections.js';
import { checkUnchanged } from './clip-intake.js';
import type { EventStream } from './event-stream.js';
import { foresee } from './foresight.js';
import { readAction, readMessage, withoutNames, type Cut, type Message, type ReadingContext } from './grammar.js';
import type { LocalClock } from './clock.js';
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
import { isFreeSpeech, sectionsFromWords, type LanguageModel } from './sections-from-words.js';
import { needsSubtitles, pausesNeeded, planEdit, type Spoken } from './timeline-edit.js';

export interface AgentTools {
  readonly media: MediaEngine;
  /** Told of the work; the answer itself is the caller's to send. */
  readonly stream: Pick<EventStream, 'toolCall' | 'toolResult' | 'heartbeat'>;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  /** For words that the grammar cannot read; without it they are answered with what it can. */
  readonly model?: LanguageModel | undefined;
  readonly clock: LocalClock;
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
  const understood = understand(text, before, named.names);
  // What the buttons send is English whatever the person speaks; what is written in Chinese is Chinese in any editor.
  const language = /^zh\b/iu.test(before.language) ? 'zh' : understood.language;
  const read = { ...understood, language };
  const asked = withoutQuestion(before);
  if (named.clips.length > 1) return { record: asked, result: say.sayOneClip(language) };
  const chosen = named.clips[0];
  const switched = chosen !== undefined && chosen.asset !== before.active;
  const record = chosen ? { ...asked, active: chosen.asset } : asked;
  const clip = activeClip(record);
  if (!clip) return { record, result: say.sayNoClip(language) };
  const spoken = isFreeSpeech(read) ? await freeSpeech(clip, withoutNames(text, named.names), tools) : undefined;
  const message: Message = spoken ? { ...read, intent: { kind: 'cut', cuts: spoken } } : read;
  const turn = await edit(clip, message, tools);
  const edited = replaceClip(withWishes(record, message), turn.clip);
  const foreseen = turn.clip !== clip || message.format || message.size ? await plan(edited, clip, tools) : undefined;
  const question = turn.question === 'action' ? { about: 'action' as const, text } : turn.question;
  const after = { ...(foreseen?.record ?? edited), ...(question ? { question } : {}) };
  const news = foreseen?.news ? [say.sayWhole(language, foreseen.news)] : [];
  const how = spoken ? [say.sayFreeSpeech(language)] : [];
  const said = [...(switched ? [say.sayWorkingOn(language, clip)] : []), ...how, ...turn.said, ...news].filter(
    (line) => line !== '',
  );
  if (said.length === 0) said.push(chosen ? say.sayWorkingOn(language, clip) : say.sayHelp(language));
  return { record: after, result: said.join(language === 'zh' ? '' : ' ') };
}

function understand(text: string, record: SessionRecord, names: readonly string[]): Message {
  const { question } = record;
  const context: ReadingContext = { names, ...(question?.about === 'section' ? { awaited: question.action } : {}) };
  const message = readMessage(text, context);
  if (question?.about === 'section' && question.join && message.intent.kind === 'cut') {
    return { join: question.join, ...message };
  }
  if (question?.about !== 'action' || message.intent.kind === 'cut' || message.rewind) return message;
  const decided = readAction(text);
  return decided ? readMessage(question.text, { names, decided }) : message;
}

function withWishes(record: SessionRecord, { format, size }: Message): SessionRecord {
  const { size: _, ...sourceSized } = record;
  const sized = size === undefined ? record : size === 'source' ? sourceSized : { ...record, size };
  return format ? { ...sized, format } : sized;
}

/** Looks what an export would do now. `news`: it encodes the whole picture, and that was not said before. */
async function plan(
  record: SessionRecord,
  before: Clip,
  tools: AgentTools,
): Promise<{ record: SessionRecord; news?: PlannedCut }> {
  const clip = activeClip(record);
  if (!clip) return { record };
  const call = tools.stream.toolCall('plan_export', {});
  const foreseen = await foresee(record, tools);
  tools.stream.toolResult(call, 'plan_export', { method: foreseen?.method ?? 'unknown' });
  const { plan: _, ...unplanned } = clip;
  const planned = replaceClip(record, foreseen ? { ...unplanned, plan: foreseen } : unplanned);
  const whole = foreseen?.method === 'reencode' && foreseen.frames !== 0;
  const told = before.plan?.method === 'reencode' && before.plan.reason === foreseen?.reason;
  return { record: planned, ...(whole && !told ? { news: foreseen } : {}) };
}

/** @returns what the words mean by the editor's language model; undefined where nobody can or may ask it */
async function freeSpeech(clip: Clip, words: string, tools: AgentTools): Promise<readonly Cut[] | undefined> {
  const { model, signal } = tools;
  if (!model || words.trim() === '' || !(await model.ready().catch(() => false))) return undefined;
  const settings = tools.media.pauseSettings();
  const pauses = clip.hasSound ? await findPauses(clip, settings.minimum, tools) : [];
  const call = tools.stream.toolCall('read_words', {});
  const cuts = await sectionsFromWords({ words, clip, pauses, settings }, model, { clock: tools.clock, signal });
  tools.stream.toolResult(call, 'read_words', { sections: cuts?.length ?? 0 });
  return cuts;
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
      const wanted = message.join ? { join: message.join } : {};
      const question: Question = { about: 'section', action: intent.action, ...wanted };
      return { clip, said: [...said, say.askSection(language, intent.action, intent.unclear)], question };
    }
    case 'ask-action':
      return { clip, said: [...said, say.askAction(language)], question: 'action' };
    case 'bad-time':
      return { clip, said: [...said, say.sayBadTime(language, intent.text)] };
    case 'none':
      if (message.join) return joinAnew(clip, message.join, said, message, tools);
      return { clip, said: [...said, say.sayWishes(language, message, clip, false)] };
  }
}

/** The joins that are there, and those to come, are made in another way. */
function joinAnew(before: Clip, join: Join, said: readonly string[], message: Message, tools: AgentTools): Turn {
  const { language } = message;
  const wishes = say.sayWishes(language, message, before, true);
  const same = JSON.stringify(before.join ?? { kind: 'cut' }) === JSON.stringify(join);
  if (same) return { clip: before, said: [...said, say.sayJoins(language, before, message, true), wishes] };
  const call = tools.stream.toolCall('edit_timeline', { join });
  const clip = applyEdit(before, before.kept, join);
  tools.stream.toolResult(call, 'edit_timeline', { duration: joinedDuration(clip.kept, clip.join) });
  return { clip, said: [...said, say.sayJoins(language, clip, message, false), wishes] };
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
  return { clip: after, said: [say.sayRewound(language, wanted, after)], stuck: false };
}

async function cut(clip: Clip, cuts: readonly Cut[], message: Message, tools: AgentTools): Promise<Turn> {
  const { language } = message;
  const settings = tools.media.pauseSettings();
  const minimum = pausesNeeded(cuts, settings);
  if (minimum !== undefined && !clip.hasSound) return { clip, said: [say.sayNoSound(language)] };
  const spoken = needsSubtitles(cuts) ? await readSubtitles(clip, tools) : undefined;
  if (spoken?.files.length === 0) return { clip, said: [say.sayNoSubtitles(language, clip.filename, spoken.mute)] };
  const pauses = minimum === undefined ? [] : await findPauses(clip, minimum, tools);
  const planned = planEdit(cuts, clip.kept, pauses, settings, spoken);
  if ('kind' in planned) return { clip, said: [say.sayProblem(language, planned)] };
  const call = tools.stream.toolCall('edit_timeline', { removed: planned.removed });
  const after = applyEdit(clip, planned.kept, message.join);
  const length = joinedDuration(after.kept, after.join);
  tools.stream.toolResult(call, 'edit_timeline', { duration: length });
  const facts = {
    removed: planned.removed,
    before: joinedDuration(clip.kept, clip.join),
    after: length,
    dissolve: Math.max(...joinOverlaps(after.kept, after.join)) > 0 ? after.join : undefined,
    limited: message.joinLimited ?? false,
    margin: minimum !== undefined || removesGaps(cuts) ? settings.margin : undefined,
  };
  const source = spoken ? [say.saySubtitles(language, spoken.files)] : [];
  return {
    clip: after,
    said: [...source, say.sayRemoved(language, facts), say.sayWishes(language, message, clip, true)],
  };
}

function removesGaps(cuts: readonly Cut[]): boolean {
  return cuts.some(({ action, part }) => part.kind === (action === 'remove' ? 'unsaid' : 'said'));
}

async function readSubtitles(clip: Clip, tools: AgentTools): Promise<SaidBeside & Spoken> {
  const call = tools.stream.toolCall('read_subtitles', {});
  await checkUnchanged(clip);
  const { saidBeside } = await import('../media/looking/said-beside.js');
  const found = await saidBeside(clip.identity.path, clip.duration);
  tools.stream.toolResult(call, 'read_subtitles', { files: found.files.length });
  return { ...found, duration: clip.duration };
}

async function findPauses(clip: Clip, minimum: number, tools: AgentTools): Promise<{ in: number; out: number }[]> {
  const call = tools.stream.toolCall('find_pauses', { minimum });
  tools.stream.heartbeat();
  await checkUnchanged(clip);
  const pauses = await tools.media.pauses(clip.identity.path, { minimum }, { signal: tools.signal });
  tools.stream.toolResult(call, 'find_pauses', { count: pauses.length });
  return pauses;
}
