// Slice headers of H.264 (ITU-T H.264 7.3.3): read, and written anew where a join changes them. Pure: no I/O.

import { BitReader, BitWriter } from './bits.js';
import type { PpsSummary, SpsSummary } from './h264.js';

export type SliceKind = 'P' | 'B' | 'I';

/** A step of ref_pic_list_modification (7.3.3.1): which picture comes next in the list. */
export interface Modification {
  /** modification_of_pic_nums_idc */
  readonly step: number;
  readonly value: number;
}

/** memory_management_control_operation with its first operand (7.3.3.3). */
export interface Marking {
  readonly operation: number;
  readonly value: number;
}

export interface SliceHeader {
  readonly kind: SliceKind;
  readonly idr: boolean;
  /** Other pictures may lean on this one: nal_ref_idc is not 0. */
  readonly reference: boolean;
  readonly frameNum: number;
  /** pic_order_cnt_lsb and delta_pic_order_cnt_bottom; 0 where the stream has none. */
  readonly order: number;
  readonly bottomOrder: number;
  /** Active entries of the lists: none for I, one list for P. */
  readonly references: readonly number[];
  readonly modifications: readonly (readonly Modification[])[];
  /** Undefined where the oldest picture simply goes (sliding window), and for IDR and non-reference pictures. */
  readonly markings: readonly Marking[] | undefined;
  /** Where the parts lie that change, in bits from the NAL unit's first byte without emulation prevention. */
  readonly parts: SliceParts;
}

interface SliceParts {
  readonly frameNum: number;
  /** From delta_pic_order_cnt_bottom to the number of references. */
  readonly middle: readonly [number, number];
  /** The weights. */
  readonly weights: readonly [number, number];
  /** From cabac_init_idc to the end of the header. */
  readonly tail: readonly [number, number];
}

/** What a rewritten header says in place of the source's. */
export interface SliceChange {
  readonly frameNum: number;
  readonly order: number;
  readonly modifications: readonly (readonly Modification[])[];
  readonly markings: readonly Marking[] | undefined;
  /** The slice becomes one of an IDR picture with this idr_pic_id. */
  readonly idr?: number;
}

const IDR_SLICE = 5;
const SLICE = 1;
// Headers are a few bytes long; only weights for many references make them longer.
const HEADER_BYTES = 1024;

/** nal_unit_type 1 or 5. */
export function isSlice(nal: Uint8Array): boolean {
  const type = (nal[0] ?? 0) & 0x1f;
  return type === SLICE || type === IDR_SLICE;
}

/** The picture parameter set and the kind of a slice, which lead to everything else; undefined for SP and SI slices. */
export function peekSlice(nal: Uint8Array): { kind: SliceKind; ppsId: number } | undefined {
  const bits = new BitReader(plainHead(nal, 32).plain);
  bits.read(8);
  bits.ue();
  const kind = KINDS[bits.ue() % 5];
  return kind && { kind, ppsId: bits.ue() };
}

const KINDS: readonly (SliceKind | undefined)[] = ['P', 'B', 'I'];

