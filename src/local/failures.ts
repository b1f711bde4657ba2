import * as l10n from '@vscode/l10n';
import { MediaError } from '../media/media.js';
import { Refusal } from './http.js';

/**
 * The sentence for the person when something failed: what a MediaError or a Refusal says, else what a full disk or a
 * folder without permission calls for.
 *
 * @returns undefined for what nobody foresaw
 */
export function plainFailure(error: unknown): string | undefined {
  if (error instanceof MediaError || error instanceof Refusal) return error.message;
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOSPC':
      return l10n.t('The disk is full. Free some space and try again; your edit is kept.');
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return l10n.t('The folder that keeps the edits is not writable. Make it writable and try again.');
    default:
      return undefined;
  }
}
