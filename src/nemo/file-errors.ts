import * as l10n from '@vscode/l10n';
import { NemoError } from './errors.js';

const SENTENCES = new Map<string, (name: string) => string>([
  ['ENOENT', (name) => l10n.t('{0} was not found.', name)],
  ['EACCES', (name) => l10n.t('{0} may not be opened: permission is missing.', name)],
  ['EPERM', (name) => l10n.t('{0} may not be opened: permission is missing.', name)],
  ['EROFS', (name) => l10n.t('{0} cannot be written: the disk is read-only.', name)],
  ['ENOSPC', (name) => l10n.t('{0} could not be written: the disk is full. Free some space and export again.', name)],
  ['EDQUOT', (name) => l10n.t('{0} could not be written: your disk quota is used up.', name)],
  ['EEXIST', (name) => l10n.t('{0} exists already.', name)],
  ['EISDIR', (name) => l10n.t('{0} is a folder.', name)],
]);

/** @param name of the file, without its folder: it is shown */
export function fileError(error: unknown, name: string): NemoError {
  if (error instanceof NemoError) return error;
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  const sentence = SENTENCES.get(code ?? '');
  const message = sentence ? sentence(name) : unnamed(name, code);
  return new NemoError('file', message, { ...(code === undefined ? {} : { code }) });
}

function unnamed(name: string, code: string | undefined): string {
  return code
    ? l10n.t('{0} could not be read or written ({1}).', name, code)
    : l10n.t('{0} could not be read or written.', name);
}
