// The part of AV1 (bitstream specification 1.0.0 with errata 1, and its ISO-BMFF binding) that joining two encodes in one
// track needs. Pure: no I/O.

import { BitReader, BitWriter } from './bits.js';

/** obu_type, 6.2.2. */
const SEQUENCE_HEADER = 1;
const TEMPORAL_DELIMITER = 2;
const FRAME_HEADER = 3;
const METADATA = 5;
const FRAME = 6;
const KEY_FRAME = 0;

/** An open bitstream unit, the packet of AV1. */
export interface Obu {
  readonly type: number;
  /** Above 0 for enhancement layers. */
  readonly spatialLayer: number;
  readonly payload: Uint8Array;
  /** With header and size, as it stands in the packet. */
  readonly bytes: Uint8Array;
}

/**
 * The units of a packet (5.3).
 *
 * @returns undefined when their sizes do not fit the packet
 */
export function splitObus(data: Uint8Array): Obu[] | undefined {
  const obus: Obu[] = [];
  let at = 0;
  while (at < data.length) {
    const header = data[at] ?? 0;
    if (header & 0x80) return undefined;
    const extended = (header & 4) !== 0;
    let payload = at + (extended ? 2 : 1);
    let size = data.length - payload;
    if (header & 2) {
      const read = readLeb128(data, payload);
      if (!read) return undefined;
      payload += read.length;
      size = read.value;
    }
    if (size < 0 || payload + size > data.length) return undefined;
    obus.push({
      type: (header >> 3) & 15,
      spatialLayer: extended ? ((data[at + 1] ?? 0) >> 3) & 3 : 0,
      payload: data.subarray(payload, payload + size),
      bytes: data.subarray(at, payload + size),
    });
    at = payload + size;
  }
  return obus;
}

/** The fields of a sequence header (5.5) that two encodes in one track must share, or that rule a join out. */
export interface Av1Sequence {
  readonly profile: number;
  /** A single picture with a short header. */
  readonly still: boolean;
  /** Operating points: more than one are layers that a player may choose from. */
  readonly points: number;
  readonly width: number;
  readonly height: number;
  /** 8, 10 or 12 bits. */
  readonly depth: number;
  readonly monochrome: boolean;
  /** Chroma is halved horizontally, vertically. */
  readonly subsampling: readonly [number, number];
  /** Colour description, range and chroma position, from the first to behind the last bit. */
  readonly colour: readonly [number, number];
  /** Behind the last bit that means something. */
  readonly end: number;
}

/** @returns undefined when the payload is no sequence header */
export function parseSequence(payload: Uint8Array): Av1Sequence | undefined {
  const bits = new BitReader(payload);
  const profile = bits.read(3);
  bits.read(1);
  const still = bits.read(1) === 1;
  let points = 1;
  if (still) bits.read(5);
  else points = skipOperatingPoints(bits);
  const widthBits = bits.read(4) + 1;
  const heightBits = bits.read(4) + 1;
  const width = bits.read(widthBits) + 1;
  const height = bits.read(heightBits) + 1;
  // Frame numbers, superblock size and filter-intra, intra-edge.
  if (!still && bits.read(1)) bits.read(7);
  bits.read(3);
  if (!still) skipTools(bits);
  bits.read(3);
  const colour = readColour(bits, profile);
  // Separate chroma quantizers is part of the colour configuration but of the encoder's choice; film grain is its last.
  bits.read(colour.monochrome ? 1 : 2);
  if (profile > 2 || bits.ended) return undefined;
  return { profile, still, points, width, height, ...colour, end: bits.position };
}

/** @returns how many there are */
function skipOperatingPoints(bits: BitReader): number {
  let delayBits = 0;
  if (bits.read(1)) {
    bits.read(32);
    bits.read(32);
    if (bits.read(1)) bits.ue();
    if (bits.read(1)) {
      delayBits = bits.read(5) + 1;
      bits.read(32);
      bits.read(10);
    }
  }
  const displayDelay = bits.read(1) === 1;
  const points = bits.read(5) + 1;
  for (let i = 0; i < points; i++) {
    bits.read(12);
    if (bits.read(5) > 7) bits.read(1);
    if (delayBits > 0 && bits.read(1)) {
      bits.read(delayBits);
      bits.read(delayBits);
      bits.read(1);
    }
    if (displayDelay && bits.read(1)) bits.read(4);
  }
  return points;
}

function skipTools(bits: BitReader): void {
  bits.read(4);
  const ordered = bits.read(1) === 1;
  if (ordered) bits.read(2);
  // Chosen frame by frame, or forced by the next bit.
  const screenContent = bits.read(1) === 1 || bits.read(1) === 1;
  if (screenContent && bits.read(1) === 0) bits.read(1);
  if (ordered) bits.read(3);
}

function readColour(
  bits: BitReader,
  profile: number,
): Pick<Av1Sequence, 'depth' | 'monochrome' | 'subsampling' | 'colour'> {
  const high = bits.read(1) === 1;
  const depth = !high ? 8 : profile === 2 && bits.read(1) ? 12 : 10;
  const monochrome = profile !== 1 && bits.read(1) === 1;
  const from = bits.position;
  const [primaries, transfer, matrix] = bits.read(1) ? [bits.read(8), bits.read(8), bits.read(8)] : [2, 2, 2];
  let subsampling: readonly [number, number] = [1, 1];
  if (monochrome) bits.read(1);
  else if (primaries === 1 && transfer === 13 && matrix === 0) subsampling = [0, 0];
  else {
    bits.read(1);
    if (profile === 1) subsampling = [0, 0];
    else if (profile === 2 && depth < 12) subsampling = [1, 0];
    else if (profile === 2) {
      const x = bits.read(1);
      subsampling = [x, x ? bits.read(1) : 0];
    }
    if (subsampling[0] && subsampling[1]) bits.read(2);
  }
  return { depth, monochrome, subsampling, colour: [from, bits.position] };
}

