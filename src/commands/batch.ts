import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { BatchOrder, BatchOutcome } from '../session/batch.js';
import { SessionError } from '../session/session-error.js';
import type { Activity } from '../session/snapshot.js';
import type { TrimSession } from '../session/trim-session.js';
import { checkSections } from '../timeline/sections.js';
import { percent } from '../views/jobs.js';
import { extensionsFor, localVideos, noVideo } from './clip-choice.js';
import type { CommandDeps } from './deps.js';
import { revealOutput } from './export.js';
import { readSections } from './typed-sections.js';

/**
 * Trim Several Videos…: asks once what to cut, and does it to each.
 *
 * @param clicked and `selected` as the Explorer gives them; from the palette there are none
 */
export async function trimSeveral(
  { book, current, sidebar }: CommandDeps,
  clicked?: vscode.Uri,
  selected?: readonly vscode.Uri[],
): Promise<void> {
  const chosen = selected !== undefined && selected.length > 0 ? selected : clicked ? [clicked] : await browse();
  if (chosen.length === 0) return;
  const paths = localVideos(chosen);
  if (paths.length === 0) throw noVideo(chosen);
  const order = await askOrder(paths);
  if (!order) return;
  const session = book.create();
  current.set(session);
  const outcome = await withProgress(session, paths, order).catch(async (error: unknown) => {
    // Nothing was begun: no empty session is left for it.
    if (error instanceof SessionError && error.kind === 'dismissed') await book.remove(session.id);
    throw error;
  });
  void showBatch(outcome, () => sidebar.reveal()).catch(() => undefined);
}

async function browse(): Promise<readonly vscode.Uri[]> {
  const chosen = await vscode.window.showOpenDialog({
    title: vscode.l10n.t('Choose the videos'),
    openLabel: vscode.l10n.t('Choose'),
    canSelectMany: true,
    filters: { [vscode.l10n.t('Videos')]: extensionsFor(undefined) },
  });
  return chosen ?? [];
}

/** Sections where all of the text is such, else words for the agent. */
async function askOrder(paths: readonly string[]): Promise<BatchOrder | undefined> {
  const names = paths.map((path) => basename(path)).join(', ');
  const text = await vscode.window.showInputBox({
    title:
      paths.length === 1
        ? vscode.l10n.t('Trim 1 video: {0}', names)
        : vscode.l10n.t('Trim {0} videos: {1}', paths.length, names),
    prompt: vscode.l10n.t('What to remove from each: sections such as 0:45-1:20, or words.'),
    placeHolder: vscode.l10n.t('0:45-1:20, or: remove the first 5 seconds'),
    ignoreFocusOut: true,
    validateInput: (value) => problemOf(value),
  });
  if (text === undefined || text.trim() === '') return undefined;
  const { sections } = checkSections(readSections(text), undefined);
  const known = sections.filter((section) => section !== undefined);
  return known.length === sections.length ? { sections: known } : { text: text.trim() };
}

function problemOf(text: string): string | undefined {
  const { problems } = checkSections(readSections(text), undefined);
  // What is no time is words.
  if (problems.some(({ code }) => code === 'not-a-time')) return undefined;
  return text.trim() === '' ? undefined : problems[0]?.message;
}

async function withProgress(session: TrimSession, paths: readonly string[], order: BatchOrder): Promise<BatchOutcome> {
  const title =
    paths.length === 1 ? vscode.l10n.t('Trimming 1 video') : vscode.l10n.t('Trimming {0} videos', paths.length);
  const notification = { location: vscode.ProgressLocation.Notification, cancellable: true, title };
  return await vscode.window.withProgress(notification, async (progress, cancelled) => {
    cancelled.onCancellationRequested(() => void session.stop());
    let told = '';
    const unlisten = session.onDidChange(() => {
      const { activity, clip } = session.snapshot;
      const number = clip ? paths.indexOf(clip.path) + 1 : 0;
      if (!clip || number === 0) return;
      const message = vscode.l10n.t('{0} of {1}: {2}{3}', number, paths.length, clip.name, stepOf(activity));
      if (message === told) return;
      progress.report({ message });
      told = message;
    });
    try {
      return await session.batch(paths, order);
    } finally {
      unlisten();
    }
  });
}

function stepOf(activity: Activity): string {
  const share = (fraction: number | undefined): string => (fraction === undefined ? '' : ` ${percent(fraction)}%`);
  switch (activity.kind) {
    case 'idle':
      return '';
    case 'connecting':
      return ` – ${vscode.l10n.t('Connecting...')}`;
    case 'uploading':
      return ` – ${vscode.l10n.t('Uploading…')}${share(activity.fraction)}`;
    case 'editing':
      return ` – ${vscode.l10n.t('Editing…')}`;
    case 'exporting':
      return ` – ${vscode.l10n.t('Exporting…')}${share(activity.fraction)}`;
  }
}

/** One notification for all files. */
export async function showBatch({ files, summary }: BatchOutcome, showChat: () => Promise<void>): Promise<void> {
  const done = files.find(({ exported }) => exported)?.exported;
  const reveal = vscode.l10n.t('Reveal in Explorer');
  const chat = vscode.l10n.t('Show Chat');
  const failed = files.some(({ exported }) => !exported);
  const buttons = [...(done ? [reveal] : []), ...(failed ? [chat] : [])];
  const pressed = failed
    ? await vscode.window.showWarningMessage(summary, ...buttons)
    : await vscode.window.showInformationMessage(summary, ...buttons);
  if (pressed === reveal && done) await revealOutput(done.outputPath);
  if (pressed === chat) await showChat();
}
