// Supplemental enhancement information of H.264 (ITU-T H.264 7.3.2.3 and annex D). Pure: no I/O.

import { BitReader } from './bits.js';
import { removeEmulation } from './nal.js';

const SEI = 6;
const RECOVERY_POINT = 6;

/**
 * How many frames after this picture the decoder shows everything right when it starts here (D.2.8): 0 for the I picture
 * of an open group, more for a refresh that is spread over several pictures.
 *
 * @returns undefined when the unit has no recovery point
 */
export function recoveryFrames(nal: Uint8Array): number | undefined {
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
    if (type === RECOVERY_POINT) return new BitReader(bytes.subarray(at, at + size)).ue();
    at += size;
  }
  return undefined;
}
