import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as vscode from 'vscode';
import { MOST_MARKS } from '../messages.js';
import { SessionError } from '../session/session-error.js';
import { subtitlesBeside } from '../session/side-subtitles.js';
import { removedFromSource } from '../session/source-ranges.js';
import type { TrimSession } from '../session/trim-session.js';
import { isNamedAsCut } from '../timeline/cut-lists/chapters.js';
import {
  CutListError,
  sameClipName,
  type CutList,
  type ListedClip,
  type ListNote,
} from '../timeline/cut-lists/cut-list.js';
import { fitSections } from '../timeline/cut-lists/fitted-sections.js';
import { clipsOfFile, formatOfFile, readCutList } from '../timeline/cut-lists/formats.js';
import { textOfList } from '../timeline/cut-lists/list-text.js';
import { checkSections, keptRanges, type Section, type TypedSection } from '../timeline/sections.js';
import { shownName } from '../timeline/shown-name.js';
import { saidSections, unsaidSections } from '../timeline/subtitles/unsaid.js';
import { formatTimecode, type Microseconds } from '../timeline/timecode.js';
import { isVideo, pickVideo } from './clip-choice.js';
import { importedWords, problemWords } from './cut-list-words.js';
import type { CommandDeps } from './deps.js';
import type { TrimCommands } from './trim.js';

/** Endings of the files that can be imported. */
const LISTS = ['edl', 'csv', 'tsv', 'llc', 'fcpxml', 'fcpxmld', 'xml', 'txt', 'srt', 'vtt'];
const LIST_IN_FOLDER = 'Info.fcpxml';
const LARGEST_BYTES = 40_000_000;

type Families = Pick<CommandDeps, 'current' | 'clips' | 'marks' | 'media'> & { readonly trim: TrimCommands };

/**
 * Import Cut List: marks what a list of another program removes, or does not keep, in the panel of the clip it is about.
 *
 * @param clicked a list or a video; without it the person is asked
 */
export async function importCutList(families: Families, clicked: vscode.Uri | undefined): Promise<void> {
  const { current } = families;
  const video = clicked && isVideo(clicked) ? clicked.fsPath : undefined;
  const open = video ?? current.session?.snapshot.clip?.path;
  const list = clicked && !video ? clicked : await browseList(open);
  if (!list) return;
  if (list.scheme !== 'file') {
    throw new SessionError('unsupported-file', vscode.l10n.t('Only lists on this machine can be imported.'));
  }
  const inFolder = basename(list.fsPath) === LIST_IN_FOLDER && /\.fcpxmld$/iu.test(dirname(list.fsPath));
  await importFile(families, inFolder ? dirname(list.fsPath) : list.fsPath, video);
}

/** Mark Where Nothing Is Said: by the subtitles that lie beside the clip of a session, or of a clip that is asked for. */
export async function markUnsaid(families: Families, session: TrimSession | undefined): Promise<void> {
  const clip = session?.snapshot.clip?.path ?? (await pickVideo());
  if (clip === undefined) return;
  const found = await subtitlesBeside(clip);
  if (found.length === 0) {
    const message = vscode.l10n.t(
      'No subtitles lie beside {0}. Put them there under its name, as .srt or .vtt, or choose them with "Import Cut List…".',
      shownName(basename(clip)),
    );
    throw new SessionError('nothing-to-do', message);
  }
  const title = vscode.l10n.t('Which subtitles say what is said?');
  const name = found.length === 1 ? found[0] : await vscode.window.showQuickPick(found, { title });
  if (name !== undefined) await importFile(families, join(dirname(clip), name), clip);
}

async function browseList(beside: string | undefined): Promise<vscode.Uri | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    title: vscode.l10n.t('Import Cut List'),
    openLabel: vscode.l10n.t('Import'),
    filters: { [vscode.l10n.t('Cut lists, chapters and subtitles')]: LISTS },
    ...(beside === undefined ? {} : { defaultUri: vscode.Uri.file(dirname(beside)) }),
  });
  return chosen?.[0];
}

