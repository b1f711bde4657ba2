import * as vscode from 'vscode';
import type { TrimSession } from '../session/trim-session.js';
import { shownName } from '../timeline/shown-name.js';
import { formatLength, fromSeconds } from '../timeline/timecode.js';

/** What is under way in a session, or waits for its turn, in words. */
export interface Job {
  /** Unique in its session, and the same for as long as it lasts. */
  readonly id: string;
  readonly label: string;
  /** The same for a row beneath its session, where that need not be named. Default: the label. */
  readonly brief?: string;
  /** Of the work, 0 to 1, where that is known. */
  readonly fraction?: number;
  /** A quiet line beside the share that is done. */
  readonly detail?: string;
  /** It has not begun. */
  readonly waits: boolean;
  readonly cancel: () => void;
}

/** An export in the queue, as the export desk has it. */
export interface WaitingExports {
  readonly waiting: readonly { readonly id: string; readonly session: string; readonly file: string }[];
  cancel(id: string): void;
}

/** The jobs of one session: what it does now, then its exports that wait. */
export function jobsOf(session: TrimSession, exports: WaitingExports): readonly Job[] {
  const waiting = exports.waiting.filter((one) => one.session === session.id);
  const waits = waiting.map(({ id, file }): Job => ({
    id: `wait/${id}`,
    label: vscode.l10n.t('Export of {0}', shownName(file)),
    detail: vscode.l10n.t('waits for its turn'),
    waits: true,
    cancel: () => exports.cancel(id),
  }));
  return [...underWay(session), ...waits];
}

/** `42% · 0:12 left`; empty where nothing is known. */
export function progressWords({ fraction, detail }: Job): string {
  const share = fraction === undefined ? undefined : `${percent(fraction)}%`;
  return [share, detail].filter((part) => part !== undefined && part !== '').join(' · ');
}

/** 0 to 100, rounded down: 100 is said only of what is done. @param fraction of 1; what lies outside is clamped */
export function percent(fraction: number): number {
  return Math.floor(Math.min(1, Math.max(0, fraction)) * 100);
}

function underWay(session: TrimSession): readonly Job[] {
  const { activity, engine, title } = session.snapshot;
  const stop = (): void => void session.stop();
  switch (activity.kind) {
    case 'idle':
      return [];
    case 'connecting':
      return [
        {
          id: 'work',
          label: vscode.l10n.t('Preparing {0}', shownName(title)),
          brief: vscode.l10n.t('Preparing…'),
          waits: false,
          cancel: stop,
        },
      ];
    case 'editing': {
      const note = activity.note === undefined ? {} : { detail: activity.note };
      return [
        {
          id: 'work',
          label: vscode.l10n.t('Editing {0}', shownName(title)),
          brief: vscode.l10n.t('Editing…'),
          ...note,
          waits: false,
          cancel: stop,
        },
      ];
    }
    case 'uploading':
      return activity.files.map(({ id, name, fraction }) => ({
        id: `upload/${id}`,
        label: vscode.l10n.t('Uploading {0}', shownName(name)),
        fraction,
        waits: false,
        cancel: () => void session.cancelUpload(id),
      }));
    case 'exporting': {
      const { receiving = false, fraction, secondsLeft, note } = activity;
      const left =
        secondsLeft === undefined ? note : vscode.l10n.t('{0} left', formatLength(fromSeconds(Math.ceil(secondsLeft))));
      const name = shownName(title);
      const rendering = { label: vscode.l10n.t('Rendering {0}', name), brief: vscode.l10n.t('Rendering…') };
      const download =
        engine === 'cloud'
          ? { label: vscode.l10n.t('Downloading {0}', name), brief: vscode.l10n.t('Downloading…') }
          : { label: vscode.l10n.t('Saving {0}', name), brief: vscode.l10n.t('Saving…') };
      return [
        {
          id: receiving ? 'download' : 'render',
          ...(receiving ? download : rendering),
          ...(fraction === undefined ? {} : { fraction }),
          ...(left === undefined ? {} : { detail: left }),
          waits: false,
          cancel: stop,
        },
      ];
    }
  }
}
