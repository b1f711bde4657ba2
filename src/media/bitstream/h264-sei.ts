// Supplemental enhancement information of H.264 (ITU-T H.264 7.3.2.3 and annex D). Pure: no I/O.

import { BitReader } from './bits.js';
import { removeEmulation } from './nal.js';

const SEI = 6;
const RECOVERY_POINT = 6;

/** What a recovery point promises (D.2.8). */
export interface RecoveryPoint {
  /**
   * Frames after this picture until the decoder shows everything right: 0 for the I picture of an open group, more for a
   * refresh that is spread over several pictures.
   */
  readonly frames: number;
  /** From then on each picture is exactly what it is when decoding began earlier. */
  readonly exact: boolean;
}

/** @returns undefined when the unit has no recovery point */
export function recoveryPoint(nal: Uint8Array): RecoveryPoint | undefined {
  if (((nal[0] ?? 0) & 0x1f) !== SEI) return undefined;
  const bytes = removeEmulation(nal.subarray(1));
  let at = 0;
  const number = (): number => {
    let value = 0;
    while (bytes[at] === 0xff) value += bytes[at++] ?? 0;
    return value + (bytes[at++] ?? 0);
  };
  // The unit ends with a byte of trailing bits.
  while (at + 2 < bytes.length) {
    const type = number();
    const size = number();
    if (type === RECOVERY_POINT) {
      const bits = new BitReader(bytes.subarray(at, at + size));
      return { frames: bits.ue(), exact: bits.read(1) === 1 };
    }
    at += size;
  }
  return undefined;
}