/** @returns undefined when the slice has something in it that joins cannot carry over: fields, slice groups, MVC */
export function parseSlice(nal: Uint8Array, sps: SpsSummary, pps: PpsSummary): SliceHeader | undefined {
  if (!isSlice(nal) || !sps.progressive || pps.grouped || pps.redundant || sps.orderType === 1) return undefined;
  const bits = new BitReader(plainHead(nal, HEADER_BYTES).plain);
  bits.read(1);
  const reference = bits.read(2) !== 0;
  const idr = bits.read(5) === IDR_SLICE;
  bits.ue();
  const kind = KINDS[bits.ue() % 5];
  bits.ue();
  if (!kind) return undefined;
  if (sps.separatePlanes) bits.read(2);
  const frameNumAt = bits.position;
  const frameNum = bits.read(sps.frameNumBits);
  if (idr) bits.ue();
  const order = bits.read(sps.orderBits);
  const middleAt = bits.position;
  const bottomOrder = pps.bottomOrder && sps.orderType === 0 ? bits.se() : 0;
  if (kind === 'B') bits.read(1);
  const references = kind === 'I' ? [] : kind === 'P' ? [pps.references[0]] : [...pps.references];
  if (kind !== 'I' && bits.read(1)) for (const list of references.keys()) references[list] = bits.ue() + 1;
  if (references.some((count) => count > 32)) return undefined;
  const middleEnd = bits.position;
  const modifications = references.map(() => readModifications(bits));
  const weightsAt = bits.position;
  if ((kind === 'P' && pps.weightedP) || (kind === 'B' && pps.weightedB === 1)) {
    skipWeights(bits, references, sps.separatePlanes ? 0 : sps.chroma);
  }
  const weightsEnd = bits.position;
  let markings: Marking[] | undefined;
  if (reference && idr) bits.read(2);
  else if (reference && bits.read(1)) markings = readMarkings(bits);
  const tailAt = bits.position;
  if (pps.cabac && kind !== 'I') bits.ue();
  bits.se();
  if (pps.deblocking && bits.ue() !== 1) {
    bits.se();
    bits.se();
  }
  if (bits.ended) return undefined;
  const parts: SliceParts = {
    frameNum: frameNumAt,
    middle: [middleAt, middleEnd],
    weights: [weightsAt, weightsEnd],
    tail: [tailAt, bits.position],
  };
  return { kind, idr, reference, frameNum, order, bottomOrder, references, modifications, markings, parts };
}

/** The slice with another header; its picture data stay as they are. */
export function rewriteSlice(
  nal: Uint8Array,
  header: SliceHeader,
  sps: SpsSummary,
  pps: PpsSummary,
  change: SliceChange,
): Uint8Array {
  const { plain } = plainHead(nal, HEADER_BYTES);
  const bits = new BitWriter();
  const copy = ([from, to]: readonly [number, number]): void => {
    for (let at = from; at < to; at++) bits.write(((plain[at >> 3] ?? 0) >> (7 - (at & 7))) & 1, 1);
  };
  if (change.idr === undefined) copy([0, 8]);
  else bits.write(((plain[0] ?? 0) & 0xe0) | IDR_SLICE, 8);
  copy([8, header.parts.frameNum]);
  bits.write(change.frameNum, sps.frameNumBits);
  if (change.idr !== undefined) bits.ue(change.idr);
  bits.write(change.order, sps.orderBits);
  copy(header.parts.middle);
  for (const list of change.modifications) {
    bits.write(list.length > 0 ? 1 : 0, 1);
    for (const { step, value } of list) {
      bits.ue(step);
      bits.ue(value);
    }
    if (list.length > 0) bits.ue(3);
  }
  copy(header.parts.weights);
  if (change.idr !== undefined) bits.write(0, 2);
  else if (header.reference) {
    bits.write(change.markings ? 1 : 0, 1);
    for (const { operation, value } of change.markings ?? []) {
      bits.ue(operation);
      bits.ue(value);
    }
    if (change.markings) bits.ue(0);
  }
  copy(header.parts.tail);
  const end = header.parts.tail[1];
  if (pps.cabac) {
    // 7.3.4: cabac_alignment_one_bit up to whole bytes, where the arithmetic code begins.
    while (bits.position % 8 !== 0) bits.write(1, 1);
    return joinBytes(nal, bits.bytes(), Math.ceil(end / 8));
  }
  if ((bits.position - end) % 8 !== 0) return shiftBits(nal, bits, end);
  if (end % 8 !== 0) copy([end, end + 8 - (end % 8)]);
  return joinBytes(nal, bits.bytes(), Math.ceil(end / 8));
}

/**
 * A new beginning in front of the bytes of a unit from `rest` on (counted without emulation prevention). Emulation
 * prevention is redone only until it falls in step with what is there already.
 */
