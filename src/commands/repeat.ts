import * as vscode from 'vscode';
import type { Repeated } from '../session/outcomes.js';
import type { TrimSession } from '../session/trim-session.js';
import { showingExports } from './export.js';

/** Goes on with the clip under its new name, and does again what has missed it. */
export async function useRenamed(session: TrimSession): Promise<void> {
  if (await session.place.take()) await repeat(session, () => session.retry());
}

/** Tries again, or goes on with the other engine: what comes of it is told as that of the first try would have been. */
export async function repeat(session: TrimSession, work: () => Promise<Repeated>): Promise<void> {
  const done = await showingExports(session, work);
  if (!done?.batch) return;
  const { showBatch } = await import('./batch.js');
  const showChat = async (): Promise<void> => void (await vscode.commands.executeCommand('videoTrimmer.panel.focus'));
  void showBatch(done.batch, showChat).catch(() => undefined);
}
