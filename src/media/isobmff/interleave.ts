import { NumberList } from './number-lists.js';
import type { TrackPlan } from './track-plan.js';

/** The chunks of a track of the result, one position in each list for each. */
export interface Chunks {
  /** First sample. */
  readonly first: Float64Array;
  readonly bytes: Float64Array;
  /** Where they lie in the source, or −1 for bytes of ours. */
  readonly source: Float64Array;
  /** Where they lie in the result's media data, from its beginning. */
  readonly offset: Float64Array;
}

export interface Interleaving {
  readonly chunks: readonly Chunks[];
  /** Tracks (positions in the plans) and their chunks in the order of the file. */
  readonly trackOrder: Uint16Array;
  readonly chunkOrder: Uint32Array;
  readonly bytes: number;
}

// Players read about so much of one track before they look at the next.
const LONGEST_CHUNK_SECONDS = 0.5;

/**
 * Orders the samples of all tracks: what comes from the source stays in the source's order, so that it is read in one
 * go, and new samples go where their time comes.
 */
export function interleave(plans: readonly TrackPlan[]): Interleaving {
  const chunks = plans.map(findChunks);
  const total = chunks.reduce((sum, { first }) => sum + first.length, 0);
  const trackOrder = new Uint16Array(total);
  const chunkOrder = new Uint32Array(total);
  const next = plans.map(() => 0);
  let bytes = 0;
  for (let n = 0; n < total; n++) {
    const track = earliest(plans, chunks, next);
    const chunk = next[track] ?? 0;
    const own = chunks[track];
    if (!own) throw new Error('no such track');
    next[track] = chunk + 1;
    trackOrder[n] = track;
    chunkOrder[n] = chunk;
    own.offset[chunk] = bytes;
    bytes += own.bytes[chunk] ?? 0;
  }
  return { chunks, trackOrder, chunkOrder, bytes };
}

function findChunks(plan: TrackPlan): Chunks {
  const first = new NumberList();
  const bytes = new NumberList();
  const source = new NumberList();
  const longest = plan.track.timescale * LONGEST_CHUNK_SECONDS;
  const { offset } = plan.track.samples;
  let begun = 0;
  let reached = 0;
  for (let i = 0; i < plan.count; i++) {
    const size = plan.size[i] ?? 0;
    const time = plan.dts[i] ?? 0;
    const from = plan.data.has(i) ? -1 : (offset[plan.source[i] ?? -1] ?? -1);
    const before = source.last;
    const joins = before !== undefined && (from < 0 ? before === -1 : before !== -1 && from === reached);
    if (joins && time - begun < longest) bytes.increase(size);
    else {
      first.add(i);
      bytes.add(size);
      source.add(from);
      begun = time;
    }
    reached = from + size;
  }
  const found = first.values();
  return { first: found, bytes: bytes.values(), source: source.values(), offset: new Float64Array(found.length) };
}

function earliest(plans: readonly TrackPlan[], chunks: readonly Chunks[], next: readonly number[]): number {
  let fromSource = -1;
  let lowest = Infinity;
  let own = -1;
  let ownTime = Infinity;
  let otherTime = Infinity;
  for (const [track, plan] of plans.entries()) {
    const chunk = next[track] ?? 0;
    const list = chunks[track];
    const first = list?.first[chunk];
    if (!list || first === undefined) continue;
    const time = (plan.dts[first] ?? 0) / plan.track.timescale;
    const position = list.source[chunk] ?? -1;
    if (position < 0) {
      if (time < ownTime) [own, ownTime] = [track, time];
      continue;
    }
    otherTime = Math.min(otherTime, time);
    if (position < lowest) [fromSource, lowest] = [track, position];
  }
  return own >= 0 && ownTime <= otherTime ? own : fromSource >= 0 ? fromSource : own;
}
