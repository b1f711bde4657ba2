import * as l10n from '@vscode/l10n';
import { displayOrder } from '../display-order.js';
import { FrameDecoder } from './frame-decoder.js';
import { decodeStart, indexFrames, type FrameIndex } from './frame-index.js';
import { joinCodecFor } from './join-codecs.js';
import type { OutputContainer } from '../file/containers.js';
import { MediaError } from '../media.js';
import type { Pace } from '../pace.js';
import { copiedPlace, resultTimes, shownPlaces, type CopySpan } from '../plan.js';
import { CopiedGroups } from './copied-groups.js';
import type { PacketCursor } from './packet-cursor.js';
import { COMPARED, COMPARED_BEHIND_OPEN, pictureHash } from './picture-hash.js';
import { isLike, sketch } from './picture-sketch.js';
import type { SmartCut } from './smart-picture.js';
import { openSource } from '../file/source.js';
import { SmartCutRefused } from '../obstacles.js';

/** A picture track, with what reads its packets. */
export interface ReadTrack {
  readonly index: FrameIndex;
  readonly cursor: PacketCursor;
}

/**
 * Checks a written smart cut against its source: every frame is there at its time, decodes, the copied frames around each
 * re-encoded span decode to the very same picture as in the source, and those of the span to what was encoded.
 *
 * @param sourceCursor of the source
 * @param ownClock the written file's clock does not begin at 0; see `OutputContainer`
 * @throws SmartCutRefused when anything differs
 */
export async function verifySmartCut(
  cut: SmartCut,
  { index, cursor: writtenCursor }: ReadTrack,
  sourceCursor: PacketCursor,
  ownClock: boolean,
  pace: Pace,
  onProgress: (fraction: number) => void,
): Promise<void> {
  const times = resultTimes(cut.index, cut.layout);
  const order = displayOrder(index);
  if (order.length !== times.length) throw different();
  const seconds = cut.index.timeBase.num / cut.index.timeBase.den;
  const outSeconds = index.timeBase.num / index.timeBase.den;
  const origin = ownClock ? (index.pts[order[0] ?? 0] ?? 0) * outSeconds - (times[0] ?? 0) * seconds : 0;
  // Matroska rounds times to milliseconds; mp4 and mov keep them. What is counted from a rounded time is off by both.
  const tolerance = Math.max(outSeconds, 1e-6) * (ownClock ? 1.02 : 0.51) + 1e-9;
  for (let n = 0; n < order.length; n++) {
    const expected = (times[n] ?? 0) * seconds;
    if (Math.abs((index.pts[order[n] ?? 0] ?? 0) * outSeconds - origin - expected) > tolerance) throw different();
  }

  using written = new FrameDecoder(writtenCursor, index, pace);
  using source = new FrameDecoder(sourceCursor, cut.index, pace, { parameters: cut.stream.codecpar });
  const copies = new CopiedGroups(cut, writtenCursor, sourceCursor);
  const windows = joinWindows(cut);
  const result: Result = {
    index,
    order,
    kept: shownPlaces(cut.layout),
    encoded: new Set(cut.spans.flatMap((span) => (span.kind === 'encode' ? span.frames : []))),
  };
  for (const [n, window] of windows.entries()) {
    await compare(cut, result, window, written, source, copies);
    onProgress((n + 1) / windows.length);
  }
}

/** The result's picture track has as many frames as were encoded. @throws MediaError `failed` */
export async function verifyTrack(file: string, frames: number, pace: Pace): Promise<void> {
  const index = await indexOf(file, undefined, pace);
  if (index.pts.length !== frames) {
    const message = l10n.t(
      'The new file did not come out complete, so it was removed. The source is unchanged; try again.',
    );
    throw new MediaError('failed', message);
  }
}

/** The index of a written file, as FFmpeg reads it. @param container for reading entries as its codec has them */
export async function indexOf(file: string, container: OutputContainer | undefined, pace: Pace): Promise<FrameIndex> {
  using source = await openSource(file);
  const codec = source.video && container && joinCodecFor(source.video, container);
  return await indexFrames(source, codec, pace);
}

/** A stretch of the result in display order, [first, last), that holds a join. */
interface Window {
  readonly first: number;
  readonly last: number;
}

