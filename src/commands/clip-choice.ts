import { basename } from 'node:path';
import * as vscode from 'vscode';
import { isSupportedFile, SUPPORTED_EXTENSIONS } from '../nemo/formats.js';
import type { EngineName } from '../session/ports.js';
import { SessionError } from '../session/session-error.js';
import { joinWords } from '../timeline/phrases.js';
import { checkSections, type TypedSection } from '../timeline/sections.js';
import { shownName } from '../timeline/shown-name.js';
import { formatTimecode, type Microseconds } from '../timeline/timecode.js';
import { readSections } from './typed-sections.js';

/** Without the dot: what both engines take. */
export const VIDEO_EXTENSIONS = ['mp4', 'mov', 'avi', 'webm', 'mkv'];
/** What only our own engine takes. Not `ts`: for an editor of code that is a program, and package.json says the same. */
const MORE_EXTENSIONS = ['m4v', 'mts', 'm2ts', 'flv', 'wmv', 'asf', 'mpg', 'mpeg', 'vob', '3gp', '3g2'];
const MEDIA_EXTENSIONS = [...SUPPORTED_EXTENSIONS];
const MOST_OFFERED = 200;

/** Whether it ends as a video does that one of the engines takes, in capitals too; the file itself is not looked at. */
export function isVideo(uri: vscode.Uri): boolean {
  return [...VIDEO_EXTENSIONS, ...MORE_EXTENSIONS].some((extension) =>
    uri.path.toLowerCase().endsWith(`.${extension}`),
  );
}

/** Files on the machine that the extension runs on; others are refused in words. */
export function localVideos(uris: readonly vscode.Uri[]): string[] {
  return uris.filter((uri) => uri.scheme === 'file' && isVideo(uri)).map((uri) => uri.fsPath);
}

/** What NemoVideo takes beside videos too. */
export function localMedia(uris: readonly vscode.Uri[]): string[] {
  return uris.filter((uri) => uri.scheme === 'file' && isSupportedFile(uri.path)).map((uri) => uri.fsPath);
}

/** Why none of these can be trimmed. @param chosen one or more, none of which is a video on this machine */
export function noVideo(chosen: readonly vscode.Uri[]): SessionError {
  const [first] = chosen;
  const name = first === undefined ? vscode.l10n.t('This') : shownName(basename(first.path));
  const endings = joinWords(extensionsFor(undefined));
  const isAway = first !== undefined && first.scheme !== 'file';
  const message = isAway
    ? vscode.l10n.t('{0} is not on this machine. Save it to disk first.', name)
    : chosen.length > 1
      ? vscode.l10n.t('None of these files is a video that can be trimmed. Videos end in {0}.', endings)
      : vscode.l10n.t('{0} is not a video that can be trimmed. Videos end in {1}.', name, endings);
  return new SessionError('unsupported-file', message);
}

/**
 * Asks for a video: those of the workspace, or any other.
 *
 * @param engine where it will be cut, as far as that is chosen: the limit of its size is said by that
 */
export async function pickVideo(engine?: EngineName): Promise<string | undefined> {
  const pattern = `**/*.{${extensionsFor(engine).map(inAnyCase).join(',')}}`;
  // A search that fails (some remote machines lack its program) must not keep anyone from choosing a file.
  const found = await Promise.resolve(vscode.workspace.findFiles(pattern, '**/node_modules/**', MOST_OFFERED)).catch(
    () => [],
  );
  const files = found.filter((uri) => uri.scheme === 'file').sort((a, b) => a.path.localeCompare(b.path));
  if (files.length === 0) return await browse(engine);
  const other = { label: `$(folder-opened) ${vscode.l10n.t('Browse…')}`, path: undefined };
  const picked = await vscode.window.showQuickPick(
    [
      ...files.map((uri) => ({
        label: basename(uri.fsPath),
        description: vscode.workspace.asRelativePath(vscode.Uri.joinPath(uri, '..'), true),
        path: uri.fsPath,
      })),
      other,
    ],
    { title: titleFor(engine), matchOnDescription: true },
  );
  return picked === other ? await browse(engine) : picked?.path;
}

/** `[mM][pP]4`: VS Code's patterns are case-sensitive where the file system is. */
function inAnyCase(extension: string): string {
  return extension.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}

/** Of the videos that an engine takes; where none is chosen yet, of either. */
export function extensionsFor(engine: EngineName | undefined): string[] {
  return engine === 'cloud' ? VIDEO_EXTENSIONS : [...VIDEO_EXTENSIONS, ...MORE_EXTENSIONS];
}

function titleFor(engine: EngineName | undefined): string {
  switch (engine) {
    case 'local':
      return vscode.l10n.t('Choose a video (of any size)');
    case 'cloud':
      return vscode.l10n.t('Choose a video (mp4, mov, avi, webm, mkv; at most 500 MB)');
    case undefined:
      return vscode.l10n.t('Choose a video (at most 500 MB for the cloud)');
  }
}

async function browse(engine: EngineName | undefined): Promise<string | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    title: titleFor(engine),
    openLabel: vscode.l10n.t('Choose'),
    filters: {
      [vscode.l10n.t('Videos')]: extensionsFor(engine),
      [vscode.l10n.t('Videos, images and sound')]: MEDIA_EXTENSIONS,
    },
  });
  return chosen?.[0]?.fsPath;
}

/** Asks for files to put beside the clip. @returns empty when the person closed the dialog */
export async function browseMedia(): Promise<string[]> {
  const chosen = await vscode.window.showOpenDialog({
    title: vscode.l10n.t('Choose files to add (at most 500 MB each)'),
    openLabel: vscode.l10n.t('Upload'),
    canSelectMany: true,
    filters: { [vscode.l10n.t('Videos, images and sound')]: MEDIA_EXTENSIONS },
  });
  return (chosen ?? []).map((uri) => uri.fsPath);
}

/** Asks for the sections to remove; wrong input is said while it is typed. */
export async function askSections(clip: string, duration: Microseconds): Promise<TypedSection[] | undefined> {
  const text = await vscode.window.showInputBox({
    title: vscode.l10n.t('Remove from {0} ({1})', basename(clip), formatTimecode(duration)),
    prompt: vscode.l10n.t('In and out point, such as 0:45-1:20. Several sections: separate them with commas.'),
    placeHolder: '0:45-1:20',
    ignoreFocusOut: true,
    validateInput: (value) => {
      if (value.trim() === '') return undefined;
      return checkSections(readSections(value), duration).problems[0]?.message;
    },
  });
  return text === undefined || text.trim() === '' ? undefined : readSections(text);
}