async function importFile(families: Families, list: string, video: string | undefined): Promise<void> {
  const { clips, trim } = families;
  const file = basename(list);
  try {
    const text = await readText(list);
    const isSubtitles = /^\.(?:srt|vtt)$/iu.test(extname(list));
    const format = isSubtitles ? undefined : formatOfFile(file, text);
    if (!isSubtitles && !format) throw new CutListError('not-this');
    const path = video ?? (await clipFor(list, format ? clipsOfFile(format, text) : [], families));
    if (path === undefined) return;
    const duration = await clips.duration(path);
    const read = format
      ? await chosenParts(readCutList(format, text, listedClip(families, path, duration)), file)
      : unsaid(families, text, duration);
    if (!read) return;
    mark(families, trim.openClip(path), path, duration, read);
  } catch (error) {
    if (error instanceof CutListError)
      throw new SessionError('unsupported-file', problemWords(error, file), { cause: error });
    throw error;
  }
}

/** @throws SessionError, or CutListError for what is no text */
async function readText(list: string): Promise<string> {
  const read = async (): Promise<Uint8Array | undefined> => {
    const status = await stat(list);
    // Final Cut Pro writes a folder with the list in it.
    const path = status.isDirectory() ? join(list, LIST_IN_FOLDER) : list;
    return (status.isDirectory() ? await stat(path) : status).size > LARGEST_BYTES ? undefined : await readFile(path);
  };
  const bytes = await read().catch((cause: unknown) => {
    throw new SessionError('file', vscode.l10n.t('{0} cannot be read.', shownName(basename(list))), { cause });
  });
  if (!bytes) throw new CutListError('too-large');
  const text = textOfList(bytes);
  if (text === undefined) throw new CutListError('not-this');
  return text;
}

/** What lists want to know of a clip. */
export function listedClip({ clips }: Pick<Families, 'clips'>, path: string, duration: Microseconds): ListedClip {
  const { video, audio = [], timecode } = clips.get(path).summary ?? {};
  return {
    name: basename(path),
    duration,
    frameRate: video?.frameRate,
    timecode,
    hasPicture: video !== undefined,
    hasSound: audio.length > 0,
    width: video?.width,
    height: video?.height,
    url: pathToFileURL(path).href,
  };
}

/** The video that a list is for: by the name that it says, else by its own; asked for where that leaves it open. */
async function clipFor(list: string, named: readonly string[], { current }: Families): Promise<string | undefined> {
  const folder = dirname(list);
  const names = await readdir(folder).catch(() => []);
  const beside = names.filter((name) => isVideo(vscode.Uri.file(join(folder, name))));
  const open = current.session?.snapshot.clip?.path;
  const all = [...new Set([...(open === undefined ? [] : [open]), ...beside.map((name) => join(folder, name))])];
  // A whole name goes before one that only looks like it, as what a list calls a tape does.
  const whole = all.filter((path) => named.some((name) => name.toLowerCase() === basename(path).toLowerCase()));
  const alike = all.filter((path) => named.some((name) => sameClipName(name, basename(path))));
  const said = whole.length > 0 ? whole : alike;
  const own = basename(list).toLowerCase();
  const called = all.filter((path) => {
    const stem = basename(path, extname(path)).toLowerCase();
    return own.startsWith(stem) && /^[.\-_ ]/u.test(own.slice(stem.length));
  });
  const longest = Math.max(...called.map((path) => basename(path, extname(path)).length));
  const nearest = called.filter((path) => basename(path, extname(path)).length === longest);
  for (const found of [said.filter((path) => path === open), said, nearest]) if (found.length === 1) return found[0];
  if (all.length === 0) return await pickVideo();
  const other = { label: `$(folder-opened) ${vscode.l10n.t('Browse…')}`, path: undefined };
  const title = vscode.l10n.t('Which video is {0} for?', shownName(basename(list)));
  const items = all.map((path) => ({
    label: basename(path),
    description: path === open ? vscode.l10n.t('open now') : '',
    path,
  }));
  const picked = await vscode.window.showQuickPick([...items, other], { title });
  return picked === other ? await pickVideo() : picked?.path;
}

