import { access } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import { EXPORT_FORMATS, EXPORT_QUALITIES, type PanelExportOffer } from '../messages.js';
import type { MediaEngine } from '../media/media.js';
import { ExportQueue, type WaitingExport } from '../session/export-queue.js';
import { outputCandidates } from '../session/output-name.js';
import { nameFromTemplate, nameProblem, tidyName } from '../session/output-template.js';
import type { KeyValueStore } from '../session/ports.js';
import type { SessionBook } from '../session/session-book.js';
import { SessionError } from '../session/session-error.js';
import type { SessionSnapshot } from '../session/snapshot.js';
import type { TrimSession } from '../session/trim-session.js';
import type { ClipMedia } from '../views/clip-media.js';
import type { MarkStore } from '../views/marks.js';
import type { ExportChoice, PanelExports } from '../views/panel-exports.js';
import { exportChoices, exportOptions, type ExportChoices } from './export-choices.js';
import { ExportForesight } from './export-foresight.js';
import { anyPlace, exportShown, showTakenUp } from './export.js';
import { engineSetting } from './account.js';
import { markedSections } from './marked-sections.js';

export interface ExportDeskParts {
  readonly book: SessionBook;
  readonly clips: ClipMedia;
  readonly media: MediaEngine;
  readonly store: KeyValueStore;
  readonly marks: MarkStore;
  readonly log: (line: string) => void;
}

const FOLDER = 'videoTrimmer.exportFolder';

/** The person's template for the names of results; undefined where the setting is no text. */
export function outputTemplate(): string | undefined {
  const template: unknown = vscode.workspace.getConfiguration('videoTrimmer').get('outputName');
  return typeof template === 'string' && template.trim() !== '' ? template : undefined;
}

/** Whether subtitles beside a clip are cut along with it, as the settings are now. */
export function cutsSubtitles(): boolean {
  return vscode.workspace.getConfiguration('videoTrimmer').get('cutSubtitles') !== false;
}

/** Everything about exports that panels and commands share: what is chosen, what that would give, and the queue. */
export class ExportDesk implements PanelExports, vscode.Disposable {
  readonly #parts: ExportDeskParts;
  readonly #queue: ExportQueue;
  readonly #foresight: ExportForesight;
  /** The next free name of each session's result, by what it was looked for. */
  readonly #files = new Map<string, { key: string; file: string }>();
  readonly #listeners = new Set<() => void>();
  readonly #settings: vscode.Disposable;

