// Parameter sets of HEVC (ITU-T H.265 7.3.2): read as far as a join has to know them, and given other ids. Pure: no I/O.

import { BitReader, BitWriter } from './bits.js';
import { HEADER, NAL, nalType } from './hevc.js';
import { addEmulation, removeEmulation } from './nal.js';

/** What a sequence parameter set says. */
export interface SequenceSet {
  readonly id: number;
  readonly videoSet: number;
  /** chroma_format_idc: 0 grey, 1 is 4:2:0, 2 is 4:2:2, 3 is 4:4:4. */
  readonly chroma: number;
  readonly lumaBits: number;
  readonly chromaBits: number;
  /** In samples, with what the conformance window hides. */
  readonly codedWidth: number;
  readonly codedHeight: number;
  /** In samples, as shown. */
  readonly width: number;
  readonly height: number;
  /** general_tier_flag: 1 for the high tier. */
  readonly tier: number;
  /** general_level_idc: 30 times the level's number. */
  readonly level: number;
  /** Pictures are fields, or the source was interlaced. */
  readonly interlaced: boolean;
  /** sps_max_dec_pic_buffering and sps_max_num_reorder_pics of the highest sub-layer. */
  readonly pictures: number;
  readonly reordered: number;
}

/** @returns undefined when the unit is no sequence parameter set of the base layer, or broken */
export function parseSequenceSet(unit: Uint8Array): SequenceSet | undefined {
  if (nalType(unit) !== NAL.sps) return undefined;
  const bits = new BitReader(removeEmulation(unit.subarray(HEADER)));
  const videoSet = bits.read(4);
  const subLayers = bits.read(3);
  bits.read(1);
  const profile = readProfile(bits, subLayers);
  const id = bits.ue();
  const chroma = bits.ue();
  if (chroma === 3) bits.read(1);
  const codedWidth = bits.ue();
  const codedHeight = bits.ue();
  const hidden = bits.read(1) ? [bits.ue(), bits.ue(), bits.ue(), bits.ue()] : [0, 0, 0, 0];
  const [left = 0, right = 0, top = 0, bottom = 0] = hidden;
  const across = chroma === 1 || chroma === 2 ? 2 : 1;
  const down = chroma === 1 ? 2 : 1;
  const lumaBits = bits.ue() + 8;
  const chromaBits = bits.ue() + 8;
  const orderBits = bits.ue() + 4;
  let pictures = 0;
  let reordered = 0;
  for (let layer = bits.read(1) ? 0 : subLayers; layer <= subLayers; layer++) {
    pictures = bits.ue() + 1;
    reordered = bits.ue();
    bits.ue();
  }
  for (let sizes = 0; sizes < 6; sizes++) bits.ue();
  if (bits.read(1) && bits.read(1)) skipScalingLists(bits);
  bits.read(2);
  if (bits.read(1)) {
    bits.read(8);
    bits.ue();
    bits.ue();
    bits.read(1);
  }
  skipReferenceSets(bits);
  if (bits.read(1)) for (let left = bits.ue(); left > 0 && !bits.ended; left--) bits.read(orderBits + 1);
  bits.read(2);
  const fields = bits.read(1) ? readFieldSequence(bits) : false;
  if (bits.ended || id > 15 || chroma > 3) return undefined;
  return {
    id,
    videoSet,
    chroma,
    lumaBits,
    chromaBits,
    codedWidth,
    codedHeight,
    width: codedWidth - across * (left + right),
    height: codedHeight - down * (top + bottom),
    tier: profile.tier,
    level: profile.level,
    interlaced: fields || profile.interlaced,
    pictures,
    reordered,
  };
}

/** Id of a video, sequence or picture parameter set, or undefined when the unit is none. */
export function parameterSetId(unit: Uint8Array): number | undefined {
  const type = nalType(unit);
  const bits = new BitReader(removeEmulation(unit.subarray(HEADER)));
  if (type === NAL.vps) return bits.read(4);
  if (type === NAL.pps) return bits.ue();
  return parseSequenceSet(unit)?.id;
}

/** Ids for one set of each kind. */
export interface SetIds {
  /** 0 to 15. */
  readonly vps: number;
  /** 0 to 15. */
  readonly sps: number;
  /** 0 to 63. */
  readonly pps: number;
}

/** The highest tier and level that sets are to claim; a stream within lower ones keeps within these too. */
export interface Limits {
  readonly tier: number;
  readonly level: number;
}

