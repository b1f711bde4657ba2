import * as l10n from '@vscode/l10n';
import { steadyNow } from '../nemo/clock.js';
import { lengths, type DraftDifference } from '../timeline/difference.js';
import type { Draft } from '../timeline/draft.js';
import { summarizeDraft } from '../timeline/summary.js';
import type { RunListener } from './agent-run.js';
import type { EditSurroundings } from './edit.js';
import { translateGuiTalk, type AskedAction } from './gui-translation.js';
import { madeNewClip, tellRawClip, unaskedTracks } from './second-stage.js';
import type { ChatAction, ChatEntry } from './snapshot.js';

/** Ms between looks for the raw clip while the agent goes on with it. */
const RAW_CLIP_LOOKS = 30_000;

/** How an answer ended, as far as it is shown. */
export interface AnswerEnding {
  /** In the agent's words, without talk about another program's interface. */
  readonly answer: string;
  /** Something was said, even when nothing of it is left. */
  readonly said: boolean;
  readonly asks: readonly AskedAction[];
  readonly difference: DraftDifference;
  /** What changed beside what nobody asked for. */
  readonly main: string;
  readonly after: Draft;
  readonly stateKnown: boolean;
}

/** The entries that show one answer while it comes. */
export class ShownAnswer implements RunListener {
  readonly #message: string;
  readonly #to: EditSurroundings;
  #entry: string | undefined;
  #stillWorking: string | undefined;
  #text = '';
  #shownLength = 0;
  #lookedAt: number;
  #look: Promise<void> | undefined;
  #rawTold = false;

  constructor(message: string, to: EditSurroundings) {
    this.#message = message;
    this.#to = to;
    this.#lookedAt = steadyNow(to.clock);
  }

  onText(text: string): void {
    this.#text = text;
    this.#to.setNote(undefined);
    this.#dropStillWorking();
    // A long answer is read anew for each word of it: those that add little wait for the next ones.
    if (text.length - this.#shownLength < this.#shownLength / 50) return;
    this.#shownLength = text.length;
    // Whole words only: the beginning of a direction does not show yet that it is one.
    const shown = translateGuiTalk(/^(?<whole>.*\s)\S*$/su.exec(text)?.groups?.['whole'] ?? text).text;
    if (shown === '') return;
    const entry = { kind: 'agent', text: shown, streaming: true } as const;
    if (this.#entry === undefined) this.#entry = this.#to.chat.add(entry);
    else this.#to.chat.set(this.#entry, entry);
  }

  onActivity(_tool: string): void {
    this.#to.setNote(l10n.t('Editing the timeline…'));
  }

  onStillWorking(minutes: number): void {
    const note = l10n.t('⏳ Still working...');
    this.#to.setNote(note);
    this.#dropStillWorking();
    this.#stillWorking = this.#to.chat.addPassing(
      minutes > 2 ? l10n.t('⏳ Still working... ({0} minutes)', minutes) : note,
    );
  }

  /** A clip that takes minutes to make is there before its music and title: it is told as soon as it is. */
  onLifeSign(): void {
    const { clock, engine } = this.#to;
    if (engine !== 'cloud' || this.#rawTold || this.#look || steadyNow(clock) - this.#lookedAt < RAW_CLIP_LOOKS) return;
    this.#lookedAt = steadyNow(clock);
    this.#look = this.#lookForRawClip().finally(() => (this.#look = undefined));
  }

  /** @returns what the chat says in the end */
  async finish(ending: AnswerEnding): Promise<string> {
    await this.#look;
    const { answer, asks, difference, main } = ending;
    const actions: ChatAction[] = difference.changed ? ['export', 'undo'] : asks.includes('export') ? ['export'] : [];
    const said = answer === '' ? this.#silentAnswer(ending) : answer;
    const kind = answer === '' ? 'status' : 'agent';
    // The cloud's agent tells what it meant to do; the timeline tells what it did.
    const tells = answer !== '' && main !== '' && difference.changed && this.#to.tellDifference && !this.#rawTold;
    const edited: Pick<ChatEntry, 'topic' | 'change' | 'actions'> = {
      ...(difference.changed ? { topic: 'edited', change: lengths(difference) } : {}),
      ...(actions.length > 0 ? { actions } : {}),
    };
    const { sentence } = this.#to;
    const better = difference.changed || sentence === undefined ? {} : { sentence };
    const entry = { kind, text: said, ...(tells ? {} : edited), ...better } as const;
    if (this.#entry === undefined) this.#to.chat.add(entry);
    else this.#to.chat.set(this.#entry, entry);
    this.#entry = undefined;
    if (tells) this.#to.chat.add({ kind: 'status', ...edited, text: main });
    if (asks.includes('state')) this.#to.chat.add({ kind: 'status', text: summarizeDraft(ending.after) });
    return said;
  }

  /** What came before a failure stays readable, and nothing goes on streaming. */
  async close(): Promise<void> {
    await this.#look;
    this.#dropStillWorking();
    if (this.#entry === undefined) return;
    const { text } = translateGuiTalk(this.#text);
    if (text === '') this.#to.chat.remove(this.#entry);
    else this.#to.chat.set(this.#entry, { kind: 'agent', text });
    this.#entry = undefined;
  }

  #silentAnswer({ difference, main, said, stateKnown, asks }: AnswerEnding): string {
    if (difference.changed) return main === '' ? difference.text : main;
    if (!stateKnown) return l10n.t('No answer came, and the timeline could not be read. Type "status" to see it.');
    if (asks.includes('export')) return l10n.t('The timeline is unchanged and ready to export.');
    return said
      ? l10n.t(
          'NemoVideo only named steps of its own editor, and the timeline is unchanged. Say it in other words, with times such as 0:45.',
        )
      : l10n.t('No answer came, and the timeline is unchanged. Say it in other words, with times such as 0:45.');
  }

  async #lookForRawClip(): Promise<void> {
    const { before, chat, readState, log } = this.#to;
    try {
      const draft = await readState();
      if (!madeNewClip(this.#message, before, draft)) return;
      // With music and title already on it, clip and additions are told with the answer.
      if (unaskedTracks(this.#message, before, draft).length > 0) return;
      this.#rawTold = true;
      tellRawClip(chat, draft);
    } catch {
      // The look after the run tells what there is to tell.
      log('edit: the state could not be read meanwhile');
    }
  }

  #dropStillWorking(): void {
    if (this.#stillWorking !== undefined) this.#to.chat.remove(this.#stillWorking);
    this.#stillWorking = undefined;
  }
}