  constructor(parts: ExportDeskParts) {
    this.#parts = parts;
    this.#foresight = new ExportForesight(parts.media, parts.log, () => this.#changed());
    this.#queue = new ExportQueue({
      book: parts.book,
      store: parts.store,
      run: exportShown,
      onTakenUp: (_, outcome) => showTakenUp(outcome),
    });
    this.#queue.onDidChange(() => {
      // A name that was free may be taken now, and how fast this machine is may be known better.
      this.#files.clear();
      this.#foresight.lookAgain();
      this.#changed();
    });
    this.#settings = vscode.workspace.onDidChangeConfiguration(
      (event) => event.affectsConfiguration('videoTrimmer.outputName') && this.#changed(),
    );
  }

  get waiting(): readonly WaitingExport[] {
    return this.#queue.waiting;
  }

  onDidChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Goes on with the exports that waited when the last window closed. */
  takeUp(): void {
    this.#queue.takeUp();
  }

  async export(session: TrimSession): Promise<void> {
    const wanted = this.#wanted(session);
    if (wanted?.problem !== undefined) throw new SessionError('refused', wanted.problem);
    await anyPlace(session, async (place) => {
      const options = wanted ? exportOptions(wanted.choices, wanted.chosen, session.snapshot.engine, wanted) : {};
      const { outputPath } = place;
      if (outputPath === undefined) {
        const file = wanted ? await this.#freeName(candidatesOf(wanted)) : session.snapshot.title;
        return await this.#queue.add(session, options, file);
      }
      // A path that was chosen says name, folder and format itself.
      const { resolution } = options;
      const there = { outputPath, ...(resolution === undefined ? {} : { resolution }) };
      return await this.#queue.add(session, there, basename(outputPath));
    });
  }

  offer(session: TrimSession): PanelExportOffer | undefined {
    const wanted = this.#wanted(session);
    if (!wanted) return undefined;
    const { choices, chosen, name, folder, problem } = wanted;
    const { formats, format, qualities, quality } = choices;
    const { clips, marks } = this.#parts;
    const duration = clips.get(wanted.clip).summary?.duration ?? session.snapshot.clip?.duration;
    const marked = markedSections(session, marks, duration);
    const { engine = engineSetting() } = session.snapshot;
    const timeline = { ...session.snapshot, engine, duration };
    const estimate = marked && this.#foresight.estimate(timeline, marked, choices, chosen !== undefined);
    const file = problem === undefined ? this.#fileOf(session.id, wanted) : undefined;
    return {
      formats: formats.map((offered) => ({ ...offered })),
      format,
      qualities: [...qualities],
      quality,
      name,
      ...(file === undefined ? {} : { file }),
      ...(problem === undefined ? {} : { problem }),
      ...(folder === undefined ? {} : { folder: basename(folder) || folder }),
      ...(estimate ? { estimate } : {}),
    };
  }

  choose(session: TrimSession, { format, quality, name }: Parameters<PanelExports['choose']>[1]): void {
    const wanted = this.#wanted(session);
    if (!wanted) return;
    const now = wanted.chosen ?? { ...wanted.choices, name: '' };
    session.chooseExport({
      format: format ?? now.format,
      quality: quality ?? now.quality,
      name: name ?? now.name,
    });
    this.#changed();
  }

  async chooseFolder(session: TrimSession, place: 'dialog' | 'beside-clip'): Promise<void> {
    const { clip } = session.snapshot;
    if (place === 'beside-clip') await this.#parts.store.update(FOLDER, undefined);
    else {
      const [picked] =
        (await vscode.window.showOpenDialog({
          title: vscode.l10n.t('Folder for Results'),
          openLabel: vscode.l10n.t('Export Here'),
          canSelectFiles: false,
          canSelectFolders: true,
          ...(clip ? { defaultUri: vscode.Uri.file(this.#folder ?? dirname(clip.path)) } : {}),
        })) ?? [];
      if (!picked) return;
      if (picked.scheme !== 'file') {
        throw new SessionError('refused', vscode.l10n.t('Results can only be written to a folder on disk.'));
      }
      const beside = clip !== undefined && dirname(clip.path) === picked.fsPath;
      await this.#parts.store.update(FOLDER, beside ? undefined : picked.fsPath);
    }
    this.#changed();
  }

  cancel(waiting: string): void {
    this.#queue.cancel(waiting);
  }

  dispose(): void {
    this.#listeners.clear();
    this.#settings.dispose();
    this.#foresight.dispose();
    this.#queue.dispose();
  }

  get #folder(): string | undefined {
    const folder = this.#parts.store.get(FOLDER);
    return typeof folder === 'string' && folder !== '' ? folder : undefined;
  }

  #wanted({ snapshot }: TrimSession): Wanted | undefined {
    const { clip } = snapshot;
    if (!clip) return undefined;
    const chosen = snapshot.exportChoice && knownChoice(snapshot.exportChoice);
    const choices = exportChoices(snapshot, this.#parts.clips.get(clip.path).summary, chosen);
    const { ending, quality } = choices;
    const typed = chosen?.name ?? '';
    const facts = { clip: clip.path, ending, resolution: quality, now: Date.now() };
    const name = typed === '' ? nameFromTemplate(outputTemplate(), facts) : tidyName(typed, ending);
    const problem = nameProblem(name);
    return {
      clip: clip.path,
      chosen,
      choices,
      name: problem === undefined ? name : typed,
      folder: this.#folder,
      problem,
    };
  }

  /** What the file will be called; looked for beside, so it may be known a little later. */
  #fileOf(session: string, wanted: Wanted): string {
    const { clip, choices, name, folder } = wanted;
    const key = JSON.stringify([clip, name, folder, choices.ending]);
    const known = this.#files.get(session);
    if (known?.key === key) return known.file;
    const first = `${name}.${choices.ending}`;
    this.#files.set(session, { key, file: first });
    void this.#freeName(candidatesOf(wanted)).then((file) => {
      if (this.#files.get(session)?.key !== key || file === first) return;
      this.#files.set(session, { key, file });
      this.#changed();
    });
    return first;
  }

  /** Names on disk, and those of exports that are still to be written, are taken. */
  async #freeName(candidates: Iterable<string>): Promise<string> {
    const promised = this.#queue.promised;
    for (const path of candidates) {
      if (promised.includes(basename(path))) continue;
      const isTaken = await access(path).then(
        () => true,
        () => false,
      );
      if (!isTaken) return basename(path);
    }
    return '';
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** What another version of ours has stored may not be offered any more. */
function knownChoice({ format, quality, name }: NonNullable<SessionSnapshot['exportChoice']>): ExportChoice {
  return {
    format: EXPORT_FORMATS.find((offered) => offered === format) ?? 'source',
    quality: EXPORT_QUALITIES.find((offered) => offered === quality) ?? 'source',
    name,
  };
}

interface Wanted {
  readonly clip: string;
  readonly chosen: ExportChoice | undefined;
  readonly choices: ExportChoices;
  readonly name: string;
  readonly folder: string | undefined;
  readonly problem: string | undefined;
}

function candidatesOf({ clip, choices, name, folder }: Wanted): Iterable<string> {
  return outputCandidates(clip, choices.ending, folder, name);
}
