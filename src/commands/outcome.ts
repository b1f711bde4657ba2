import * as vscode from 'vscode';
import { MediaError } from '../media/media.js';
import { NemoError } from '../nemo/errors.js';
import { SessionError } from '../session/session-error.js';
import type { ChatAction } from '../session/snapshot.js';

const LABELS: Partial<Record<ChatAction, () => string>> = {
  retry: () => vscode.l10n.t('Retry'),
  'use-local': () => vscode.l10n.t('Cut on This Machine Instead'),
  'use-renamed': () => vscode.l10n.t('Use It'),
  register: () => vscode.l10n.t('Register'),
  'set-token': () => vscode.l10n.t('Set API Token'),
};

/** Whether the message of an error is a sentence for the person. */
export function isOurs(error: unknown): error is SessionError | MediaError | NemoError {
  return error instanceof SessionError || error instanceof MediaError || error instanceof NemoError;
}

/** The sentence for the person; what is not one of ours says no more than that it happened. */
export function sentenceOf(error: unknown): string {
  return isOurs(error)
    ? error.message
    : vscode.l10n.t('Something went wrong in the extension itself. Your files are as they were.');
}

/** Whether the person ended it: nothing to report. */
export function isEndedByPerson(error: unknown): boolean {
  return error instanceof SessionError && (error.kind === 'stopped' || error.kind === 'dismissed');
}

/**
 * Tells of a failure with its next steps as buttons.
 *
 * @param act carries out the step that was pressed
 */
export async function showFailure(error: unknown, act: (action: ChatAction) => Promise<void>): Promise<void> {
  if (isEndedByPerson(error)) return;
  const steps = (error instanceof SessionError ? error.actions : []).flatMap((action) => {
    const label = LABELS[action]?.();
    return label === undefined ? [] : [{ title: label, action }];
  });
  const pressed = await vscode.window.showErrorMessage(sentenceOf(error), ...steps);
  if (pressed) await act(pressed.action);
}
