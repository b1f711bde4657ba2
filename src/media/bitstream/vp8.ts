// The part of VP8 (RFC 6386) that joining two encodes in one track needs. Pure: no I/O.

/** What a frame's uncompressed head tells (RFC 6386 9.1). */
export interface Vp8Frame {
  readonly shown: boolean;
  /** Only keyframes say these; undefined for frames that lean on others. */
  readonly key: Vp8Key | undefined;
}

export interface Vp8Key {
  readonly width: number;
  readonly height: number;
  /** Players are asked to enlarge the picture. */
  readonly scaled: boolean;
}

/** @returns undefined when the bytes are no frame of VP8 */
export function readVp8Frame(data: Uint8Array): Vp8Frame | undefined {
  const [first = 0, second = 0, third = 0, a, b, c, w0 = 0, w1 = 0, h0 = 0, h1 = 0] = data;
  if (data.length < 3) return undefined;
  const shown = ((first >> 4) & 1) === 1;
  const partition = (first >> 5) | (second << 3) | (third << 11);
  const inter = (first & 1) === 1;
  const head = inter ? 3 : 10;
  if (data.length < head + partition || partition === 0) return undefined;
  if (inter) return { shown, key: undefined };
  if (a !== 0x9d || b !== 0x01 || c !== 0x2a) return undefined;
  const width = w0 | (w1 << 8);
  const height = h0 | (h1 << 8);
  const key = { width: width & 0x3fff, height: height & 0x3fff, scaled: width > 0x3fff || height > 0x3fff };
  return { shown, key };
}
