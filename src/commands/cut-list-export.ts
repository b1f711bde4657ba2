import { basename, dirname, extname, join } from 'node:path';
import * as vscode from 'vscode';
import { fileProblem, publishContent } from '../session/publish.js';
import { SessionError } from '../session/session-error.js';
import { removedFromSource } from '../session/source-ranges.js';
import type { TrimSession } from '../session/trim-session.js';
import { isShownByYouTube, writeResultChapters } from '../timeline/cut-lists/chapters.js';
import type { CutListFormat, ListedClip, WrittenList } from '../timeline/cut-lists/cut-list.js';
import { writeCutList } from '../timeline/cut-lists/formats.js';
import { countingRate } from '../timeline/cut-lists/frame-rate.js';
import { joinSentences } from '../timeline/phrases.js';
import { keptRanges, totalDuration, type Section } from '../timeline/sections.js';
import { shownName } from '../timeline/shown-name.js';
import type { Microseconds } from '../timeline/timecode.js';
import { listedClip } from './cut-list-import.js';
import type { CommandDeps } from './deps.js';
import { openOutput, revealOutput } from './export.js';
import { markedSections } from './marked-sections.js';
import { showFailure } from './outcome.js';

type Families = Pick<CommandDeps, 'clips' | 'marks'>;

interface Choice extends vscode.QuickPickItem {
  readonly format: CutListFormat | 'result-chapters';
  /** What follows the clip's name. */
  readonly ending: string;
}

function choices(): Choice[] {
  return [
    { format: 'edl', ending: '.edl', label: 'EDL', description: vscode.l10n.t('CMX 3600: Premiere, Resolve, Avid') },
    { format: 'fcpxml', ending: '.fcpxml', label: 'FCPXML', description: vscode.l10n.t('Final Cut Pro, Resolve') },
    {
      format: 'llc',
      ending: '-proj.llc',
      label: 'LosslessCut',
      description: vscode.l10n.t('its project, opened with the video'),
    },
    { format: 'csv', ending: '.csv', label: 'CSV', description: vscode.l10n.t('a table of what stays, in seconds') },
    {
      format: 'chapters',
      ending: '.chapters.txt',
      label: vscode.l10n.t('Chapters of this video'),
      description: vscode.l10n.t('as YouTube takes them, with what is cut among them'),
    },
    {
      format: 'result-chapters',
      ending: '.result-chapters.txt',
      label: vscode.l10n.t('Chapters of the result'),
      description: vscode.l10n.t('as YouTube takes them, one for each part that stays'),
    },
  ];
}

/** Export Cut List: writes what is marked and removed beside the clip, in a form that another program opens. */
export async function exportCutList(families: Families, session: TrimSession): Promise<void> {
  const { clip, draft } = session.snapshot;
  if (!clip) throw new SessionError('nothing-to-do', vscode.l10n.t('There is no video in this session yet.'));
  const duration = await families.clips.duration(clip.path);
  const marked = markedSections(session, families.marks, duration);
  if (!marked) throw new SessionError('nothing-to-do', vscode.l10n.t('Correct the marked sections first.'));
  const removed = [...(removedFromSource(draft, duration) ?? []), ...marked];
  const kept = keptRanges(removed, { in: 0, out: duration });
  if (removed.length === 0 || kept.length === 0) {
    throw new SessionError(
      'nothing-to-do',
      vscode.l10n.t('Nothing is marked or removed yet, so there is nothing to list.'),
    );
  }
  const title = vscode.l10n.t('Export Cut List of {0}', shownName(clip.name));
  const choice = await vscode.window.showQuickPick(choices(), { title, matchOnDescription: true });
  if (!choice) return;
  const listed = listedClip(families, clip.path, duration);
  const written = write(choice.format, kept, listed);
  const path = await writeBeside(clip.path, choice.ending, written.text);
  const lasts = choice.format === 'result-chapters' ? totalDuration(kept) : duration;
  offer(path, writtenWords(path, choice.format, written, listed, lasts));
}

function write(format: Choice['format'], kept: readonly Section[], clip: ListedClip): WrittenList {
  const words = { part: vscode.l10n.t('Part'), cut: vscode.l10n.t('Removed part') };
  return format === 'result-chapters' ? writeResultChapters(kept, words) : writeCutList(format, kept, clip, words);
}

/** Under the first free name: `talk.edl`, `talk-2.edl`. @throws SessionError */
async function writeBeside(clip: string, ending: string, text: string): Promise<string> {
  const stem = join(dirname(clip), basename(clip, extname(clip)));
  function* candidates(): Generator<string> {
    const [, tail = '', last = ''] = /^(.*)(\.[a-z]+)$/u.exec(ending) ?? [];
    yield `${stem}${ending}`;
    for (let number = 2; ; number += 1) yield `${stem}${tail}-${number}${last}`;
  }
  try {
    return await publishContent(text, `${stem}${ending}`, candidates());
  } catch (error) {
    throw error instanceof SessionError ? error : fileProblem(error, clip);
  }
}

/** @param lasts what chapters are of: the clip, or its result */
function writtenWords(
  path: string,
  format: Choice['format'],
  { text, grain, lost }: WrittenList,
  clip: ListedClip,
  lasts: Microseconds,
): string {
  const { rate, exact } = countingRate(clip.frameRate);
  const countsFrames = format === 'edl' || format === 'fcpxml';
  const fps = String(Math.round((rate.num / rate.den) * 1000) / 1000);
  return joinSentences(
    vscode.l10n.t('Wrote {0}.', basename(path)),
    countsFrames && exact ? vscode.l10n.t('It counts frames: points are rounded to the nearest one.') : '',
    countsFrames && !exact
      ? vscode.l10n.t(
          'The video has no frame rate that such lists know, so it was counted at {0} frames per second.',
          fps,
        )
      : '',
    !countsFrames && grain > 0 ? vscode.l10n.t('It counts whole seconds: points are rounded to the nearest one.') : '',
    /chapters$/u.test(format) && !isShownByYouTube(text, lasts)
      ? vscode.l10n.t('YouTube shows chapters only where there are three or more, each of 10 seconds or longer.')
      : '',
    lost > 0 ? vscode.l10n.t('Parts too short for it were left out: {0}.', lost) : '',
  );
}

/** Not awaited: the message may stay for as long as the person likes. */
function offer(path: string, sentence: string): void {
  const open = vscode.l10n.t('Open');
  const reveal = vscode.l10n.t('Reveal in Explorer');
  const ask = async (): Promise<void> => {
    const pressed = await vscode.window.showInformationMessage(sentence, open, reveal);
    if (pressed === open) await openOutput(path);
    if (pressed === reveal) await revealOutput(path);
  };
  ask().catch((error: unknown) => showFailure(error, () => Promise.resolve()));
}
