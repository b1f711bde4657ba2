// What pictures can carry beside themselves, bit by bit as the standards have it; each message holds the number of its
// picture, or is the same for all.
import { BitWriter } from '../../src/media/bitstream/bits.js';
import { addEmulation } from '../../src/media/bitstream/nal.js';

/** SMPTE ST 2094-40 as a message of ITU-T T.35 (HDR10+): the number is the mean brightness. */
export function brightness(picture: number): Uint8Array {
  const bits = new BitWriter();
  // United States, Samsung, this application and its version.
  write(bits, [0xb5, 8], [0x3c, 16], [1, 16], [4, 8], [1, 8]);
  // One window; the screen's brightness, not in detail.
  write(bits, [1, 2], [400, 27], [0, 1]);
  write(bits, [5000, 17], [5000, 17], [5000, 17], [picture, 17]);
  // No percentiles, no bright pixels, no details, no curve, no saturation.
  write(bits, [0, 4], [0, 10], [0, 1], [0, 1], [0, 1]);
  const message = bits.bytes();
  return nal(39, [4, message.length, ...message, 0x80]);
}

/** Captions as digital television has them (ATSC A/53 part 4): the message alone, one pair of characters. */
const CAPTIONS = [4, 14, 0xb5, 0, 0x31, ...Buffer.from('GA94'), 3, 0xc1, 0xff, 0xfc, 0xc1, 0xc2, 0xff];

export function captions(codec: 'h264' | 'hevc' | 'av1'): Uint8Array {
  if (codec === 'hevc') return nal(39, [...CAPTIONS, 0x80]);
  if (codec === 'h264') return Uint8Array.from([6, ...CAPTIONS, 0x80]);
  // A metadata unit of AV1: its size, the kind that T.35 has, the message without SEI's own kind and size.
  const message = CAPTIONS.slice(2);
  return Uint8Array.from([(5 << 3) | 2, message.length + 2, 4, ...message, 0x80]);
}

/**
 * The data of a picture as Dolby Vision's profile 8 has them: curves that change nothing; the number is the brightest
 * pixel.
 *
 * @param whole false where the mapping is that of a picture before
 */
export function vision(picture: number, whole = true): Uint8Array {
  const bits = new BitWriter();
  // Type 2, format 18, profile 1, level 0; whole sequence header.
  write(bits, [2, 6], [18, 11], [1, 4], [0, 4], [1, 1]);
  // Coefficients as fixed-point numbers with 23 bits behind the point; depths of 10, 10 and 12 bits; no residual.
  write(bits, [0, 1], [0, 2]);
  bits.ue(23);
  write(bits, [1, 2], [0, 1]);
  for (const depth of [2, 2, 4]) bits.ue(depth);
  write(bits, [0, 1], [0, 3], [0, 1], [1, 1]);
  write(bits, [1, 1], [whole ? 0 : 1, 1]);
  bits.ue(0);
  if (whole) {
    bits.ue(0);
    bits.ue(0);
    for (let component = 0; component < 3; component++) {
      bits.ue(0);
      write(bits, [0, 10], [1023, 10]);
    }
    bits.ue(0);
    bits.ue(0);
    for (let component = 0; component < 3; component++) {
      // A polynomial of the first order: 0 + 1 x.
      bits.ue(0);
      bits.ue(0);
      bits.write(0, 1);
      bits.ue(0);
      bits.write(0, 23);
      bits.ue(2);
      bits.write(0, 23);
    }
  }
  for (let n = 0; n < 3; n++) bits.ue(0);
  for (const value of [9574, 0, 13802, 9574, 57996, 60401, 9574, 17610, 0]) bits.write(value, 16);
  for (const value of [16777216, 134217728, 134217728]) bits.write(value, 32);
  for (const value of [7222, 8771, 390, 2654, 12430, 1300, 0, 422, 15962]) bits.write(value, 16);
  write(bits, [65535, 16], [0, 16], [0, 16], [0, 32], [12, 5], [0, 2], [0, 2], [1, 2]);
  write(bits, [62, 12], [picture, 12], [42, 10]);
  // No further blocks.
  bits.ue(0);
  const data = bits.bytes();
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(mpegCrc(data));
  return nal(62, [0x19, ...data, ...sum, 0x80]);
}

/** @param fields values, and their lengths in bits */
function write(bits: BitWriter, ...fields: (readonly [number, number])[]): void {
  for (const [value, length] of fields) bits.write(value, length);
}

function nal(type: number, payload: readonly number[]): Uint8Array {
  return Uint8Array.from([type << 1, 1, ...addEmulation(Uint8Array.from(payload))]);
}

/** CRC-32 as MPEG-2 has it (ISO/IEC 13818-1, annex A): from the highest bit on, where that of zip begins at the lowest. */
export function mpegCrc(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
    crc |= 0;
  }
  return crc >>> 0;
}
