import * as l10n from '@vscode/l10n';
import type { PanelActivity, PanelState } from '../src/messages.js';
import { aboutTime } from '../src/timeline/planned-cut.js';
import { formatTimecode } from '../src/timeline/timecode.js';

/** A job that takes no longer needs no clock. Milliseconds. */
const QUICK = 5000;

/**
 * What is going on, in a few words; undefined when nothing is.
 *
 * @param now milliseconds since the epoch, for the age of an export
 */
export function activityWords(
  activity: PanelActivity,
  clipName: string | undefined,
  now: number = Date.now(),
): string | undefined {
  switch (activity.kind) {
    case 'idle':
      return undefined;
    case 'connecting':
      return l10n.t('Connecting...');
    case 'uploading':
      return [uploadingWords(activity, clipName), speed(activity.bytesPerSecond)]
        .filter((part) => part !== '')
        .join(' · ');
    case 'editing':
      return activity.note ?? l10n.t('Editing the timeline…');
    case 'exporting':
      return [
        activity.note ??
          (activity.fraction === undefined
            ? l10n.t('Exporting…')
            : l10n.t('Exporting… {0}', percent(activity.fraction))),
        activity.secondsLeft === undefined ? '' : l10n.t('{0} left', aboutTime(activity.secondsLeft)),
        age(activity.startedAt, now),
      ]
        .filter((part) => part !== '')
        .join(' · ');
  }
}

/** Share done, 0 to 1; undefined while it cannot be known. */
export function activityFraction(activity: PanelActivity): number | undefined {
  const fraction = activity.kind === 'uploading' || activity.kind === 'exporting' ? activity.fraction : undefined;
  return fraction === undefined ? undefined : Math.min(1, Math.max(0, fraction));
}

/** The engine chip: "Ready · this machine", "Connecting...", "Working… · cloud". */
export function engineWords(state: Pick<PanelState, 'activity' | 'engine'>): string {
  const { activity, engine } = state;
  if (activity.kind === 'connecting') return l10n.t('Connecting...');
  const what = activity.kind === 'idle' ? l10n.t('Ready') : l10n.t('Working…');
  if (engine === undefined) return what;
  return `${what} · ${engine === 'local' ? l10n.t('this machine') : l10n.t('cloud')}`;
}

function uploadingWords(
  { files = [], fraction }: Extract<PanelActivity, { kind: 'uploading' }>,
  clipName: string | undefined,
): string {
  const share = percent(fraction);
  if (files.length > 1) return l10n.t('Uploading {0} files… {1}', files.length, share);
  const name = files[0]?.name ?? clipName;
  return name === undefined ? l10n.t('Uploading the clip… {0}', share) : l10n.t('Uploading {0}… {1}', name, share);
}

function speed(bytesPerSecond: number | undefined): string {
  if (bytesPerSecond === undefined || bytesPerSecond <= 0) return '';
  return bytesPerSecond < 1e6
    ? `${Math.max(1, Math.round(bytesPerSecond / 1e3))} kB/s`
    : `${(bytesPerSecond / 1e6).toFixed(1)} MB/s`;
}

function age(startedAt: number | undefined, now: number): string {
  if (startedAt === undefined || now - startedAt < QUICK) return '';
  return formatTimecode((now - startedAt) * 1000, { digits: 0 });
}

function percent(fraction: number): string {
  return `${Math.round(Math.min(1, Math.max(0, fraction)) * 100)}%`;
}
