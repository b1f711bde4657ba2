// NAL units and slices of HEVC (ITU-T H.265, ISO/IEC 23008-2), as far as joining two encodes needs them. Pure: no I/O.

import { addEmulation, removeEmulation } from './nal.js';

/** nal_unit_type, table 7-1. */
export const NAL = {
  blaWithLeading: 16,
  blaWithDecodableLeading: 17,
  blaWithoutLeading: 18,
  idrWithDecodableLeading: 19,
  idrWithoutLeading: 20,
  cra: 21,
  vps: 32,
  sps: 33,
  pps: 34,
  accessUnitDelimiter: 35,
  prefixSei: 39,
  /** Dolby Vision's picture-by-picture metadata, and its enhancement layer; unspecified types in H.265 itself. */
  dolbyVisionMetadata: 62,
  dolbyVisionLayer: 63,
} as const;

/** Bytes of a NAL unit's header (7.3.1.2). */
export const HEADER = 2;

/** nal_unit_type, 0 to 63 (7.3.1.2). @param unit from its header on, without start code or length */
export function nalType(unit: Uint8Array): number {
  return ((unit[0] ?? 0) >> 1) & 0x3f;
}

/** nuh_layer_id: 0 for the picture that every player shows, more for further layers such as a second eye's view. */
export function nalLayer(unit: Uint8Array): number {
  return (((unit[0] ?? 0) & 1) << 5) | ((unit[1] ?? 0) >> 3);
}

/** A slice segment of a picture. */
export function isSlice(unit: Uint8Array): boolean {
  return nalType(unit) < 32;
}

/** A video, sequence or picture parameter set (7.3.2.1 to 7.3.2.3). */
export function isParameterSet(unit: Uint8Array): boolean {
  const type = nalType(unit);
  return type >= NAL.vps && type <= NAL.pps;
}

/** A random access picture, whose slices carry no_output_of_prior_pics_flag (7.3.6.1). */
function isRandomAccess(type: number): boolean {
  return type >= NAL.blaWithLeading && type <= 23;
}

/**
 * How decoding may begin at a picture. IDR pictures, and broken-link ones without undecodable leading pictures, begin a
 * coded video sequence of their own. Behind a CRA or BLA_W_LP picture, leading pictures (shown before it) may lean on
 * pictures before it.
 */
export function randomAccess(type: number): 'none' | 'open' | 'closed' {
  if (type === NAL.cra || type === NAL.blaWithLeading) return 'open';
  return type >= NAL.blaWithDecodableLeading && type <= NAL.idrWithoutLeading ? 'closed' : 'none';
}

/**
 * Ids of picture parameter sets that {@link toPictureSet} can put in the place of 0: their Exp-Golomb code has 9 bits
 * instead of 1, so the rest of a slice moves by exactly one byte, and it ends with a set bit, so no zero byte appears
 * where none was and emulation prevention stays as it is.
 */
export const PICTURE_SET_IDS: readonly number[] = [16, 18, 20, 22, 24, 26, 28, 30];

/**
 * A slice segment that names picture parameter set `id` in place of 0. All else stays bit for bit the same.
 *
 * @param id one of {@link PICTURE_SET_IDS}, or 0 to leave the slice as it is
 * @returns undefined when the slice does not name set 0
 */
export function toPictureSet(slice: Uint8Array, id: number): Uint8Array | undefined {
  // first_slice_segment_in_pic_flag, then no_output_of_prior_pics_flag where there is one, then the id.
  const flags = isRandomAccess(nalType(slice)) ? 2 : 1;
  const first = slice[HEADER] ?? 0;
  if (((first >> (7 - flags)) & 1) !== 1) return undefined;
  if (id === 0) return slice;
  if (!PICTURE_SET_IDS.includes(id)) throw new RangeError(`no slice can be moved to picture parameter set ${id}`);
  // ue(id) is 0000 and then the five bits of id + 1.
  const kept = 7 - flags;
  const bits = ((first >> (8 - flags)) << (9 + kept)) | ((id + 1) << kept) | (first & ((1 << kept) - 1));
  const moved = new Uint8Array(slice.length + 1);
  moved.set(slice.subarray(0, HEADER));
  moved[HEADER] = bits >> 8;
  moved[HEADER + 1] = bits & 0xff;
  moved.set(slice.subarray(HEADER + 1), HEADER + 2);
  return moved;
}

/**
 * The slice of a random access picture as the first one behind a join: frames before it that still wait to be shown are
 * shown (no_output_of_prior_pics_flag is 0), and one of an open group becomes a broken-link picture without leading
 * pictures (BLA_N_LP). That one begins a new coded video sequence (8.1.3) and differs from CRA in nothing but
 * nal_unit_type; what follows its leading pictures leans on nothing before it. A CRA picture behind an end of sequence
 * would not do: there, waiting frames are dropped whatever the flag says (C.5.2.2).
 *
 * @returns the same object when nothing changes
 */
export function asSequenceStart(slice: Uint8Array): Uint8Array {
  const type = nalType(slice);
  if (!isRandomAccess(type)) return slice;
  const wanted = randomAccess(type) === 'open' ? NAL.blaWithoutLeading : type;
  const drops = ((slice[HEADER] ?? 0) & 0x40) !== 0;
  if (type === wanted && !drops) return slice;
  const changed = slice.slice();
  changed[0] = ((slice[0] ?? 0) & 0x81) | (wanted << 1);
  if (!drops) return changed;
  const payload = removeEmulation(changed.subarray(HEADER));
  payload[0] = (payload[0] ?? 0) & ~0x40;
  return Uint8Array.from([...changed.subarray(0, HEADER), ...addEmulation(payload)]);
}
