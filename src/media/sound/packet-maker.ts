import type { Stretch } from './packet-layout.js';
import type { Samples } from './sound-reader.js';

/** A stretch of packets of the result that is encoded anew, between two that are copied or at an end. */
export interface Window {
  /** Place of its first packet in the result, and of the first one behind it. */
  readonly first: number;
  readonly end: number;
  readonly before: Stretch | undefined;
  readonly after: Stretch | undefined;
  /** What is to be heard, frame by frame, from the place `from` on, with some frames on both sides of the window. */
  readonly frames: readonly Samples[];
  readonly from: number;
}

/** Makes packets of one codec that fit between the source's own. */
export interface PacketMaker {
  /** Samples of each packet. */
  readonly packetSamples: number;
  readonly sampleRate: number;
  /** What describes the packets to a decoder; undefined: what the source's track says. */
  readonly configuration: Uint8Array | undefined;
  /** Place in the result of the first packet that is not copied any more. @param back packets to end earlier */
  leave(stretch: Stretch, back: number): Promise<number>;
  /** Place in the result of the first packet that is copied again. @param on packets to begin later */
  enter(stretch: Stretch, on: number): Promise<number>;
  /**
   * @returns the packets, or what is wrong with them
   * @throws PacketsRefused where none can be made
   */
  make(window: Window): Promise<readonly Uint8Array[] | string>;
}
