import * as l10n from '@vscode/l10n';
import { addedTracks } from '../timeline/difference.js';
import type { Draft, Track } from '../timeline/draft.js';
import { joinWords } from '../timeline/phrases.js';
import { isMusic } from '../timeline/summary.js';
import { formatLength } from '../timeline/timecode.js';
import type { ChatLog } from './chat-log.js';
import type { EditResult } from './edit.js';
import type { SessionState } from './session-state.js';

/**
 * After a clip is generated, NemoVideo adds background music and a title of its own accord, in a second stage. The raw
 * clip is told when it is there; what came on top is told separately, for the person to keep or to take out.
 */

/** Ms between the looks for the second stage once the stream is closed. */
export const SECOND_STAGE_LOOKS: readonly number[] = [20_000, 40_000, 60_000, 60_000];

const WANTS_SOUND =
  /\b(?:music|bgm|song|songs|sound|soundtrack|audio|track|tracks|voice|voice-?over|narrat\w+|beat|beats|undo|redo|restore)\b|音乐|配乐|歌|旁白|配音|音效|背景音|声音|撤销|重做|恢复/iu;
const WANTS_TEXT =
  /\b(?:titles?|text|texts|captions?|subtitles?|words?|headlines?|intro|outro|credits|undo|redo|restore)\b|标题|字幕|文字|片头|片尾|撤销|重做|恢复/iu;
const TAKES_BACK = /\b(?:undo|redo|restore|revert|put back|bring back)\b|撤销|重做|恢复|还原/iu;

/** Tracks that came without the message asking for such. */
export function unaskedTracks(message: string, before: Draft, after: Draft): Track[] {
  return addedTracks(before, after).filter((track) => {
    if (track.kind === 'text') return !WANTS_TEXT.test(message);
    return isMusic(track) && !WANTS_SOUND.test(message);
  });
}

/** Whether the message made new picture: a second stage may then follow. */
export function madeNewClip(message: string, before: Draft, after: Draft): boolean {
  const grown = videoLength(after) - videoLength(before);
  return grown >= 100_000 && !TAKES_BACK.test(message);
}

function videoLength(draft: Draft): number {
  return Math.max(0, ...draft.tracks.map((track) => (track.kind === 'video' ? track.duration : 0)));
}

/** `The raw clip is ready: 0:10.` */
export function tellRawClip(chat: ChatLog, draft: Draft): void {
  const text = l10n.t(
    'The raw clip is ready: {0}. NemoVideo may still add music and a title.',
    formatLength(videoLength(draft)),
  );
  chat.add({ kind: 'status', text, actions: ['export'] });
}

/**
 * Says what came on top, with keep and strip.
 *
 * @returns the words for these tracks, for the message that takes them out
 */
export function tellAdditions(chat: ChatLog, tracks: readonly Track[]): string {
  const shown = joinWords(tracks.map(shownName));
  const text =
    tracks.length === 1
      ? l10n.t('NemoVideo also added {0}. Keep it, or take it out?', shown)
      : l10n.t('NemoVideo also added {0}. Keep them, or take them out?', shown);
  chat.add({ kind: 'status', text, actions: ['keep-additions', 'strip-additions'] });
  return tracks.map(toldName).join(' and ');
}

/** The message that takes the additions out again. */
export function stripInstruction(additions: string): string {
  return `remove ${additions}, and leave everything else as it is`;
}

/** What the agent is told: its instructions are English. */
function toldName(track: Track): string {
  const what = track.kind === 'text' ? 'the title' : 'the background music';
  return track.title === '' ? what : `${what} "${track.title}"`;
}

function shownName({ kind, title }: Track): string {
  if (title === '') return kind === 'text' ? l10n.t('the title') : l10n.t('the background music');
  return kind === 'text' ? l10n.t('the title "{0}"', title) : l10n.t('the background music "{0}"', title);
}

/** What NemoVideo adds to a clip that it has made: told once, with the answer or when it is found later. */
export class Additions {
  readonly #state: SessionState;
  /** A clip was made, and music and title may follow. */
  #awaiting: { readonly message: string; readonly draft: Draft } | undefined;

  constructor(state: SessionState) {
    this.#state = state;
  }

  /** Whether some may still come. */
  get awaited(): boolean {
    return this.#awaiting !== undefined;
  }

  /** Takes what an edit brought. @param message that asked for it */
  after(
    message: string,
    { additions, difference, awaitsAdditions }: Pick<EditResult, 'additions' | 'difference' | 'awaitsAdditions'>,
  ): void {
    const { draft } = this.#state;
    if (additions.length > 0) this.#tell(additions);
    else if (difference.changed) this.#state.additions = undefined;
    this.#awaiting = awaitsAdditions ? { message, draft } : undefined;
  }

  /** Tells what was added since the clip was made, by the draft as it is now. @returns whether anything was */
  settle(): boolean {
    const awaiting = this.#awaiting;
    if (!awaiting) return true;
    const now = this.#state.draft;
    const added = unaskedTracks(awaiting.message, awaiting.draft, now);
    if (added.length > 0) this.#tell(added);
    return added.length > 0 || addedTracks(awaiting.draft, now).length > 0;
  }

  #tell(tracks: readonly Track[]): void {
    this.#state.additions = tellAdditions(this.#state.chat, tracks);
    this.#awaiting = undefined;
  }
}
