import { access } from 'node:fs/promises';
import { release } from 'node:os';
import * as vscode from 'vscode';
import type { TokenOrigin } from '../nemo/tokens.js';
import type { SessionBook } from '../session/session-book.js';
import { engineSetting } from './account.js';
import { redact, type Journal } from './journal.js';
import type { MediaCounts } from './watched-media.js';

/** Where the facts come from. */
export interface DiagnosticsSources {
  readonly extension: vscode.Extension<unknown>;
  readonly journal: Journal;
  readonly book: SessionBook;
  readonly media: { readonly counts: MediaCounts };
  readonly engines: {
    readonly localRunning: boolean;
    cloudFacts(): Promise<{ readonly ownAddress: boolean; readonly token: TokenOrigin }>;
  };
}

/**
 * What somebody who mends a fault needs to know, as text for a bug report. It names no file, session, address or token:
 * whoever sends it need not read it first. In English, as the reports are.
 */
export async function diagnostics({ extension, journal, book, media, engines }: DiagnosticsSources): Promise<string> {
  const { version } = extension.packageJSON as { version: string };
  const native = vscode.Uri.joinPath(extension.extensionUri, 'node_modules/node-av').fsPath;
  const hasFfmpeg = await access(native).then(
    () => true,
    () => false,
  );
  const { env } = vscode;
  const cloud = await engines.cloudFacts().catch(() => undefined);
  const { running, done, failed, crashed } = media.counts;
  const proxy = vscode.workspace.getConfiguration('http').get<string>('proxy') ? 'set' : 'not set';
  const troubles = journal.troubles.map((line) => `  ${line}`);
  return redact(
    [
      `Video Trimmer In Between ${version} (${hasFfmpeg ? 'with' : 'without'} FFmpeg)`,
      `VS Code ${vscode.version}, ${env.appHost}, ${remoteKind(env.remoteName)}, ${env.language}`,
      `Node ${process.versions.node}, ${process.platform} ${process.arch}, system ${release()}`,
      `Workspace: ${vscode.workspace.isTrusted ? 'trusted' : 'Restricted Mode'}, folders: ${vscode.workspace.workspaceFolders?.length ?? 0}`,
      `Engine: ${engineSetting() ?? 'ask'}; on this machine: ${engines.localRunning ? 'running' : 'not started'}; ` +
        `cloud: ${cloud?.ownAddress === true ? 'an address of your own' : 'NemoVideo'}, signed in by ${cloud?.token ?? 'nobody knows'}; proxy: ${proxy}`,
      `Media jobs: ${running} running, ${done} done, ${failed} failed; the worker stopped ${crashed} times`,
      `Sessions: ${book.sessions.length}`,
      ...(troubles.length > 0 ? ['Last warnings and errors:', ...troubles] : ['No faults.']),
      '',
    ].join('\n'),
    Number.MAX_SAFE_INTEGER,
  );
}

/** Without the name of a machine, which some kinds of remote window carry. */
function remoteKind(name: string | undefined): string {
  if (name === undefined) return 'no remote';
  return /^[a-z-]+$/.test(name) ? name : 'a remote';
}

/** Copy Diagnostics. */
export async function copyDiagnostics(sources: DiagnosticsSources): Promise<void> {
  await vscode.env.clipboard.writeText(await diagnostics(sources));
  vscode.window.setStatusBarMessage(vscode.l10n.t('The diagnostics are in the clipboard.'), 5000);
}
