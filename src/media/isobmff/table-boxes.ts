import { box, fullBox, words, writeWords } from './boxes.js';
import { editDescription } from './description.js';
import type { Chunks } from './interleave.js';
import { WordList } from './number-lists.js';
import type { TrackPlan } from './track-plan.js';

// The tables of a track of the result (ISO/IEC 14496-12, 8.5 to 8.7).

/** The sample table box; {@link fill} sets the chunk offsets once the length of the header is known. */
export interface SampleTable {
  readonly box: Buffer[];
  fill(mediaStart: number): void;
}

/** For one track (ISO/IEC 14496-12, 8.5.1). @param long chunk offsets of 64 bits, `co64` */
export function sampleTable(plan: TrackPlan, chunks: Chunks, long: boolean): SampleTable {
  const { track } = plan;
  const { stsd } = track.boxes;
  const offsets = chunkOffsets(chunks, long);
  return {
    box: box(
      'stbl',
      plan.description ? editDescription(stsd, plan.description) : stsd,
      fullBox('stts', 0, 0, counted(decodeSteps(plan))),
      reorderBox(plan),
      syncBoxes(plan),
      dependencies(plan),
      fullBox('stsc', 0, 0, chunkRuns(plan, chunks)),
      sizes(plan),
      fullBox(long ? 'co64' : 'stco', 0, 0, words(chunks.offset.length), offsets.bytes),
      ...track.boxes.groupDescriptions,
      groups(plan),
    ),
    fill: offsets.fill,
  };
}

/** Runs of equal values, as pairs of words behind their number. */
function counted(runs: Runs): Buffer {
  return Buffer.concat([words(runs.count), runs.bytes()]);
}

class Runs {
  readonly #words = new WordList();
  #value: number | undefined;
  #times = 0;

  add(value: number, times = 1): void {
    if (value !== this.#value) this.#end();
    this.#value = value;
    this.#times += times;
  }

  get count(): number {
    return (this.#words.length + (this.#times > 0 ? 2 : 0)) / 2;
  }

  /** Whether all of it is this one value. */
  only(value: number): boolean {
    return this.#words.length === 0 && (this.#value ?? value) === value;
  }

  bytes(): Buffer {
    this.#end();
    return this.#words.bytes();
  }

  #end(): void {
    if (this.#times === 0) return;
    this.#words.add(this.#times);
    this.#words.add(this.#value ?? 0);
    this.#times = 0;
  }
}

function decodeSteps({ count, dts, lastDuration, size, track }: TrackPlan): Runs {
  const runs = new Runs();
  if (track.frameBytes > 0) {
    runs.add(1, size.reduce((sum, bytes) => sum + bytes, 0) / track.frameBytes);
    return runs;
  }
  for (let i = 1; i < count; i++) runs.add((dts[i] ?? 0) - (dts[i - 1] ?? 0));
  if (count > 0) runs.add(lastDuration);
  return runs;
}

function reorderBox({ count, dts, pts }: TrackPlan): Buffer[] {
  const runs = new Runs();
  let negative = false;
  for (let i = 0; i < count; i++) {
    const offset = (pts[i] ?? 0) - (dts[i] ?? 0);
    negative ||= offset < 0;
    runs.add(offset);
  }
  return runs.only(0) ? [] : fullBox('ctts', negative ? 1 : 0, 0, counted(runs));
}

function syncBoxes({ count, sync, source, track }: TrackPlan): Buffer[] {
  const full = new WordList();
  const partial = new WordList();
  for (let i = 0; i < count; i++) {
    if (!sync[i]) continue;
    if (track.samples.partial?.[source[i] ?? -1]) partial.add(i + 1);
    else full.add(i + 1);
  }
  if (full.length === count) return [];
  const boxes = fullBox('stss', 0, 0, words(full.length), full.bytes());
  // Entry points of a `rap ` group are told by the group; the rest were QuickTime's partial sync samples.
  const grouped = track.boxes.groups.some(({ type }) => type === 'rap ');
  if (partial.length > 0 && !grouped) boxes.push(...fullBox('stps', 0, 0, words(partial.length), partial.bytes()));
  return boxes;
}

/** What depends on what (`sdtp`), a byte for each sample; new ones say nothing. */
function dependencies({ count, source, track }: TrackPlan): Buffer[] {
  const { sdtp } = track.boxes;
  if (!sdtp) return [];
  const bytes = Buffer.alloc(count);
  for (let i = 0; i < count; i++) {
    const place = source[i] ?? -1;
    if (place >= 0) bytes[i] = sdtp[12 + track.samples.tableStart + place] ?? 0;
  }
  return fullBox('sdtp', 0, 0, bytes);
}

function chunkRuns(plan: TrackPlan, { first }: Chunks): Buffer {
  const { frameBytes, descriptionIndex } = plan.track;
  const runs = new WordList();
  let before = -1;
  for (let chunk = 0; chunk < first.length; chunk++) {
    const from = first[chunk] ?? 0;
    const to = first[chunk + 1] ?? plan.count;
    let samples = to - from;
    if (frameBytes > 0) samples = plan.size.subarray(from, to).reduce((sum, size) => sum + size, 0) / frameBytes;
    if (samples !== before) {
      runs.add(chunk + 1);
      runs.add(samples);
      runs.add(descriptionIndex);
    }
    before = samples;
  }
  return Buffer.concat([words(runs.length / 3), runs.bytes()]);
}

function sizes({ count, size, track }: TrackPlan): Buffer[] {
  if (track.frameBytes > 0) {
    const frames = size.reduce((sum, bytes) => sum + bytes, 0) / track.frameBytes;
    return fullBox('stsz', 0, 0, words(track.frameBytes, frames));
  }
  return fullBox('stsz', 0, 0, words(0, count), writeWords(size));
}

function chunkOffsets({ offset }: Chunks, long: boolean): { bytes: Buffer; fill: (mediaStart: number) => void } {
  const bytes = Buffer.alloc(offset.length * (long ? 8 : 4));
  const fill = (mediaStart: number): void => {
    offset.forEach((at, i) => {
      if (long) bytes.writeBigUInt64BE(BigInt(mediaStart + at), i * 8);
      else bytes.writeUInt32BE(mediaStart + at, i * 4);
    });
  };
  return { bytes, fill };
}

// Kinds of sample groups that still say the truth when samples of ours, in no group, stand between the source's.
const LASTING_GROUPS = new Set(['roll', 'prol', 'rap ', 'sync']);

function groups(plan: TrackPlan): Buffer[] {
  const { track, source, count } = plan;
  const added = source.includes(-1);
  return track.boxes.groups.flatMap(({ type, head, entries }) => {
    if (added && !LASTING_GROUPS.has(type)) return [];
    const member = expand(entries, track.samples.tableStart + track.samples.count);
    const runs = new Runs();
    let before = 0;
    for (let i = 0; i < count; i++) {
      const place = source[i] ?? -1;
      // New sound needs as much lead as the sound around it.
      if (place >= 0) before = member[track.samples.tableStart + place] ?? 0;
      runs.add(place >= 0 || type === 'roll' || type === 'prol' ? before : 0);
    }
    return box('sbgp', head.subarray(8), words(runs.count), runs.bytes());
  });
}

function expand(entries: Buffer, count: number): Uint32Array {
  const member = new Uint32Array(count);
  let sample = 0;
  for (let at = 0; at + 8 <= entries.length && sample < count; at += 8) {
    const last = Math.min(count, sample + entries.readUInt32BE(at));
    member.fill(entries.readUInt32BE(at + 4), sample, last);
    sample = last;
  }
  return member;
}
