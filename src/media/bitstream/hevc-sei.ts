// SEI messages of HEVC that stay where a picture is encoded anew: about light and colour of a whole stretch of pictures,
// and those of each picture. Pure: no I/O.

import { HEADER, NAL, nalType } from './hevc.js';
import { addEmulation, removeEmulation } from './nal.js';

/**
 * payloadType (D.2.1): mastering display colour volume, content light level, alternative transfer characteristics,
 * ambient viewing environment. They hold from their picture to the end of the coded video sequence.
 */
const LIGHT: ReadonlySet<number> = new Set([137, 144, 147, 148]);

/**
 * payloadType 4, data registered by ITU-T T.35: captions (ATSC A/53) and HDR10+ (SMPTE ST 2094-40), each about the picture
 * in front of which they stand.
 */
const REGISTERED: ReadonlySet<number> = new Set([4]);

/** The messages about light among NAL units, as one SEI unit to stand before a picture; undefined when there are none. */
export function lightMessages(units: readonly Uint8Array[]): Uint8Array | undefined {
  return messages(units, LIGHT);
}

/** The same for the registered data of a picture. */
export function registeredMessages(units: readonly Uint8Array[]): Uint8Array | undefined {
  return messages(units, REGISTERED);
}

function messages(units: readonly Uint8Array[], types: ReadonlySet<number>): Uint8Array | undefined {
  const found = units.filter((unit) => nalType(unit) === NAL.prefixSei).flatMap((unit) => messagesOf(unit, types));
  if (found.length === 0) return undefined;
  // rbsp_trailing_bits: a set bit and zeros.
  return Uint8Array.from([NAL.prefixSei << 1, 1, ...addEmulation(Uint8Array.from([...found.flat(), 0x80]))]);
}

// sei_message(), 7.3.5: type and size as runs of 255 and a last byte.
function messagesOf(unit: Uint8Array, types: ReadonlySet<number>): number[][] {
  const data = removeEmulation(unit.subarray(HEADER));
  const found: number[][] = [];
  let at = 0;
  const readLong = (): number => {
    let value = 0;
    while (data[at] === 255) value += data[at++] ?? 0;
    return value + (data[at++] ?? 0);
  };
  // One byte is left for the trailing bits.
  while (at + 2 < data.length) {
    const start = at;
    const type = readLong();
    const size = readLong();
    at += size;
    if (at >= data.length) break;
    if (types.has(type)) found.push([...data.subarray(start, at)]);
  }
  return found;
}
