// Parts of H.264 (ITU-T H.264, ISO/IEC 14496-15) that joining two encodes in one track needs. Pure: no I/O.

import { BitReader } from './bits.js';
import { removeEmulation } from './nal.js';

/** nal_unit_type, table 7-1. */
const IDR_SLICE = 5;
const SPS = 7;
const PPS = 8;
const DELIMITER = 9;

/** avcC box, ISO/IEC 14496-15 5.3.3.1, read as far as needed. */
export interface AvcConfiguration {
  /** Bytes of the length in front of each NAL unit: 1, 2 or 4. */
  readonly lengthSize: number;
  readonly sps: readonly Uint8Array[];
  readonly pps: readonly Uint8Array[];
  /** What follows the sets: chroma format and bit depths for High profiles. */
  readonly rest: Uint8Array;
  /** The five bytes in front of the sets. */
  readonly head: Uint8Array;
}

/** @returns undefined when the bytes are no complete avcC, for example Annex B */
export function parseAvcConfiguration(bytes: Uint8Array): AvcConfiguration | undefined {
  if (bytes.length < 7 || bytes[0] !== 1) return undefined;
  let at = 5;
  const readSets = (count: number): Uint8Array[] | undefined => {
    const sets: Uint8Array[] = [];
    for (let i = 0; i < count; i++) {
      const length = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
      if (at + 2 + length > bytes.length || length === 0) return undefined;
      sets.push(bytes.slice(at + 2, at + 2 + length));
      at += 2 + length;
    }
    return sets;
  };
  const sps = readSets((bytes[at++] ?? 0) & 0x1f);
  if (!sps || at >= bytes.length) return undefined;
  const pps = readSets(bytes[at++] ?? 0);
  if (!pps) return undefined;
  return { lengthSize: ((bytes[4] ?? 3) & 3) + 1, sps, pps, rest: bytes.slice(at), head: bytes.slice(0, 5) };
}

/** An avcC with further parameter sets, which packets name by their ids. */
export function addParameterSets(
  config: AvcConfiguration,
  sps: readonly Uint8Array[],
  pps: readonly Uint8Array[],
): Uint8Array {
  const allSps = [...config.sps, ...sps];
  const allPps = [...config.pps, ...pps];
  const sized = (set: Uint8Array): number[] => [set.length >> 8, set.length & 0xff, ...set];
  return Uint8Array.from([
    ...config.head,
    0xe0 | allSps.length,
    ...allSps.flatMap(sized),
    allPps.length,
    ...allPps.flatMap(sized),
    ...config.rest,
  ]);
}

/** The parts of a sequence parameter set (7.3.2.1.1) that joins need. */
export interface SpsSummary {
  readonly id: number;
  readonly profile: number;
  readonly level: number;
  /** The constraint_set flags and the reserved bits behind them. */
  readonly constraints: number;
  /** chroma_format_idc: 0 for grey, 1 for 4:2:0, 2 for 4:2:2, 3 for 4:4:4. */
  readonly chroma: number;
  readonly separatePlanes: boolean;
  readonly bitDepth: number;
  /** Pictures with a quantiser of 0 are kept without loss (qpprime_y_zero_transform_bypass_flag). */
  readonly lossless: boolean;
  readonly frameNumBits: number;
  /** pic_order_cnt_type; the next field is there for type 0 alone. */
  readonly orderType: number;
  readonly orderBits: number;
  readonly referenceFrames: number;
  readonly gapsAllowed: boolean;
  /** False when pictures may be coded as fields. */
  readonly progressive: boolean;
}