function joinWindows(cut: SmartCut): Window[] {
  const total = cut.layout.frames;
  const windows: { first: number; last: number }[] = [];
  let position = 0;
  for (const span of cut.spans) {
    const count = span.kind === 'encode' ? span.frames.length : shownIn(cut, span);
    const behind = span.kind === 'copy' && span.join === 'open' ? COMPARED_BEHIND_OPEN : COMPARED;
    // Where the result begins as the source does, nothing was joined.
    const joined = span.kind === 'encode' || span.join !== undefined;
    if (joined) {
      const edge = { first: position, last: span.kind === 'encode' ? position + count : position };
      const window = { first: Math.max(0, edge.first - COMPARED), last: Math.min(total, edge.last + behind) };
      const before = windows.at(-1);
      if (before && window.first <= before.last) before.last = Math.max(before.last, window.last);
      else windows.push(window);
    }
    position += count;
  }
  return windows;
}

/** Frames of a smart cut that are encoded anew. */
export function reencodedFrames({ spans }: SmartCut): number {
  return spans.reduce((sum, span) => sum + (span.kind === 'encode' ? span.frames.length : 0), 0);
}

/** Frames that a copied span shows. */
function shownIn({ index: { invisible } }: SmartCut, span: CopySpan): number {
  let shown = 0;
  for (let n = 0; n < span.count; n++) if (!invisible[copiedPlace(span, n)]) shown++;
  return shown;
}

interface Result {
  readonly index: FrameIndex;
  /** Places in the written file in the order they are shown. */
  readonly order: Uint32Array;
  /** The same for the source: what the result's frames were. */
  readonly kept: Uint32Array;
  /** Places in the source whose frames were encoded anew. */
  readonly encoded: ReadonlySet<number>;
}

async function compare(
  cut: SmartCut,
  { index, order, kept, encoded }: Result,
  window: Window,
  written: FrameDecoder,
  source: FrameDecoder,
  copies: CopiedGroups,
): Promise<void> {
  const originals = new Map<number, number>();
  for (let n = window.first; n < window.last; n++) {
    const was = kept[n] ?? 0;
    // Pictures in front of the join whose packets are the source's own, from where their decoding begins, are the same.
    if (originals.size > 0 || encoded.has(was) || !(await copies.equal(was))) originals.set(order[n] ?? 0, was);
  }
  const places = [...originals.keys()];
  const first = places[0];
  if (first === undefined) return;
  const hashes = new Map<number, string>();
  for await (const { frame, place } of written.decode(decodeStart(index, first), places)) {
    if (frame.decodeErrorFlags !== 0) throw different();
    const was = originals.get(place);
    const isNew = was === undefined || encoded.has(was);
    hashes.set(place, isNew ? '' : pictureHash(frame));
    if (isNew && was !== undefined && !isLike(cut.drawn.get(was), sketch(frame))) throw different();
  }
  if (hashes.size !== places.length) throw different();
  const unseen: number[] = [];
  for (const [place, was] of originals) {
    const seen = cut.seen.get(was);
    if (encoded.has(was)) continue;
    if (seen !== undefined) {
      if (seen !== hashes.get(place)) throw different();
    } else if (!(await copies.equal(was))) unseen.push(was);
  }
  for (const run of sourceRuns(cut, unseen)) {
    const start = run[0];
    if (start === undefined) continue;
    let compared = 0;
    for await (const { frame, place } of source.decode(decodeStart(cut.index, start), run)) {
      const at = order[kept.indexOf(place, window.first)];
      if (at === undefined || hashes.get(at) !== pictureHash(frame)) throw different();
      compared++;
    }
    if (compared !== run.length) throw different();
  }
}

// Copied frames of the window as runs that ascend in the source, since each range lies elsewhere in it.
function sourceRuns(cut: SmartCut, places: readonly number[]): number[][] {
  const runs: number[][] = [];
  let last = Number.POSITIVE_INFINITY;
  for (const place of places) {
    const time = cut.index.pts[place] ?? 0;
    const jump = time < last || (time - last) * (cut.index.timeBase.num / cut.index.timeBase.den) > 5;
    if (jump) runs.push([place]);
    else runs.at(-1)?.push(place);
    last = time;
  }
  return runs;
}

function different(): SmartCutRefused {
  return new SmartCutRefused('the self-check found a difference after joining');
}
