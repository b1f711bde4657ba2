// NAL units, the packets of H.264 and HEVC, in both of their forms: Annex B and length-prefixed. Pure: no I/O.

/** NAL units of an Annex B byte stream, without their start codes. */
export function splitAnnexB(data: Uint8Array): Uint8Array[] {
  const units: Uint8Array[] = [];
  let start = -1;
  for (let i = 0; i + 2 < data.length; i++) {
    if (data[i] !== 0 || data[i + 1] !== 0 || data[i + 2] !== 1) continue;
    if (start >= 0) units.push(trimZeros(data.subarray(start, i)));
    start = i + 3;
    i += 2;
  }
  if (start >= 0) units.push(trimZeros(data.subarray(start)));
  return units.filter((unit) => unit.length > 0);
}

/** Units as a byte stream (annex B), each behind a start code of four bytes. */
export function toAnnexB(units: readonly Uint8Array[]): Uint8Array {
  const stream = new Uint8Array(units.reduce((sum, unit) => sum + 4 + unit.length, 0));
  let at = 0;
  for (const unit of units) {
    stream[at + 3] = 1;
    stream.set(unit, at + 4);
    at += 4 + unit.length;
  }
  return stream;
}

/** A sample as mp4 wants it: each NAL unit behind its length. */
export function toLengthPrefixed(units: readonly Uint8Array[], lengthSize: number): Uint8Array {
  const sample = new Uint8Array(units.reduce((sum, unit) => sum + lengthSize + unit.length, 0));
  let at = 0;
  for (const unit of units) {
    for (let i = 0; i < lengthSize; i++) sample[at + i] = Math.floor(unit.length / 256 ** (lengthSize - 1 - i)) & 0xff;
    sample.set(unit, at + lengthSize);
    at += lengthSize + unit.length;
  }
  return sample;
}

/** The bytes of a NAL unit without emulation prevention: 00 00 03 stands for 00 00 (H.264 7.4.1.1, H.265 7.4.2). */
export function removeEmulation(data: Uint8Array): Uint8Array {
  const plain: number[] = [];
  for (let i = 0; i < data.length; i++) {
    if (i >= 2 && data[i] === 3 && data[i - 1] === 0 && data[i - 2] === 0) continue;
    plain.push(data[i] ?? 0);
  }
  return Uint8Array.from(plain);
}

/** A NAL unit's bytes so that no start code shows up in them; the reverse of {@link removeEmulation}. */
export function addEmulation(data: Uint8Array): Uint8Array {
  const escaped: number[] = [];
  let zeros = 0;
  for (const byte of data) {
    if (zeros >= 2 && byte <= 3) {
      escaped.push(3);
      zeros = 0;
    }
    escaped.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  // A unit must not end with a zero byte (7.4.1).
  if (zeros > 0) escaped.push(3);
  return Uint8Array.from(escaped);
}

/** The NAL units of a sample, each behind its length; undefined when the lengths do not add up. */
export function splitLengthPrefixed(data: Uint8Array, lengthSize: number): Uint8Array[] | undefined {
  const units: Uint8Array[] = [];
  let at = 0;
  while (at + lengthSize < data.length) {
    let length = 0;
    for (let i = 0; i < lengthSize; i++) length = length * 256 + (data[at + i] ?? 0);
    at += lengthSize;
    if (length === 0) continue;
    if (at + length > data.length) return undefined;
    units.push(data.subarray(at, at + length));
    at += length;
  }
  return at === data.length ? units : undefined;
}

// trailing_zero_8bits and the first zero of a four-byte start code belong to no unit.
function trimZeros(unit: Uint8Array): Uint8Array {
  let end = unit.length;
  while (end > 0 && unit[end - 1] === 0) end--;
  return unit.subarray(0, end);
}
