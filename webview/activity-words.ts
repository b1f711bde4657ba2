import type { PanelActivity, PanelState } from '../src/messages.js';

/** What is going on, in a few words; undefined when nothing is. */
export function activityWords(activity: PanelActivity, clipName: string | undefined): string | undefined {
  switch (activity.kind) {
    case 'idle':
      return undefined;
    case 'connecting':
      return 'Connecting...';
    case 'uploading':
      return `Uploading ${clipName ?? 'the clip'}… ${percent(activity.fraction)}`;
    case 'editing':
      return activity.note ?? 'Editing the timeline…';
    case 'exporting':
      return activity.fraction === undefined ? 'Exporting…' : `Exporting… ${percent(activity.fraction)}`;
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
  if (activity.kind === 'connecting') return 'Connecting...';
  const what = activity.kind === 'idle' ? 'Ready' : 'Working…';
  if (engine === undefined) return what;
  return `${what} · ${engine === 'local' ? 'this machine' : 'cloud'}`;
}

function percent(fraction: number): string {
  return `${Math.round(Math.min(1, Math.max(0, fraction)) * 100)}%`;
}
