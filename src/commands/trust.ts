import * as vscode from 'vscode';
import { MediaError } from '../media/media.js';
import { SessionError } from '../session/session-error.js';

// Files of a folder in Restricted Mode may come from anybody, and FFmpeg is a large piece of native code to open them with.
const SENTENCE = (): string =>
  vscode.l10n.t('In Restricted Mode no video is opened or sent. Trust this folder, then try again.');

/** What a person asked for waits until the workspace is trusted. */
export class RestrictedMode extends SessionError {
  constructor() {
    super('refused', SENTENCE());
  }
}

/** @throws RestrictedMode while the workspace is not trusted */
export function requireTrust(): void {
  if (!vscode.workspace.isTrusted) throw new RestrictedMode();
}

/** The same for the media engine, whatever asks it. @throws MediaError */
export function admitToMedia(): void {
  if (!vscode.workspace.isTrusted) throw new MediaError('unsupported', SENTENCE());
}

/** Tells why nothing happened, with the way to VS Code's own question. */
export async function showRestricted(error: RestrictedMode): Promise<void> {
  const manage = vscode.l10n.t('Manage Workspace Trust');
  if ((await vscode.window.showWarningMessage(error.message, manage)) !== manage) return;
  await vscode.commands.executeCommand('workbench.trust.manage');
}

/** Now, or as soon as the workspace is trusted. */
export function onceTrusted(run: () => void): vscode.Disposable {
  if (!vscode.workspace.isTrusted) return vscode.workspace.onDidGrantWorkspaceTrust(run);
  run();
  return vscode.Disposable.from();
}
