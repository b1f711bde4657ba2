// hvcC, the sample description's part that describes HEVC (ISO/IEC 14496-15 8.3.3.1). Pure: no I/O.

import { isParameterSet, nalType } from './hevc.js';

/** hvcC as mp4, mov and Matroska hold it. */
export interface HevcConfiguration {
  /** The 22 bytes in front of the NAL units: profile, level, chroma and depths, as they are. */
  readonly head: Uint8Array;
  /** Bytes of the length in front of each NAL unit: 1, 2 or 4. */
  readonly lengthSize: number;
  /** NAL units in their order: parameter sets, and SEI messages where there are some. */
  readonly units: readonly Uint8Array[];
}

const HEAD = 22;

/** @returns undefined when the bytes are no complete hvcC, for example Annex B */
export function parseHevcConfiguration(bytes: Uint8Array): HevcConfiguration | undefined {
  if (bytes.length <= HEAD || bytes[0] !== 1) return undefined;
  const units: Uint8Array[] = [];
  let at = HEAD + 1;
  for (let arrays = bytes[HEAD] ?? 0; arrays > 0; arrays--) {
    if (at + 3 > bytes.length) return undefined;
    let count = read16(bytes, at + 1);
    for (at += 3; count > 0; count--) {
      const length = read16(bytes, at);
      if (at + 2 + length > bytes.length || length < 2) return undefined;
      units.push(bytes.slice(at + 2, at + 2 + length));
      at += 2 + length;
    }
  }
  return { head: bytes.slice(0, HEAD), lengthSize: ((bytes[21] ?? 3) & 3) + 1, units };
}

/**
 * The bytes of an hvcC; NAL units of a type stay in their order.
 *
 * @param complete no parameter set lies in the samples, as the sample entry `hvc1` promises
 */
export function buildHevcConfiguration(config: HevcConfiguration, complete: boolean): Uint8Array {
  const types = [...new Set(config.units.map(nalType))].sort((a, b) => a - b);
  const bytes = [...config.head, types.length];
  for (const type of types) {
    const units = config.units.filter((unit) => nalType(unit) === type);
    const promised = complete && units.some(isParameterSet) ? 0x80 : 0;
    bytes.push(promised | type, units.length >> 8, units.length & 0xff);
    for (const unit of units) bytes.push(unit.length >> 8, unit.length & 0xff, ...unit);
  }
  return Uint8Array.from(bytes);
}

/**
 * An hvcC that holds for the source's pictures and for those of further parameter sets: the level is the higher one, and
 * what is promised is what both promise.
 *
 * @param units the further parameter sets
 * @param profile profile_tier_level() of their SPS, 12 bytes
 */
export function widenConfiguration(
  config: HevcConfiguration,
  units: readonly Uint8Array[],
  profile: Uint8Array,
): HevcConfiguration {
  const head = config.head.slice();
  head[1] = (head[1] ?? 0) | ((profile[0] ?? 0) & 0x20);
  // general_profile_compatibility_flags and general_constraint_indicator_flags.
  for (let i = 1; i <= 10; i++) head[1 + i] = (head[1 + i] ?? 0) & (profile[i] ?? 0);
  head[12] = Math.max(head[12] ?? 0, profile[11] ?? 0);
  // min_spatial_segmentation_idc and parallelismType: 0 says nothing.
  head[13] = 0xf0;
  head[14] = 0;
  head[15] = 0xfc;
  return { ...config, head, units: [...config.units, ...units] };
}

function read16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
