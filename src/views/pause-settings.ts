import * as vscode from 'vscode';
import { DEFAULT_PAUSES, type PauseSettings } from '../media/media.js';
import { fromSeconds } from '../timeline/timecode.js';

const SECTION = 'videoTrimmer.pauses';
// As package.json has them: a settings file may hold anything.
const LENGTH = { least: 0.2, most: 60 };
const MARGIN = { least: 0, most: 5 };
const THRESHOLD = { least: -90, most: -10 };

/** The settings for pauses as they are now; what makes no sense there counts as the nearest that does. */
export function readPauseSettings(): PauseSettings {
  const settings = vscode.workspace.getConfiguration(SECTION);
  // A text in VS Code's settings editor; in a file somebody may write a number.
  const decibels = Number.parseFloat(String(settings.get('threshold')));
  const seconds = (key: string, { least, most }: typeof LENGTH, standard: number): number => {
    const value: unknown = settings.get(key);
    return fromSeconds(typeof value === 'number' && value >= 0 ? clamp(value, least, most) : standard / 1e6);
  };
  return {
    minimum: seconds('minimumLength', LENGTH, DEFAULT_PAUSES.minimum),
    margin: seconds('margin', MARGIN, DEFAULT_PAUSES.margin),
    threshold: Number.isFinite(decibels) ? clamp(decibels, THRESHOLD.least, THRESHOLD.most) : 'auto',
  };
}

/** @returns stops listening */
export function onPauseSettings(listener: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((change) => change.affectsConfiguration(SECTION) && listener());
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
