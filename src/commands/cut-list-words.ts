import * as vscode from 'vscode';
import type { CutListError, ListNote } from '../timeline/cut-lists/cut-list.js';
import type { FittedSections } from '../timeline/cut-lists/fitted-sections.js';
import { joinSentences, joinWords } from '../timeline/phrases.js';
import { shownName } from '../timeline/shown-name.js';

/** Why a list cannot be taken, as a sentence for the person. */
export function problemWords({ problem, clips }: CutListError, file: string): string {
  const name = shownName(file);
  switch (problem) {
    case 'not-this':
      return vscode.l10n.t(
        '{0} cannot be read as a cut list. EDL, CSV, FCPXML, projects of LosslessCut, chapters and subtitles can.',
        name,
      );
    case 'nothing-in-it':
      return vscode.l10n.t('{0} lists no section that could be marked.', name);
    case 'other-clips':
      return vscode.l10n.t('{0} is about other videos: {1}.', name, joinWords(clips.slice(0, 5).map(shownName)));
    case 'too-large':
      return vscode.l10n.t('{0} is too large for a cut list.', name);
    case 'unknown-start':
      return vscode.l10n.t(
        'The times in {0} lie past the end of the video, and nothing says from where they count. Choose the video that it was made for.',
        name,
      );
  }
}

const LEFT_OUT: Partial<Record<ListNote['what'], () => string>> = {
  markers: () => vscode.l10n.t('points without a length'),
  'switched-off': () => vscode.l10n.t('parts that the list itself leaves out'),
  'other-clips': () => vscode.l10n.t('parts of other clips'),
  transitions: () => vscode.l10n.t('transitions'),
  speed: () => vscode.l10n.t('changes of speed'),
  unreadable: () => vscode.l10n.t('lines that cannot be read'),
};

const TOLD: Partial<Record<ListNote['what'], () => string>> = {
  reordered: () => vscode.l10n.t('The list has its parts in another order; the video keeps its own.'),
  timecode: () => vscode.l10n.t('Times were counted from the timecode at which the video begins.'),
  'other-rate': () =>
    vscode.l10n.t('The list counts frames at another rate than the video, so a point may be off by a frame.'),
  frames: () => vscode.l10n.t('Its numbers were taken for frames.'),
  'other-name': () => vscode.l10n.t('The list names another file; its times were taken for this one.'),
};

/** What was marked, and what of the list was clipped or left out. @param beyond sections there was no room for */
export function importedWords(
  clip: string,
  { sections, clipped, outside, overlapping, known }: FittedSections,
  notes: readonly ListNote[],
  beyond: number,
): string {
  const count = sections.length - beyond;
  const name = shownName(clip);
  const counted = (what: string, many: number): string[] => (many > 0 ? [vscode.l10n.t('{0} ({1})', what, many)] : []);
  const leftOut = [
    ...notes.flatMap(({ what, count: many }) => counted(LEFT_OUT[what]?.() ?? '', LEFT_OUT[what] ? many : 0)),
    ...counted(vscode.l10n.t('parts outside the video'), outside),
    ...counted(vscode.l10n.t('sections that are marked or removed already'), known),
  ];
  return joinSentences(
    count === 0
      ? vscode.l10n.t('There is nothing new to mark in {0}.', name)
      : count === 1
        ? vscode.l10n.t('1 section is marked in {0}.', name)
        : vscode.l10n.t('{0} sections are marked in {1}.', count, name),
    clipped > 0 ? vscode.l10n.t('Shortened to the end of the video: {0}.', clipped) : '',
    overlapping > 0 ? vscode.l10n.t('Parts that overlap count as one ({0}).', overlapping) : '',
    leftOut.length > 0 ? vscode.l10n.t('Not taken over: {0}.', joinWords(leftOut)) : '',
    ...notes.map(({ what }) => TOLD[what]?.() ?? ''),
    beyond > 0
      ? vscode.l10n.t('No more can be marked at once: {0} are left. Remove these, then import the list again.', beyond)
      : '',
  );
}
