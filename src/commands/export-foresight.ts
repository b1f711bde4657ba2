import { setTimeout } from 'node:timers/promises';
import * as l10n from '@vscode/l10n';
import type { CutRequest, MediaEngine } from '../media/media.js';
import type { PanelExportOffer } from '../messages.js';
import type { SessionSnapshot } from '../session/snapshot.js';
import { keptOfDraft } from '../session/source-ranges.js';
import { isExportable, type Draft } from '../timeline/draft.js';
import type { PlannedCut } from '../timeline/planned-cut.js';
import { keptRanges, type Section } from '../timeline/sections.js';
import type { Microseconds } from '../timeline/timecode.js';
import type { ExportChoices } from './export-choices.js';

type Estimate = NonNullable<PanelExportOffer['estimate']>;

/** Marks change many times while they are dragged; they are looked at when they rest. Milliseconds. */
const REST = 250;

interface Look {
  readonly key: string;
  readonly abort: AbortController;
  plan: PlannedCut | undefined;
  /** The plan is of another timeline, or of other choices. */
  isOfAnother: boolean;
  /** Something has changed since; what was seen stands until it is seen anew. */
  isOld: boolean;
}

/** A session as an export would take it; the duration is that of the clip. */
export interface Exported extends Pick<SessionSnapshot, 'id' | 'clip' | 'draft' | 'plan' | 'wish' | 'engine'> {
  readonly duration: Microseconds | undefined;
}

/** What an export on this machine would do as chosen: how large, how long, and how much of it is encoded anew. */
export class ExportForesight {
  readonly #media: MediaEngine;
  readonly #log: (line: string) => void;
  readonly #onDidChange: () => void;
  /** The last look at each session. */
  readonly #looks = new Map<string, Look>();

  constructor(media: MediaEngine, log: (line: string) => void, onDidChange: () => void) {
    this.#media = media;
    this.#log = log;
    this.#onDidChange = onDidChange;
  }

  /**
   * What is known now; looks where nothing is, and tells. While it looks anew, what was known of the timeline before is
   * marked as old.
   *
   * @param marked what an export removes first, in source time
   * @param touched whether the person has chosen: without, what was said in the chat goes, which the engine foresees
   */
  estimate(
    { id, engine, clip, draft, plan, wish, duration }: Exported,
    marked: readonly Section[],
    { ending, height }: Pick<ExportChoices, 'ending' | 'height'>,
    touched: boolean,
  ): Estimate | undefined {
    if (engine !== 'local' || !clip) return undefined;
    // Where all of it is encoded, a few pictures tell more than what the engine foresaw with the edit.
    const isKnown = plan?.method === 'smart' || (plan && wish?.resolution !== undefined && height === undefined);
    if (!touched && isKnown && marked.length === 0 && isExportable(draft)) return estimateOf(plan);
    const kept = keptWithout(marked, draft, duration);
    if (!kept || kept.length === 0) return undefined;
    const key = JSON.stringify([clip.path, ending, height, draft.join, kept]);
    const known = this.#looks.get(id);
    if (known?.key !== key || known.isOld) {
      known?.abort.abort();
      const isOfAnother = known !== undefined && (known.key !== key || known.isOfAnother);
      const look: Look = { key, abort: new AbortController(), plan: known?.plan, isOfAnother, isOld: false };
      this.#looks.set(id, look);
      const request = {
        input: clip.path,
        output: `export.${ending}`,
        kept,
        ...(draft.join ? { join: draft.join } : {}),
        ...(height === undefined ? {} : { height }),
      };
      void this.#look(look, request, known === undefined ? 0 : REST);
    }
    const { plan: seen, isOfAnother } = this.#looks.get(id) ?? {};
    return seen && { ...estimateOf(seen), ...(isOfAnother === true ? { old: true } : {}) };
  }

  async #look(look: Look, request: CutRequest, rest: number): Promise<void> {
    const { signal } = look.abort;
    try {
      await setTimeout(rest, undefined, { signal });
      look.plan = await this.#media.plan(request, { signal, sampled: true });
    } catch (error) {
      if (signal.aborted) return;
      look.plan = undefined;
      this.#log(`export: could not be foreseen: ${(error as Error).name}`);
    }
    look.isOfAnother = false;
    this.#onDidChange();
  }

  /** What was seen may be told better now. */
  lookAgain(): void {
    for (const look of this.#looks.values()) look.isOld = true;
  }

  dispose(): void {
    for (const { abort } of this.#looks.values()) abort.abort();
    this.#looks.clear();
  }
}

/** What stays of the clip, in the order of the timeline; undefined where that cannot be told. */
function keptWithout(
  marked: readonly Section[],
  draft: Draft,
  duration: Microseconds | undefined,
): readonly Section[] | undefined {
  const whole = duration === undefined ? undefined : [{ in: 0, out: duration }];
  // Before the first edit there is no timeline: it is going to be the whole clip.
  const kept = isExportable(draft) ? keptOfDraft(draft, [], duration) : marked.length > 0 ? whole : undefined;
  return kept?.flatMap((range) => keptRanges(marked, range));
}

function estimateOf({ bytes, seconds, frames, reencodedFrames, method, reason }: PlannedCut): Estimate {
  const whole = method === 'reencode' && frames !== 0;
  return {
    seconds,
    ...(bytes === undefined ? {} : { bytes }),
    ...(frames === undefined ? {} : { frames }),
    ...(reencodedFrames === undefined ? {} : { reencodedFrames }),
    ...(whole ? { reason: reason ?? l10n.t('it cannot be copied') } : {}),
  };
}
