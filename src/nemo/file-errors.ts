import { NemoError } from './errors.js';

const SENTENCES = new Map<string, (name: string) => string>([
  ['ENOENT', (name) => `${name} was not found.`],
  ['EACCES', (name) => `${name} may not be opened: permission is missing.`],
  ['EPERM', (name) => `${name} may not be opened: permission is missing.`],
  ['EROFS', (name) => `${name} cannot be written: the disk is read-only.`],
  ['ENOSPC', (name) => `${name} could not be written: the disk is full. Free some space and export again.`],
  ['EDQUOT', (name) => `${name} could not be written: your disk quota is used up.`],
  ['EEXIST', (name) => `${name} exists already.`],
  ['EISDIR', (name) => `${name} is a folder.`],
]);

/** @param name of the file, without its folder: it is shown */
export function fileError(error: unknown, name: string): NemoError {
  if (error instanceof NemoError) return error;
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  const sentence = SENTENCES.get(code ?? '');
  const message = sentence ? sentence(name) : `${name} could not be read or written${code ? ` (${code})` : ''}.`;
  return new NemoError('file', message, { ...(code === undefined ? {} : { code }) });
}
