// The part of VP9 (bitstream specification 0.6) that joining two encodes in one track needs. Pure: no I/O.

import { BitReader } from './bits.js';

/** What a frame's uncompressed header tells (6.2), as far as a cut has to know. */
export interface Vp9Frame {
  readonly profile: number;
  /** The frame itself, or an earlier one that it calls up, is shown. */
  readonly shown: boolean;
  /** Undefined for frames that are no keyframe; intra-only frames are none. */
  readonly key: Vp9Key | undefined;
}

export interface Vp9Key {
  readonly width: number;
  readonly height: number;
  /** 8, 10 or 12 bits. */
  readonly depth: number;
  /** color_space and color_range as they are written, 7.2.2; RGB has no range of its own. */
  readonly space: number;
  readonly range: number;
  /** Chroma is halved horizontally, vertically. */
  readonly subsampling: readonly [number, number];
  /** Where color_space begins, in bits. */
  readonly colourAt: number;
}

const RGB = 7;

/**
 * The frames of a packet: one, or several that an index at the end lists (annex B).
 *
 * @returns undefined when the index does not fit the packet
 */
export function splitSuperframe(data: Uint8Array): Uint8Array[] | undefined {
  const marker = data.at(-1);
  if (marker === undefined) return undefined;
  const count = (marker & 7) + 1;
  const bytes = ((marker >> 3) & 3) + 1;
  const index = data.length - 2 - count * bytes;
  if ((marker & 0xe0) !== 0xc0 || index < 0 || data[index] !== marker) return [data];
  const frames: Uint8Array[] = [];
  let at = 0;
  for (let n = 0; n < count; n++) {
    let size = 0;
    for (let i = 0; i < bytes; i++) size += (data[index + 1 + n * bytes + i] ?? 0) * 256 ** i;
    if (size === 0 || at + size > index) return undefined;
    frames.push(data.subarray(at, at + size));
    at += size;
  }
  return frames;
}

/** @returns undefined when the bytes are no frame of VP9 */
export function readVp9Frame(frame: Uint8Array): Vp9Frame | undefined {
  const bits = new BitReader(frame);
  if (bits.read(2) !== 2) return undefined;
  const profile = bits.read(1) + 2 * bits.read(1);
  if (profile === 3 && bits.read(1) === 1) return undefined;
  if (bits.read(1) === 1)
    return bits.read(3) >= 0 && !bits.ended ? { profile, shown: true, key: undefined } : undefined;
  const inter = bits.read(1) === 1;
  const shown = bits.read(1) === 1;
  bits.read(1);
  if (bits.ended) return undefined;
  if (inter) return { profile, shown, key: undefined };
  if (bits.read(24) !== 0x498342) return undefined;
  const depth = profile < 2 ? 8 : bits.read(1) === 1 ? 12 : 10;
  const colourAt = bits.position;
  const space = bits.read(3);
  const range = space === RGB ? 1 : bits.read(1);
  let subsampling: readonly [number, number] = [1, 1];
  if (profile === 1 || profile === 3) {
    subsampling = space === RGB ? [0, 0] : [bits.read(1), bits.read(1)];
    if (bits.read(1) === 1) return undefined;
  } else if (space === RGB) return undefined;
  const width = bits.read(16) + 1;
  const height = bits.read(16) + 1;
  if (bits.ended) return undefined;
  return { profile, shown, key: { width, height, depth, space, range, subsampling, colourAt } };
}

/**
 * A keyframe that names the colour space and range of another one; its samples stay.
 *
 * @returns undefined when one of them is RGB and the other is not
 */
export function withVp9Colour(frame: Uint8Array, key: Vp9Key, from: Vp9Key): Uint8Array | undefined {
  if (key.space === from.space && key.range === from.range) return frame;
  if (key.space === RGB || from.space === RGB) return undefined;
  const changed = Uint8Array.from(frame);
  const fields = from.space * 2 + from.range;
  for (let i = 0; i < 4; i++) {
    const at = key.colourAt + i;
    const mask = 0x80 >> (at & 7);
    const byte = changed[at >> 3] ?? 0;
    changed[at >> 3] = (fields >> (3 - i)) & 1 ? byte | mask : byte & ~mask;
  }
  return changed;
}