function joinBytes(nal: Uint8Array, head: Uint8Array, rest: number): Uint8Array {
  const { raw, zeros } = plainHead(nal, rest);
  const begin: number[] = [];
  let written = escapeInto(begin, head, 0);
  let at = raw;
  let read = zeros;
  while (at < nal.length && written !== read) {
    const byte = nal[at++] ?? 0;
    if (read >= 2 && byte === 3) {
      read = 0;
      continue;
    }
    written = escapeInto(begin, [byte], written);
    read = byte === 0 ? read + 1 : 0;
  }
  const joined = new Uint8Array(begin.length + nal.length - at);
  joined.set(begin);
  joined.set(nal.subarray(at), begin.length);
  return joined;
}

/** A new header in front of the bits of a unit from `end` on: variable-length codes follow without alignment. */
function shiftBits(nal: Uint8Array, bits: BitWriter, end: number): Uint8Array {
  const { plain } = plainHead(nal, nal.length);
  const moved = new Uint8Array(plain.length + ((bits.position - end) >> 3) + 2);
  moved.set(bits.bytes());
  // Each byte is spread over two; of the first one, the bits of the old header are left out.
  const shift = (bits.position - end) & 7;
  const from = end >> 3;
  let at = from + ((bits.position - end) >> 3);
  for (let i = from; i < plain.length; i++, at++) {
    const byte = i === from ? (plain[i] ?? 0) & (0xff >> (end & 7)) : (plain[i] ?? 0);
    moved[at] = (moved[at] ?? 0) | (byte >> shift);
    moved[at + 1] = (moved[at + 1] ?? 0) | ((byte << (8 - shift)) & 0xff);
  }
  let length = moved.length;
  while (length > 0 && moved[length - 1] === 0) length--;
  const escaped = new Uint8Array(length + (length >> 1) + 1);
  let size = 0;
  for (let i = 0, zeros = 0; i < length; i++) {
    const byte = moved[i] ?? 0;
    if (zeros >= 2 && byte <= 3) {
      escaped[size++] = 3;
      zeros = 0;
    }
    escaped[size++] = byte;
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return escaped.subarray(0, size);
}

/** Adds bytes with emulation prevention (7.4.1.1). @returns the zero bytes in a row at the end */
function escapeInto(target: number[], bytes: ArrayLike<number>, zeros: number): number {
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    if (zeros >= 2 && byte <= 3) {
      target.push(3);
      zeros = 0;
    }
    target.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return zeros;
}

/** The first `limit` bytes of a unit without emulation prevention, and where the next one lies in the unit itself. */
function plainHead(nal: Uint8Array, limit: number): { plain: Uint8Array; raw: number; zeros: number } {
  const plain = new Uint8Array(Math.min(limit, nal.length));
  let length = 0;
  let zeros = 0;
  let raw = 0;
  for (; raw < nal.length && length < limit; raw++) {
    const byte = nal[raw] ?? 0;
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    plain[length++] = byte;
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return { plain: plain.subarray(0, length), raw, zeros };
}

function readModifications(bits: BitReader): Modification[] {
  const steps: Modification[] = [];
  if (!bits.read(1)) return steps;
  for (let step = bits.ue(); step !== 3 && !bits.ended && steps.length < 66; step = bits.ue()) {
    steps.push({ step, value: bits.ue() });
  }
  return steps;
}

function readMarkings(bits: BitReader): Marking[] {
  const markings: Marking[] = [];
  for (let operation = bits.ue(); operation !== 0 && !bits.ended && markings.length < 66; operation = bits.ue()) {
    markings.push({ operation, value: operation === 5 ? 0 : bits.ue() });
    if (operation === 3) bits.ue();
  }
  return markings;
}

// pred_weight_table, 7.3.3.2.
function skipWeights(bits: BitReader, references: readonly number[], chroma: number): void {
  bits.ue();
  if (chroma !== 0) bits.ue();
  for (const count of references) {
    for (let entry = 0; entry < count && !bits.ended; entry++) {
      if (bits.read(1)) for (let i = 0; i < 2; i++) bits.se();
      if (chroma !== 0 && bits.read(1)) for (let i = 0; i < 4; i++) bits.se();
    }
  }
}
