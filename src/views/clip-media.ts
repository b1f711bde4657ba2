import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { MediaError, type ClipSummary, type MediaEngine } from '../media/media.js';
import type { ToPanel } from '../messages.js';
import type { Microseconds } from '../timeline/timecode.js';

const PEAK_COUNT = 2000;
const THUMBNAIL_COUNT = 30;
const THUMBNAIL_HEIGHT = 60;
const MOST_CLIPS = 20;

/** What the panel shows of a clip besides its picture; it fills in while it is computed. */
export interface ClipAnalysis {
  readonly summary: ClipSummary | undefined;
  /** Why the clip cannot be read, as a sentence for the person. */
  readonly problem: string | undefined;
  /** Waveform, thumbnails and pauses, as far as they are there, ready for the panel. */
  readonly drawings: readonly ToPanel[];
}

/** Analyses clips once for all panels. A clip that changed on disk is analysed anew. */
export class ClipMedia {
  readonly #media: MediaEngine;
  readonly #log: (line: string) => void;
  readonly #clips = new Map<string, { identity: string; analysis: ClipAnalysis; summary: Promise<unknown> }>();
  readonly #listeners = new Set<(path: string) => void>();

  constructor(media: MediaEngine, log: (line: string) => void) {
    this.#media = media;
    this.#log = log;
  }

  onDidChange(listener: (path: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What is known now; starts the analysis when there is none. */
  get(path: string): ClipAnalysis {
    const known = this.#clips.get(path);
    if (known) return known.analysis;
    void this.refresh(path);
    return { summary: undefined, problem: undefined, drawings: [] };
  }

  /** Looks whether the file is still the one that was analysed, and resolves when its headers are read. */
  async refresh(path: string): Promise<ClipAnalysis> {
    const identity = await stat(path).then(
      ({ size, mtimeMs, ino }) => `${size} ${mtimeMs} ${ino}`,
      () => 'missing',
    );
    let known = this.#clips.get(path);
    if (!known || known.identity !== identity) {
      const analysis: ClipAnalysis = { summary: undefined, problem: undefined, drawings: [] };
      known = { identity, analysis, summary: Promise.resolve() };
      this.#clips.delete(path);
      this.#clips.set(path, known);
      for (const old of [...this.#clips.keys()].slice(0, -MOST_CLIPS)) this.#clips.delete(old);
      known.summary = this.#analyse(path, identity);
    }
    await known.summary;
    return this.#clips.get(path)?.analysis ?? known.analysis;
  }

  /** @returns the clip's length. @throws MediaError when it cannot be read */
  async duration(path: string): Promise<Microseconds> {
    const { summary, problem } = await this.refresh(path);
    if (summary) return summary.duration;
    throw new MediaError('unreadable', problem ?? 'This file cannot be read as a video.');
  }

  async #analyse(path: string, identity: string): Promise<void> {
    try {
      const summary = await this.#media.probe(path);
      this.#change(path, identity, { summary });
      // The drawings are an extra that comes when it comes; only the headers are waited for.
      void this.#draw(path, identity, summary);
    } catch (error) {
      this.#log(`clip: cannot be read (${error instanceof MediaError ? error.code : 'unknown'})`);
      const problem =
        error instanceof MediaError ? error.message : `${basename(path)} cannot be read. Check that it is a video.`;
      this.#change(path, identity, { problem });
    }
  }

  async #draw(path: string, identity: string, summary: ClipSummary): Promise<void> {
    const add = (drawing: ToPanel): void => {
      const drawings = this.#clips.get(path)?.analysis.drawings ?? [];
      this.#change(path, identity, { drawings: [...drawings, drawing] });
    };
    const steps: (() => Promise<void>)[] = [];
    if (summary.video) {
      steps.push(async () => {
        const pictures = await this.#media.thumbnails(path, THUMBNAIL_COUNT, THUMBNAIL_HEIGHT);
        add({
          type: 'thumbnails',
          pictures: pictures.map(({ time, jpeg }) => ({
            time,
            dataUri: `data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}`,
          })),
        });
      });
    }
    if (summary.audio.length > 0) {
      steps.push(async () => {
        const { step, values } = await this.#media.peaks(path, PEAK_COUNT);
        add({ type: 'peaks', step, values: [...values] });
      });
      steps.push(async () => {
        add({ type: 'pauses', sections: await this.#media.pauses(path) });
      });
    }
    for (const step of steps) {
      if (this.#clips.get(path)?.identity !== identity) return;
      // The timeline works without them, so a failure is only worth a line in the log.
      await step().catch((error: unknown) =>
        this.#log(`clip: no drawing (${error instanceof Error ? error.name : ''})`),
      );
    }
  }

  #change(path: string, identity: string, change: Partial<ClipAnalysis>): void {
    const known = this.#clips.get(path);
    if (known?.identity !== identity) return;
    known.analysis = { ...known.analysis, ...change };
    for (const listener of [...this.#listeners]) listener(path);
  }
}