interface ChosenParts {
  readonly parts: readonly Section[];
  readonly lists: 'kept' | 'removed';
  readonly notes: readonly ListNote[];
}

/** Asks what a list does not say: whether its parts stay, or which of the chapters go. */
async function chosenParts({ format, parts, lists, notes }: CutList, file: string): Promise<ChosenParts | undefined> {
  if (lists !== 'unsaid') return { parts, lists, notes };
  const span = (part: Section): string => `${formatTimecode(part.in)}–${formatTimecode(part.out)}`;
  if (format === 'chapters') {
    const items = parts.map((part) => ({
      label: part.name ?? span(part),
      description: span(part),
      picked: isNamedAsCut(part.name),
      part,
    }));
    const title = vscode.l10n.t('Which chapters go?');
    const picked = await vscode.window.showQuickPick(items, { title, canPickMany: true, matchOnDescription: true });
    if (!picked || picked.length === 0) return undefined;
    return { parts: picked.map(({ part }) => part), lists: 'removed', notes };
  }
  const keep = {
    label: vscode.l10n.t('Keep these'),
    description: vscode.l10n.t('what is between them is marked to go'),
  };
  const remove = { label: vscode.l10n.t('Remove these'), description: vscode.l10n.t('they are marked to go') };
  const title = vscode.l10n.t('Sections in {0}: {1}', shownName(file), parts.length);
  const picked = await vscode.window.showQuickPick([keep, remove], {
    title,
    placeHolder: parts.slice(0, 4).map(span).join(', '),
  });
  return picked && { parts, lists: picked === keep ? 'kept' : 'removed', notes };
}

/** Where nothing is said for as long as a pause is by the settings, without their margins. @throws CutListError */
function unsaid({ media }: Families, text: string, duration: Microseconds): ChosenParts {
  const said = saidSections(text, duration);
  if (said.length === 0) throw new CutListError('nothing-in-it');
  return { parts: unsaidSections(said, duration, media.pauseSettings()), lists: 'removed', notes: [] };
}

function mark(families: Families, session: TrimSession, path: string, duration: Microseconds, read: ChosenParts): void {
  const { marks } = families;
  const { sections: rows, revision } = marks.get(session.id);
  const whole = { in: 0, out: duration };
  const marked = checkSections(rows, duration).sections.filter((section) => section !== undefined);
  const taken = [...marked, ...(removedFromSource(session.snapshot.draft, duration) ?? [])];
  const fitted = fitSections(read.parts, read.lists, duration, taken);
  if (keptRanges([...taken, ...fitted.sections], whole).length === 0) {
    throw new SessionError(
      'nothing-to-do',
      vscode.l10n.t('Nothing would be left of the video, so nothing was marked.'),
    );
  }
  const typed = fitted.sections.map((section) => typedSection(section, duration)).filter((row) => row.in !== row.out);
  const room = Math.max(0, MOST_MARKS - rows.length);
  const added = typed.slice(0, room);
  if (added.length > 0) marks.set(session.id, { sections: [...rows, ...added], revision });
  const told = importedWords(basename(path), fitted, read.notes, fitted.sections.length - added.length);
  void vscode.window.showInformationMessage(told);
}

/** Rounded down to milliseconds, as the panel does: the frame that begins there is still the first one removed. */
function typedSection(section: Section, duration: Microseconds): TypedSection {
  const text = (time: Microseconds): string =>
    formatTimecode((time >= duration ? Math.ceil(time / 1000) : Math.floor(time / 1000)) * 1000);
  return { in: text(section.in), out: text(section.out) };
}