/**
 * A sequence header's payload with the colour description, range and chroma position of another one. Both must agree in
 * profile, depth, chroma and size.
 */
export function withAv1Colour(
  payload: Uint8Array,
  sequence: Av1Sequence,
  from: Uint8Array,
  as: Av1Sequence,
): Uint8Array {
  const bits = new BitWriter();
  copyBits(bits, payload, 0, sequence.colour[0]);
  copyBits(bits, from, ...as.colour);
  copyBits(bits, payload, sequence.colour[1], sequence.end);
  // trailing_one_bit, 5.3.4; the writer fills up with zeros.
  bits.write(1, 1);
  return bits.bytes();
}

function copyBits(to: BitWriter, data: Uint8Array, from: number, end: number): void {
  for (let at = from; at < end; at++) to.write(((data[at >> 3] ?? 0) >> (7 - (at & 7))) & 1, 1);
}

/** What a packet holds, as far as a cut has to know. */
export interface TemporalUnit {
  /** It begins with a keyframe that is shown at once; nothing from there on leans on anything before it. */
  readonly entry: boolean;
  /** How many frames it shows. */
  readonly shown: number;
  /** Payload of its sequence header. */
  readonly sequence: Uint8Array | undefined;
  /** Frames of more than one layer. */
  readonly layered: boolean;
}

/** @returns undefined when the packet is damaged or has no frame */
export function readTemporalUnit(data: Uint8Array): TemporalUnit | undefined {
  const obus = splitObus(data);
  if (!obus) return undefined;
  let entry: boolean | undefined;
  let shown = 0;
  let layered = false;
  let sequence: Uint8Array | undefined;
  for (const { type, payload, spatialLayer } of obus) {
    if (type === SEQUENCE_HEADER) sequence ??= payload;
    if (type !== FRAME_HEADER && type !== FRAME) continue;
    const first = payload[0];
    if (first === undefined) return undefined;
    // 5.9.2: show_existing_frame, or else frame_type and show_frame.
    const existing = first >= 0x80;
    const shows = existing || ((first >> 4) & 1) === 1;
    entry ??= !existing && shows && first >> 5 === KEY_FRAME;
    if (shows) shown++;
    if (spatialLayer > 0) layered = true;
  }
  return entry === undefined ? undefined : { entry, shown, sequence, layered };
}

/** A packet without delimiters and with this sequence header alone, which stands first, and further units behind it. */
export function withSequence(data: Uint8Array, sequence: Uint8Array, units: readonly Uint8Array[] = []): Uint8Array {
  return join([sequenceObu(sequence), ...units, ...framesOf(data)]);
}

/** A packet that is no entry, with further units in front. */
export function withUnits(data: Uint8Array, units: readonly Uint8Array[]): Uint8Array {
  return units.length > 0 ? join([...units, ...framesOf(data)]) : data;
}

function framesOf(data: Uint8Array): Uint8Array[] {
  const rest = (splitObus(data) ?? []).filter(({ type }) => type !== SEQUENCE_HEADER && type !== TEMPORAL_DELIMITER);
  return rest.map(({ bytes }) => bytes);
}

/** A sequence header as a unit of its own, with its size. */
export function sequenceObu(payload: Uint8Array): Uint8Array {
  return obu(SEQUENCE_HEADER, payload);
}

function obu(type: number, payload: Uint8Array): Uint8Array {
  return join([Uint8Array.of((type << 3) | 2, ...leb128(payload.length)), payload]);
}

/** metadata_type, 6.7.1: how bright pictures get, and the screen they were graded on. They hold from keyframe to keyframe. */
const LIGHT: readonly number[] = [1, 2];
/** The same of ITU-T T.35: captions and HDR10+, of one picture. */
const REGISTERED: readonly number[] = [4];

/** Copies of a packet's units about light, each with its size. */
export function lightUnits(data: Uint8Array): Uint8Array[] {
  return metadataUnits(data, LIGHT);
}

/** The same for the registered data of its picture. */
export function registeredUnits(data: Uint8Array): Uint8Array[] {
  return metadataUnits(data, REGISTERED);
}

function metadataUnits(data: Uint8Array, kinds: readonly number[]): Uint8Array[] {
  const found = (splitObus(data) ?? []).filter(({ type }) => type === METADATA);
  return found
    .filter(({ payload }) => kinds.includes(readLeb128(payload, 0)?.value ?? 0))
    .map(({ payload }) => obu(METADATA, payload));
}

/** Payload of the sequence header in an av1C box (AV1-ISOBMFF 2.3.3) or in bare units, as FFmpeg's extradata has either. */
export function sequenceOf(extradata: Uint8Array | undefined): Uint8Array | undefined {
  if (!extradata) return undefined;
  const obus = splitObus(extradata[0] === 0x81 ? extradata.subarray(4) : extradata);
  return obus?.find(({ type }) => type === SEQUENCE_HEADER)?.payload;
}

function readLeb128(data: Uint8Array, at: number): { value: number; length: number } | undefined {
  let value = 0;
  for (let i = 0; i < 8; i++) {
    const byte = data[at + i];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 128 ** i;
    if (byte < 0x80) return { value, length: i + 1 };
  }
  return undefined;
}

function leb128(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 0x80);
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
