import type { PanelPicture } from '../src/messages.js';
import type { Section } from '../src/timeline/sections.js';
import type { Microseconds } from '../src/timeline/timecode.js';
import { spanOf, type TimelineView } from './timeline-geometry.js';

/** A place in the row of pictures. Tiles stay at their time while the view moves. */
export interface Tile extends Section {
  readonly picture: PanelPicture;
  /** Unlike that of any other tile, and the same for the same picture wherever the view is. */
  readonly key: string;
}

/** Pictures by time. When they are too many, every second one of those there were goes. */
export function withPictures(
  known: readonly PanelPicture[],
  news: readonly PanelPicture[],
  most = 1000,
): readonly PanelPicture[] {
  const kept = known.length + news.length > most ? known.filter((_, index) => index % 2 === 0) : known;
  const byTime = new Map([...kept, ...news].map((picture) => [picture.time, picture]));
  return [...byTime.values()].sort((a, b) => a.time - b.time);
}

/** Pixels that a picture takes in a row of this height; a guess while there is none. */
export function tileWidth(pictures: readonly PanelPicture[], height: number): number {
  const [first] = pictures;
  return first ? Math.max(12, (height * first.width) / first.height) : (height * 16) / 9;
}

/** The row of pictures in view: each tile has the picture nearest to its middle. */
export function tilesInView(
  view: TimelineView,
  duration: Microseconds,
  width: number,
  pictures: readonly PanelPicture[],
): Tile[] {
  const length = spanOf(view, width);
  if (pictures.length === 0 || view.width <= 0 || length <= 0) return [];
  const tiles: Tile[] = [];
  let index = 0;
  let [shown, times] = [-1, 0];
  for (let n = Math.floor(view.start / length); n * length < Math.min(view.end, duration); n += 1) {
    const start = n * length;
    const middle = start + length / 2;
    while (distance(pictures[index + 1], middle) < distance(pictures[index], middle)) index += 1;
    const picture = pictures[index];
    if (!picture) continue;
    times = index === shown ? times + 1 : 0;
    shown = index;
    tiles.push({ in: start, out: Math.min(duration, start + length), picture, key: `${picture.time} ${times}` });
  }
  return tiles;
}

function distance(picture: PanelPicture | undefined, time: Microseconds): number {
  return picture ? Math.abs(picture.time - time) : Number.POSITIVE_INFINITY;
}
