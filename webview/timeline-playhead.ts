import * as l10n from '@vscode/l10n';
import type { Section } from '../src/timeline/sections.js';
import { formatTimecode, type Microseconds } from '../src/timeline/timecode.js';
import type { SnapPoint } from './snapping.js';
import { xOf, type TimelineView } from './timeline-geometry.js';

export interface PlayheadScene {
  readonly view: TimelineView;
  readonly time: Microseconds;
  readonly playing: boolean;
  /** What a drag holds on to. */
  readonly held: SnapPoint | undefined;
  /** Marked; undefined where a row is no section yet. */
  readonly sections: readonly (Section | undefined)[];
  readonly removed: readonly Section[];
}

/** Puts the playhead and its flag where it is now. It moves in each picture of the screen: nothing else is drawn. */
export function placePlayhead(playhead: HTMLElement, flag: HTMLElement, scene: PlayheadScene): void {
  const { view, time, held } = scene;
  const x = xOf(view, time);
  // Out of view it can still be come to by the Tab key, which brings it back into view.
  playhead.classList.toggle('away', x < -1 || x > view.width + 1);
  playhead.style.transform = `translateX(${Math.min(Math.max(0, x), view.width)}px)`;
  // The flag stays inside at both ends.
  flag.style.setProperty('--flag-shift', `${-Math.max(0, Math.min(100, (x / Math.max(1, view.width)) * 100))}%`);
  const text = formatTimecode(time, { digits: 2 });
  flag.textContent = held ? `${text} · ${held.name}` : text;
  if (scene.playing) return;
  playhead.setAttribute('aria-valuenow', String(time / 1e6));
  playhead.setAttribute('aria-valuetext', spokenPosition(text, scene));
}

function spokenPosition(text: string, { time, sections, removed }: PlayheadScene): string {
  const within = (section: Section | undefined): boolean =>
    section !== undefined && time >= section.in && time < section.out;
  const row = sections.findIndex(within);
  if (row >= 0) return l10n.t('{0}, in marked section {1}', text, row + 1);
  return removed.some(within) ? l10n.t('{0}, in a removed section', text) : text;
}
