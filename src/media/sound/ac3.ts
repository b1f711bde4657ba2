// The headers of AC-3 and E-AC-3 (ATSC A/52:2018, 5.3.1–5.3.2 and annex E 1.2.1–1.2.2). Pure: no I/O.

import { BitReader } from '../bitstream/bits.js';

/** Samples of a packet: six blocks of 256. */
export const AC3_SAMPLES = 1536;
/** Samples that a packet's last block reaches into the next packet's. */
export const AC3_OVERLAP = 256;

/** What a packet tells of its sound. */
export interface Ac3Header {
  readonly sampleRate: number;
  /** Bits a second. */
  readonly bitRate: number;
  /** Bitstream mode: 0 is the main programme. */
  readonly mode: number;
  /** Which channels there are (acmod). */
  readonly channels: number;
  /** With a channel for low frequencies. */
  readonly bass: boolean;
  /** Loudness of speech in dB below full scale, 1 to 31. */
  readonly speechLevel: number;
  /** How it is made stereo, by names of FFmpeg's encoder. */
  readonly mixing: Readonly<Record<string, number>>;
  /** Objects of Dolby Atmos go along, which no encoder here makes. */
  readonly objects: boolean;
}

const RATES = [48_000, 44_100, 32_000];
const KBITS = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640];
const CENTRE_LEVELS = [0.707, 0.595, 0.5, 0.595];
const SURROUND_LEVELS = [0.707, 0.5, 0, 0.5];
// Levels of the later, finer tables (A/52 tables D2.3 to D2.6).
const LEVELS = [1.414, 1.189, 1, 0.841, 0.707, 0.595, 0.5, 0];

/**
 * @param data a whole packet
 * @returns undefined for one that is not a single frame of 1536 samples of a lone programme
 */
export function parseAc3(data: Uint8Array): Ac3Header | undefined {
  if (data.length < 8 || data[0] !== 0x0b || data[1] !== 0x77) return undefined;
  const version = (data[5] ?? 0) >> 3;
  const header = version <= 8 ? plainHeader(data) : version === 16 ? extendedHeader(data) : undefined;
  return header && header.bits.position <= data.length * 8 ? header.found : undefined;
}

interface Parsed {
  readonly bits: BitReader;
  readonly found: Ac3Header;
}

function plainHeader(data: Uint8Array): Parsed | undefined {
  const bits = new BitReader(data);
  bits.read(32);
  const sampleRate = RATES[bits.read(2)];
  const size = bits.read(6);
  const kbits = KBITS[size >> 1];
  if (sampleRate === undefined || kbits === undefined) return undefined;
  // In words of 16 bits; at 44.1 kHz some have one more.
  const words = Math.floor((kbits * 1000 * AC3_SAMPLES) / sampleRate / 16) + (sampleRate === 44_100 ? size & 1 : 0);
  if (data.length !== words * 2) return undefined;
  bits.read(5);
  const mode = bits.read(3);
  const channels = bits.read(3);
  const mixing: Record<string, number> = {};
  if ((channels & 1) === 1 && channels !== 1) mixing.center_mixlev = CENTRE_LEVELS[bits.read(2)] ?? 0;
  if ((channels & 4) === 4) mixing.surround_mixlev = SURROUND_LEVELS[bits.read(2)] ?? 0;
  if (channels === 2) mixing.dsur_mode = surroundMode(bits.read(2));
  const bass = bits.read(1) === 1;
  const speechLevel = bits.read(5) || 31;
  const bitRate = kbits * 1000;
  return { bits, found: { sampleRate, bitRate, mode, channels, bass, speechLevel, mixing, objects: false } };
}

// FFmpeg's encoder has "not indicated" for what is reserved.
function surroundMode(code: number): number {
  return code === 3 ? 0 : code;
}

function extendedHeader(data: Uint8Array): Parsed | undefined {
  const bits = new BitReader(data);
  bits.read(16);
  const alone = bits.read(2) === 0 && bits.read(3) === 0;
  const words = bits.read(11) + 1;
  const sampleRate = RATES[bits.read(2)];
  const sixBlocks = bits.read(2) === 3;
  // What follows in the same packet are further channels or programmes.
  if (!alone || sampleRate === undefined || !sixBlocks || data.length !== words * 2) return undefined;
  const channels = bits.read(3);
  const bass = bits.read(1) === 1;
  bits.read(5);
  const speechLevel = bits.read(5) || 31;
  optional(bits, 8);
  if (channels === 0) {
    bits.read(5);
    optional(bits, 8);
  }
  const mixing: Record<string, number> = {};
  if (bits.read(1) === 1) readMixing(bits, channels, bass, mixing);
  const mode = bits.read(1) === 1 ? readInformation(bits, channels, mixing) : 0;
  let objects = false;
  if (bits.read(1) === 1) {
    const length = bits.read(6) + 1;
    objects = length > 1 && (bits.read(8) & 1) === 1;
  }
  const bitRate = Math.round((data.length * 8 * sampleRate) / AC3_SAMPLES);
  return { bits, found: { sampleRate, bitRate, mode, channels, bass, speechLevel, mixing, objects } };
}

/** Passes over a field that a bit before it announces. */
function optional(bits: BitReader, count: number): void {
  if (bits.read(1) === 1) bits.read(count);
}

function readMixing(bits: BitReader, channels: number, bass: boolean, mixing: Record<string, number>): void {
  const level = (): number => LEVELS[bits.read(3)] ?? 0;
  if (channels > 2) mixing.dmix_mode = bits.read(2);
  if ((channels & 1) === 1 && channels > 2) {
    mixing.ltrt_cmixlev = level();
    mixing.loro_cmixlev = level();
  }
  if ((channels & 4) === 4) {
    mixing.ltrt_surmixlev = level();
    mixing.loro_surmixlev = level();
  }
  if (bass) optional(bits, 5);
  optional(bits, 6);
  if (channels === 0) optional(bits, 6);
  optional(bits, 6);
  const definition = bits.read(2);
  if (definition === 1) bits.read(5);
  else if (definition === 2) bits.read(12);
  else if (definition === 3) {
    const bytes = bits.read(5) + 2;
    for (let n = 0; n < bytes; n++) bits.read(8);
  }
  if (channels < 2) optional(bits, 14);
  if (channels === 0) optional(bits, 14);
  if (bits.read(1) === 1) for (let block = 0; block < 6; block++) optional(bits, 5);
}

/** @returns the bitstream mode */
function readInformation(bits: BitReader, channels: number, mixing: Record<string, number>): number {
  const mode = bits.read(3);
  bits.read(2);
  if (channels === 2) {
    mixing.dsur_mode = surroundMode(bits.read(2));
    mixing.dheadphone_mode = surroundMode(bits.read(2));
  }
  if (channels >= 6) mixing.dsurex_mode = bits.read(2);
  optional(bits, 8);
  if (channels === 0) optional(bits, 8);
  // The rate of what was encoded; there is no other place where it could be half of it.
  bits.read(1);
  return mode;
}
