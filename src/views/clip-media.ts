import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import * as vscode from 'vscode';
import {
  MediaError,
  type ClipSummary,
  type MediaEngine,
  type PlayablePiece,
  type PlayableWish,
} from '../media/media.js';
import type { Microseconds } from '../timeline/timecode.js';
import { ClipDrawings } from './clip-drawings.js';

const MOST_CLIPS = 20;

/** What the panel shows of a clip besides its picture; it fills in while it is computed. */
export interface ClipAnalysis {
  /** Names the state of the file: another one when it has changed on disk. Undefined until it was looked at. */
  readonly version: string | undefined;
  readonly summary: ClipSummary | undefined;
  /** Why the clip cannot be read, as a sentence for the person. */
  readonly problem: string | undefined;
  /** Waveform, pictures and pauses, as far as they are there. */
  readonly drawings: ClipDrawings | undefined;
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
    return { version: undefined, summary: undefined, problem: undefined, drawings: undefined };
  }

  /** Looks whether the file is still the one that was analysed, and resolves when its headers are read. */
  async refresh(path: string): Promise<ClipAnalysis> {
    const identity = await stat(path).then(
      ({ size, mtimeMs, ino }) => `${size}-${mtimeMs}-${ino}`,
      () => 'missing',
    );
    let known = this.#clips.get(path);
    if (!known || known.identity !== identity) {
      const analysis = { version: identity, summary: undefined, problem: undefined, drawings: undefined };
      known = { identity, analysis, summary: Promise.resolve() };
      this.#forget(path);
      this.#clips.set(path, known);
      for (const old of [...this.#clips.keys()].slice(0, -MOST_CLIPS)) this.#forget(old);
      known.summary = this.#analyse(path, identity);
      this.#tell(path, identity);
    }
    await known.summary;
    return this.#clips.get(path)?.analysis ?? known.analysis;
  }

  /** The settings for pauses are others now. */
  findPausesAnew(): void {
    for (const { analysis } of this.#clips.values()) analysis.drawings?.findPauses();
  }

  /** What could not be read may be readable now. */
  readAnew(): void {
    for (const [path, { analysis }] of [...this.#clips]) {
      if (analysis.problem === undefined) continue;
      this.#forget(path);
      void this.refresh(path);
    }
  }

  /** @returns the clip's length. @throws MediaError when it cannot be read */
  async duration(path: string): Promise<Microseconds> {
    const { summary, problem } = await this.refresh(path);
    if (summary) return summary.duration;
    throw new MediaError('unreadable', problem ?? vscode.l10n.t('This file cannot be read as a video.'));
  }

  /** A piece of a track that a page can play. @throws MediaError */
  async playable(path: string, wish: PlayableWish, signal: AbortSignal): Promise<PlayablePiece> {
    // What the page knows of a clip that changed comes before the first piece of it.
    await this.duration(path);
    const { version } = this.get(path);
    const piece = await this.#media.playable(path, wish, { signal });
    if (version === this.get(path).version) return piece;
    throw new MediaError('source-changed', vscode.l10n.t('{0} has changed. Play it again.', basename(path)));
  }

  async #analyse(path: string, identity: string): Promise<void> {
    try {
      const summary = await this.#media.probe(path);
      // The drawings are an extra that comes when it comes; only the headers are waited for.
      const drawings = new ClipDrawings(this.#media, summary, () => this.#tell(path, identity), this.#log);
      this.#change(path, identity, { summary, drawings });
      if (this.#clips.get(path)?.identity === identity) drawings.start();
    } catch (error) {
      this.#log(`clip: cannot be read (${error instanceof MediaError ? error.code : 'unknown'})`);
      const problem =
        error instanceof MediaError
          ? error.message
          : vscode.l10n.t('{0} cannot be read. Check that it is a video.', basename(path));
      this.#change(path, identity, { problem });
    }
  }

  #change(path: string, identity: string, change: Partial<ClipAnalysis>): void {
    const known = this.#clips.get(path);
    if (known?.identity !== identity) return;
    known.analysis = { ...known.analysis, ...change };
    this.#tell(path, identity);
  }

  #forget(path: string): void {
    this.#clips.get(path)?.analysis.drawings?.dispose();
    this.#clips.delete(path);
  }

  #tell(path: string, identity: string): void {
    if (this.#clips.get(path)?.identity !== identity) return;
    for (const listener of [...this.#listeners]) listener(path);
  }
}
