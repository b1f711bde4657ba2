import type { MediaEngine } from '../media/media.js';
import type { PanelExportOffer } from '../messages.js';
import type { SessionSnapshot } from '../session/snapshot.js';
import { keptOfDraft } from '../session/source-ranges.js';
import { isExportable } from '../timeline/draft.js';
import type { PlannedCut } from '../timeline/planned-cut.js';
import type { ExportChoices } from './export-choices.js';

type Estimate = NonNullable<PanelExportOffer['estimate']>;

interface Look {
  readonly key: string;
  readonly abort: AbortController;
  plan: PlannedCut | undefined;
  /** Something has changed since; what was seen stands until it is seen anew. */
  isOld: boolean;
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
   * What is known now; looks where nothing is, and tells.
   *
   * @param touched whether the person has chosen: without, what was said in the chat goes, which the engine foresees
   */
  estimate(snapshot: SessionSnapshot, choices: ExportChoices, touched: boolean): Estimate | undefined {
    const { id, engine, clip, draft, plan, wish } = snapshot;
    const { ending, height } = choices;
    if (engine !== 'local' || !clip || !isExportable(draft)) return undefined;
    // Where all of it is encoded, a few pictures tell more than what the engine foresaw with the edit.
    const isKnown = plan?.method === 'smart' || (plan && wish?.resolution !== undefined && height === undefined);
    if (!touched && isKnown) return estimateOf(plan);
    const kept = keptOfDraft(draft, [], clip.duration);
    if (!kept) return undefined;
    const key = JSON.stringify([clip.path, ending, height, draft.join, kept]);
    const known = this.#looks.get(id);
    const seen = known?.key === key ? known.plan : undefined;
    if (known?.key === key && !known.isOld) return seen && estimateOf(seen);
    known?.abort.abort();
    const look: Look = { key, abort: new AbortController(), plan: seen, isOld: false };
    this.#looks.set(id, look);
    const request = {
      input: clip.path,
      output: `export.${ending}`,
      kept,
      ...(draft.join ? { join: draft.join } : {}),
      ...(height === undefined ? {} : { height }),
    };
    this.#media.plan(request, { signal: look.abort.signal, sampled: true }).then(
      (planned) => {
        look.plan = planned;
        this.#onDidChange();
      },
      (error: unknown) => {
        if (!look.abort.signal.aborted) this.#log(`export: could not be foreseen: ${(error as Error).name}`);
      },
    );
    return seen && estimateOf(seen);
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

function estimateOf({ bytes, seconds, frames, reencodedFrames, method, reason }: PlannedCut): Estimate {
  const whole = method === 'reencode' && frames !== 0;
  return {
    seconds,
    ...(bytes === undefined ? {} : { bytes }),
    ...(frames === undefined ? {} : { frames }),
    ...(reencodedFrames === undefined ? {} : { reencodedFrames }),
    ...(whole ? { reason: reason ?? 'it cannot be copied' } : {}),
  };
}
