// The parts of AAC's syntax (ISO/IEC 14496-3 4.4) that joining packets needs. Pure: no I/O.

import { BitReader } from '../bitstream/bits.js';

/** Samples of an AAC packet. */
export const AAC_SAMPLES = 1024;

/** What an AudioSpecificConfig (14496-3 1.6.2.1) tells. */
export interface AacConfig {
  /** 2 is AAC-LC. */
  readonly objectType: number;
  readonly sampleRate: number;
  /** 1 to 7; 0 says that the channels are described elsewhere. */
  readonly channels: number;
  /** Frames of 1024 samples, no core coder, no extension: packets that any AAC-LC encoder could have made. */
  readonly plain: boolean;
}

/** window_sequence (14496-3 table 4.6). */
export const ONLY_LONG = 0;
export const LONG_START = 1;
export const EIGHT_SHORT = 2;
export const LONG_STOP = 3;

/** How the first channel of a packet is windowed. */
export interface AacWindow {
  readonly sequence: number;
  /** 0: sine, 1: Kaiser–Bessel derived. */
  readonly shape: number;
}

const RATES = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350];
const SINGLE_CHANNEL = 0;
const CHANNEL_PAIR = 1;
const DATA_STREAM = 4;
const FILL = 6;

/** @returns undefined for bytes that are no AudioSpecificConfig */
export function parseAacConfig(data: Uint8Array): AacConfig | undefined {
  const bits = new BitReader(data);
  const type = (): number => {
    const value = bits.read(5);
    return value === 31 ? 32 + bits.read(6) : value;
  };
  const rate = (): number => {
    const index = bits.read(4);
    return index === 15 ? bits.read(24) : (RATES[index] ?? 0);
  };
  const objectType = type();
  const sampleRate = rate();
  const channels = bits.read(4);
  if (objectType !== 2) return bits.ended ? undefined : { objectType, sampleRate, channels, plain: false };
  const shortFrames = bits.read(1);
  const coreCoder = bits.read(1);
  const extension = bits.read(1);
  if (bits.ended || sampleRate === 0) return undefined;
  const plain = shortFrames === 0 && coreCoder === 0 && extension === 0 && channels > 0 && !spectralBandReplication();
  return { objectType, sampleRate, channels, plain };

  // Spectral band replication announced behind the configuration, in a way that older decoders pass over.
  function spectralBandReplication(): boolean {
    if (data.length * 8 - bits.position < 17 || bits.read(11) !== 0x2b7) return false;
    return type() === 5 && bits.read(1) === 1;
  }
}

/** Length of the ADTS header (14496-3 1.A.2.2) that begins a packet, 0 where there is none. */
export function adtsHeaderLength(data: Uint8Array): number {
  if (data.length < 7 || data[0] !== 0xff || ((data[1] ?? 0) & 0xf6) !== 0xf0) return 0;
  const size = (((data[3] ?? 0) & 3) << 11) | ((data[4] ?? 0) << 3) | ((data[5] ?? 0) >> 5);
  if (size !== data.length) return 0;
  return ((data[1] ?? 0) & 1) === 1 ? 7 : 9;
}

/** The AudioSpecificConfig that an ADTS header stands for. */
export function adtsConfig(data: Uint8Array): Uint8Array {
  const profile = (data[2] ?? 0) >> 6;
  const rate = ((data[2] ?? 0) >> 2) & 15;
  const channels = (((data[2] ?? 0) & 1) << 2) | ((data[3] ?? 0) >> 6);
  return Uint8Array.of(((profile + 1) << 3) | (rate >> 1), ((rate & 1) << 7) | (channels << 3));
}

/** The window of the first channel element; undefined when the packet begins in a way that is not understood. */
export function firstWindow(data: Uint8Array): AacWindow | undefined {
  const place = firstIcsInfo(data);
  if (place === undefined) return undefined;
  const bits = new BitReader(data);
  bits.read(place.bit);
  if (bits.read(1) !== 0) return undefined;
  const window = { sequence: bits.read(2), shape: bits.read(1) };
  return bits.ended ? undefined : window;
}

/** Whether one window covers every channel of the packet: a lone channel, or a pair with a common window. */
export function sharesWindow(data: Uint8Array): boolean {
  return firstIcsInfo(data)?.shared ?? false;
}

/** A copy of the packet that names another window shape for its first channel element. */
export function withShape(data: Uint8Array, shape: number): Uint8Array {
  const place = firstIcsInfo(data);
  if (place === undefined) return data;
  const copy = Uint8Array.from(data);
  const bit = place.bit + 3;
  const mask = 0x80 >> (bit & 7);
  copy[bit >> 3] = ((copy[bit >> 3] ?? 0) & ~mask) | (shape === 1 ? mask : 0);
  return copy;
}

// Where the first ics_info (14496-3 table 4.46) begins; fill and data elements may lie before it.
function firstIcsInfo(data: Uint8Array): { readonly bit: number; readonly shared: boolean } | undefined {
  const bits = new BitReader(data);
  while (!bits.ended) {
    const id = bits.read(3);
    switch (id) {
      case SINGLE_CHANNEL:
        bits.read(4 + 8);
        return { bit: bits.position, shared: true };
      case CHANNEL_PAIR: {
        bits.read(4);
        const common = bits.read(1) === 1;
        if (!common) bits.read(8);
        return { bit: bits.position, shared: common };
      }
      case DATA_STREAM: {
        bits.read(4);
        const align = bits.read(1);
        let count = bits.read(8);
        if (count === 255) count += bits.read(8);
        if (align === 1) bits.read((8 - (bits.position & 7)) & 7);
        for (let i = 0; i < count; i++) bits.read(8);
        break;
      }
      case FILL: {
        let count = bits.read(4);
        if (count === 15) count += bits.read(8) - 1;
        for (let i = 0; i < count; i++) bits.read(8);
        break;
      }
      default:
        return undefined;
    }
  }
  return undefined;
}
