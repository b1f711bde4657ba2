// Slice headers, and whatever stands in front of them, are far shorter.
const LONGEST_HEADER = 16 * 2 ** 10;
const BEGINNING = 4 * 2 ** 10;
// What is read at once: mostly everything in front of the picture itself, and the picture's own beginning.
const WINDOW = 8 * 2 ** 10;
// A picture of many slices is read faster whole.
const MOST_UNITS = 32;

/** Reads bytes of a sample, from a place counted from its beginning. */
export type ReadBytes = (at: number, count: number) => Uint8Array;

/**
 * A sample of H.264 or HEVC, each NAL unit behind its length, but of long units the beginning alone: what a unit is and
 * how its picture is coded stands there. The rest, nearly all of a keyframe, is not read.
 *
 * @param size bytes of the sample
 * @param lengthSize bytes of the lengths, 1 to 4
 * @returns undefined for a sample that has to be read whole: its lengths do not add up, or it has many units
 */
export function skimSample(size: number, lengthSize: number, read: ReadBytes): Uint8Array | undefined {
  const window = read(0, Math.min(size, WINDOW));
  const bytes = (at: number, count: number): Uint8Array =>
    at + count <= window.length ? window.subarray(at, at + count) : read(at, count);
  const parts: Uint8Array[] = [];
  let units = 0;
  for (let at = 0; at < size;) {
    if (at + lengthSize > size || ++units > MOST_UNITS) return undefined;
    const prefix = bytes(at, lengthSize);
    const length = prefix.reduce((value, byte) => value * 256 + byte, 0);
    at += lengthSize;
    if (length === 0 || at + length > size) return undefined;
    const kept = length > LONGEST_HEADER ? BEGINNING : length;
    parts.push(kept === length ? prefix : lengthOf(kept, lengthSize), bytes(at, kept));
    at += length;
  }
  return Buffer.concat(parts);
}

function lengthOf(value: number, lengthSize: number): Uint8Array {
  const bytes = Buffer.alloc(lengthSize);
  bytes.writeUIntBE(value, 0, lengthSize);
  return bytes;
}