/** @returns undefined when the bytes are no sequence parameter set */
export function parseSps(nal: Uint8Array): SpsSummary | undefined {
  if (nalType(nal[0] ?? 0) !== SPS || nal.length < 5) return undefined;
  const bits = new BitReader(removeEmulation(nal.subarray(1)));
  const profile = bits.read(8);
  const constraints = bits.read(8);
  const level = bits.read(8);
  const id = bits.ue();
  let chroma = 1;
  let separatePlanes = false;
  let bitDepth = 8;
  let lossless = false;
  // 7.3.2.1.1: only these profiles carry chroma format and scaling lists.
  if ([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135].includes(profile)) {
    chroma = bits.ue();
    if (chroma === 3) separatePlanes = bits.read(1) === 1;
    bitDepth = 8 + bits.ue();
    bits.ue();
    lossless = bits.read(1) === 1;
    if (bits.read(1)) {
      for (let list = 0; list < (chroma === 3 ? 12 : 8); list++)
        if (bits.read(1)) skipScalingList(bits, list < 6 ? 16 : 64);
    }
  }
  const frameNumBits = bits.ue() + 4;
  const orderType = bits.ue();
  let orderBits = 0;
  if (orderType === 0) orderBits = bits.ue() + 4;
  else if (orderType === 1) {
    bits.read(1);
    bits.se();
    bits.se();
    for (let left = bits.ue(); left > 0 && !bits.ended; left--) bits.se();
  }
  const referenceFrames = bits.ue();
  const gapsAllowed = bits.read(1) === 1;
  bits.ue();
  bits.ue();
  const progressive = bits.read(1) === 1;
  if (bits.ended) return undefined;
  return {
    ...{ id, profile, level, constraints, chroma, separatePlanes, bitDepth, lossless },
    ...{ frameNumBits, orderType, orderBits, referenceFrames, gapsAllowed, progressive },
  };
}

/** The parts of a picture parameter set (7.3.2.2) that reading slice headers needs. */
export interface PpsSummary {
  readonly id: number;
  readonly spsId: number;
  /** Arithmetic coding; else variable-length codes. */
  readonly cabac: boolean;
  readonly bottomOrder: boolean;
  /** Slice groups, as only the Baseline and Extended profiles have them. */
  readonly grouped: boolean;
  /** Entries of the reference lists where the slice does not say. */
  readonly references: readonly [number, number];
  readonly weightedP: boolean;
  /** weighted_bipred_idc: 1 when B slices carry weights. */
  readonly weightedB: number;
  readonly deblocking: boolean;
  readonly redundant: boolean;
}

/** @returns undefined when the bytes are no picture parameter set */
export function parsePps(nal: Uint8Array): PpsSummary | undefined {
  if (nalType(nal[0] ?? 0) !== PPS) return undefined;
  const bits = new BitReader(removeEmulation(nal.subarray(1)));
  const id = bits.ue();
  const spsId = bits.ue();
  const cabac = bits.read(1) === 1;
  const bottomOrder = bits.read(1) === 1;
  const grouped = bits.ue() > 0;
  // What follows the groups' layout is not read then.
  const references = [bits.ue() + 1, bits.ue() + 1] as const;
  const weightedP = bits.read(1) === 1;
  const weightedB = bits.read(2);
  bits.se();
  bits.se();
  bits.se();
  const deblocking = bits.read(1) === 1;
  bits.read(1);
  const redundant = bits.read(1) === 1;
  if (bits.ended) return undefined;
  return { id, spsId, cabac, bottomOrder, grouped, references, weightedP, weightedB, deblocking, redundant };
}

/** Id of a picture parameter set, or undefined when the bytes are none. */
export function ppsId(nal: Uint8Array): number | undefined {
  return nalType(nal[0] ?? 0) === PPS ? new BitReader(removeEmulation(nal.subarray(1))).ue() : undefined;
}

/** A sequence parameter set (7.3.2.1). @param nal from its header on, without start code or length */
export function isSps(nal: Uint8Array): boolean {
  return nalType(nal[0] ?? 0) === SPS;
}

/** A picture parameter set (7.3.2.2). @param nal as for {@link isSps} */
export function isPps(nal: Uint8Array): boolean {
  return nalType(nal[0] ?? 0) === PPS;
}

/** A slice of an IDR picture: nothing from there on refers to a picture before it. @param nal as for {@link isSps} */
export function isIdr(nal: Uint8Array): boolean {
  return nalType(nal[0] ?? 0) === IDR_SLICE;
}

/** Says only that an access unit begins (7.3.2.4). @param nal as for {@link isSps} */
export function isAccessUnitDelimiter(nal: Uint8Array): boolean {
  return nalType(nal[0] ?? 0) === DELIMITER;
}

function nalType(header: number): number {
  return header & 0x1f;
}

function skipScalingList(bits: BitReader, size: number): void {
  let last = 8;
  let next = 8;
  for (let i = 0; i < size && !bits.ended; i++) {
    if (next !== 0) next = (last + bits.se() + 256) % 256;
    last = next === 0 ? last : next;
  }
}
