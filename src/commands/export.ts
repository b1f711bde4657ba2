import { access } from 'node:fs/promises';
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { extensionOf } from '../nemo/formats.js';
import type { ExportOptions } from '../session/outcomes.js';
import { outputCandidates } from '../session/output-name.js';
import { SessionError } from '../session/session-error.js';
import type { ExportOutcome } from '../session/snapshot.js';
import { subtitlesSentences } from '../session/subtitles-words.js';
import type { TrimSession } from '../session/trim-session.js';
import { formatLength } from '../timeline/timecode.js';
import { percent } from '../views/jobs.js';
import { VIDEO_EXTENSIONS } from './clip-choice.js';
import { showFailure } from './outcome.js';

/**
 * For what a person asks for in other ways and may end in an export: a message, trying again, the other engine. They see
 * then what the command shows: progress with a cancel button, a question where the result cannot be written, and what
 * can be done with the file.
 *
 * @returns what `work` resolves to; undefined when the person chose another place since
 */
export async function showingExports<T extends { readonly exported?: ExportOutcome | undefined }>(
  session: TrimSession,
  work: () => Promise<T>,
): Promise<T | undefined> {
  let done: T | undefined;
  let first = true;
  await anyPlace(session, async (options) => {
    if (!first) return await exportShown(session, options);
    first = false;
    done = await whileExporting(session, work);
    return done.exported;
  });
  return done;
}

/** Says what came of it; once more to another place, where the person names one. */
export async function anyPlace(
  session: TrimSession,
  work: (options: ExportOptions) => Promise<ExportOutcome | undefined>,
): Promise<void> {
  for (let options: ExportOptions | undefined = {}; options;) {
    try {
      const exported = await work(options);
      if (exported) showExported(exported);
      return;
    } catch (error) {
      if (!isAboutThePlace(error)) throw error;
      options = await askPlace(session, error);
    }
  }
}

/** Exports with its progress in a notification that can cancel it. */
export async function exportShown(session: TrimSession, options: ExportOptions): Promise<ExportOutcome> {
  return await withNotification(session, () => session.export(options));
}

/** The notification is there only while the session exports: the same work may upload and edit before. */
async function whileExporting<T>(session: TrimSession, work: () => Promise<T>): Promise<T> {
  let close: (() => void) | undefined;
  const follow = (): void => {
    if (session.snapshot.activity.kind === 'exporting') {
      if (close) return;
      const ended = new Promise<void>((resolve) => (close = resolve));
      void withNotification(session, () => ended);
    } else {
      close?.();
      close = undefined;
    }
  };
  const unlisten = session.onDidChange(follow);
  try {
    return await work();
  } finally {
    unlisten();
    close?.();
  }
}

async function withNotification<T>(session: TrimSession, work: () => Promise<T>): Promise<T> {
  const title = vscode.l10n.t('Exporting {0}', session.snapshot.title);
  const notification = { location: vscode.ProgressLocation.Notification, cancellable: true, title };
  return await vscode.window.withProgress(notification, async (progress, cancelled) => {
    cancelled.onCancellationRequested(() => void session.stop());
    let told = 0;
    const unlisten = session.onDidChange(() => {
      const { activity } = session.snapshot;
      if (activity.kind !== 'exporting' || activity.fraction === undefined) return;
      const share = percent(activity.fraction);
      if (share > told) progress.report({ increment: share - told, message: `${share}%` });
      told = Math.max(told, share);
    });
    try {
      return await work();
    } finally {
      unlisten();
    }
  });
}

/** The result could not be written where it belongs; a source that cannot be read is told by the engine instead. */
function isAboutThePlace(error: unknown): error is SessionError {
  if (!(error instanceof SessionError)) return false;
  const unwritable = error.kind === 'file' && error.cause instanceof SessionError;
  return unwritable || error.kind === 'needs-output' || error.kind === 'exists';
}

async function askPlace(session: TrimSession, problem: SessionError): Promise<ExportOptions | undefined> {
  if (problem.kind !== 'needs-output') {
    const choose = vscode.l10n.t('Choose Another Place…');
    if ((await vscode.window.showErrorMessage(problem.message, choose)) !== choose) return undefined;
  }
  const { clip } = session.snapshot;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const [suggested] = clip ? outputCandidates(clip.path, extensionOf(clip.path) || 'mp4', folder?.fsPath) : [];
  const target = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Export to'),
    filters: { [vscode.l10n.t('Videos')]: VIDEO_EXTENSIONS },
    ...(suggested === undefined ? {} : { defaultUri: vscode.Uri.file(suggested) }),
  });
  return target && { outputPath: target.fsPath };
}

/** After a reload or a crash: finds out what became of what was under way. What goes wrong is said in the chats. */
export function takeUpInterrupted(sessions: readonly TrimSession[]): void {
  for (const session of sessions.filter(({ interrupted }) => interrupted)) {
    session.takeUp().then(
      (outcome) => outcome && showExported(outcome),
      () => undefined,
    );
  }
}

/** The same for one of the last window that nobody waits for; the chat says why one failed, too. */
export function showTakenUp(outcome: Promise<ExportOutcome | undefined>): void {
  outcome.then(
    (exported) => exported && showExported(exported),
    (error: unknown) => showFailure(error, () => Promise.resolve()),
  );
}

/** Says where the file is. Not awaited by the export: the notification may stay for as long as the person likes. */
export function showExported(outcome: ExportOutcome): void {
  const { outputPath, duration, cut } = outcome;
  const open = vscode.l10n.t('Open');
  const reveal = vscode.l10n.t('Reveal in Explorer');
  const length = formatLength(duration);
  const whole = cut?.method === 'reencode' ? ` ${cut.notes[0] ?? ''}` : '';
  const along = subtitlesSentences(outcome.subtitles).map((told) => ` ${told}`);
  const sentence = vscode.l10n.t('Exported {0} ({1}).', basename(outputPath), length) + whole + along.join('');
  const offer = async (): Promise<void> => {
    const pressed = await vscode.window.showInformationMessage(sentence.trim(), open, reveal);
    if (pressed === open) await openOutput(outputPath);
    if (pressed === reveal) await revealOutput(outputPath);
  };
  offer().catch((error: unknown) => showFailure(error, () => Promise.resolve()));
}

/** In whatever VS Code opens such files with. @throws SessionError `file` when it is no longer there */
export async function openOutput(path: string): Promise<void> {
  await existing(path);
  await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(path));
}

/** In the Explorer of the workspace when it is part of it, else in the file manager of the system. */
export async function revealOutput(path: string): Promise<void> {
  await existing(path);
  const uri = vscode.Uri.file(path);
  const inWorkspace = vscode.workspace.getWorkspaceFolder(uri) !== undefined;
  await vscode.commands.executeCommand(inWorkspace ? 'revealInExplorer' : 'revealFileInOS', uri);
}

async function existing(path: string): Promise<void> {
  try {
    await access(path);
  } catch {
    throw new SessionError('file', vscode.l10n.t('{0} is no longer there. Export it again.', basename(path)));
  }
}