/** A parameter set on another id, which names sets on other ids; what else it says stays bit for bit the same. */
export function renumber(unit: Uint8Array, ids: SetIds): Uint8Array {
  const plain = removeEmulation(unit.subarray(HEADER));
  const bits = new BitReader(plain);
  const writer = new BitWriter();
  const copy = (until: number): void => {
    while (bits.position < until) writer.write(bits.read(1), 1);
  };
  switch (nalType(unit)) {
    case NAL.vps:
      bits.read(4);
      writer.write(ids.vps, 4);
      break;
    case NAL.sps: {
      bits.read(4);
      writer.write(ids.vps, 4);
      const head = new BitReader(plain);
      head.read(4);
      const subLayers = head.read(3);
      head.read(1);
      readProfile(head, subLayers);
      copy(head.position);
      bits.ue();
      writer.ue(ids.sps);
      break;
    }
    case NAL.pps:
      bits.ue();
      writer.ue(ids.pps);
      bits.ue();
      writer.ue(ids.sps);
      break;
    default:
      throw new TypeError('not a parameter set');
  }
  // The last set bit is rbsp_stop_one_bit; zeros fill up the byte behind it (7.3.2.11).
  copy(lastSetBit(plain) + 1);
  return Uint8Array.from([...unit.subarray(0, HEADER), ...addEmulation(writer.bytes())]);
}

/** A video or sequence parameter set that claims at least these limits; others stay as they are. */
export function raiseLimits(unit: Uint8Array, limits: Limits): Uint8Array {
  const type = nalType(unit);
  if (type !== NAL.vps && type !== NAL.sps) return unit;
  const plain = removeEmulation(unit.subarray(HEADER));
  // profile_tier_level() follows 32 bits in a VPS, 8 bits in an SPS; the level is its twelfth byte (7.3.3).
  const at = type === NAL.vps ? 4 : 1;
  plain[at + 11] = Math.max(plain[at + 11] ?? 0, limits.level);
  // The high tier exists from level 4 on.
  if (limits.tier === 1 && (plain[at + 11] ?? 0) >= 120) plain[at] = (plain[at] ?? 0) | 0x20;
  return Uint8Array.from([...unit.subarray(0, HEADER), ...addEmulation(plain)]);
}

/** profile_tier_level() of an SPS up to its level (7.3.3): the 12 bytes that hvcC repeats. */
export function profileOf(sps: Uint8Array): Uint8Array {
  return removeEmulation(sps.subarray(HEADER)).slice(1, 13);
}

function lastSetBit(data: Uint8Array): number {
  for (let bit = data.length * 8 - 1; bit >= 0; bit--) if (((data[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) return bit;
  return -1;
}

// profile_tier_level(1, subLayers), 7.3.3.
function readProfile(bits: BitReader, subLayers: number): { tier: number; level: number; interlaced: boolean } {
  bits.read(2);
  const tier = bits.read(1);
  bits.read(5);
  bits.read(32);
  const progressiveSource = bits.read(1);
  const interlacedSource = bits.read(1);
  bits.read(30);
  bits.read(16);
  const level = bits.read(8);
  const present: [number, number][] = [];
  for (let layer = 0; layer < subLayers; layer++) present.push([bits.read(1), bits.read(1)]);
  if (subLayers > 0) for (let layer = subLayers; layer < 8; layer++) bits.read(2);
  for (const [hasProfile, hasLevel] of present) {
    if (hasProfile) for (let byte = 0; byte < 11; byte++) bits.read(8);
    if (hasLevel) bits.read(8);
  }
  return { tier, level, interlaced: interlacedSource === 1 && progressiveSource === 0 };
}

// scaling_list_data(), 7.3.4.
function skipScalingLists(bits: BitReader): void {
  for (let size = 0; size < 4; size++) {
    for (let matrix = 0; matrix < 6; matrix += size === 3 ? 3 : 1) {
      if (!bits.read(1)) {
        bits.ue();
        continue;
      }
      if (size > 1) bits.se();
      for (let left = Math.min(64, 1 << (4 + (size << 1))); left > 0 && !bits.ended; left--) bits.se();
    }
  }
}

// st_ref_pic_set() for all sets of an SPS, 7.3.7.
function skipReferenceSets(bits: BitReader): void {
  let before = 0;
  const sets = bits.ue();
  for (let n = 0; n < sets && !bits.ended; n++) {
    let count = 0;
    if (n > 0 && bits.read(1)) {
      bits.read(1);
      bits.ue();
      for (let j = 0; j <= before && !bits.ended; j++) if (bits.read(1) || bits.read(1)) count++;
    } else {
      count = bits.ue() + bits.ue();
      for (let j = 0; j < count && !bits.ended; j++) {
        bits.ue();
        bits.read(1);
      }
    }
    before = count;
  }
}

// vui_parameters() up to field_seq_flag, E.2.1.
function readFieldSequence(bits: BitReader): boolean {
  if (bits.read(1) && bits.read(8) === 255) bits.read(32);
  if (bits.read(1)) bits.read(1);
  if (bits.read(1)) {
    bits.read(4);
    if (bits.read(1)) bits.read(24);
  }
  if (bits.read(1)) {
    bits.ue();
    bits.ue();
  }
  bits.read(1);
  return bits.read(1) === 1;
}
