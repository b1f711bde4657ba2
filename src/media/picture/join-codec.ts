import type { FrameTraits, PictureCoding } from './picture-encoder.js';
import type { Obstacle } from '../obstacles.js';

/**
 * How decoding may begin at a packet. `closed`: nothing from there on leans on anything before it. `open`: only pictures
 * that are decoded right after it but shown before it do (an open group of pictures: HEVC's CRA, a recovery point of
 * H.264). `none`: not at all, whatever the container says.
 */
export type Entry = 'none' | 'open' | 'closed';

/** What the sample description of the result's picture track has to say. */
export interface Description {
  /** FFmpeg's extradata: avcC, hvcC, av1C, …; undefined where the codec needs none. */
  readonly extradata: Uint8Array | undefined;
  /** Four characters for mp4 and mov, such as `avc1`. */
  readonly tag: string;
  /** They tell what packets do not, so other containers keep them as well. */
  readonly tagMatters?: boolean;
}

/** Units of the bitstream about one picture that stay true when it is encoded anew: captions, how bright it is. Copies. */
export interface Beside {
  readonly before: readonly Uint8Array[];
  readonly behind: readonly Uint8Array[];
}

/** What changes in the packets that are copied behind a join, told packet by packet in decode order. */
export interface Rejoin {
  /** The packet as it has to stand in the result; the same bytes where nothing changes. */
  packet(data: Uint8Array): Uint8Array;
  /** Every packet from here on stays as it is. */
  readonly settled: boolean;
}

/**
 * How one codec's packets are joined with newly encoded ones in a single track. It reads and changes bytes and knows
 * nothing of files, times or frames. One object serves one source track; {@link entry} sees every packet that the
 * container marks as a keyframe before anything else is asked.
 */
export interface JoinCodec {
  entry(data: Uint8Array): Entry;
  /**
   * Bytes of the length in front of each NAL unit, where samples consist of such units; {@link entry} reads no more than
   * the beginning of a long one.
   */
  readonly lengthSize?: number | undefined;
  /** Every packet is a closed entry, whatever the container says: none needs to be looked at. */
  readonly allEntries?: true;
  /** Why packets of this track must not be joined, as half a sentence: "its pictures are interlaced". */
  obstacle(): Obstacle | undefined;
  /**
   * How the frames at joins are to be encoded.
   *
   * @returns undefined when no encoder can continue this coding
   */
  coding(traits: FrameTraits): PictureCoding | undefined;
  /**
   * Asked for before {@link encoded}.
   *
   * @param encoder extradata of an encoder that {@link coding} described; undefined when nothing is encoded
   * @returns undefined when both do not fit into one track
   */
  describe(encoder: Uint8Array | undefined): Description | undefined;
  /**
   * An encoder's packet as one of the result.
   *
   * @param first of its span: it has to be an entry
   * @param beside of the source's packet with the same picture, see {@link beside}
   * @returns undefined when it cannot be one
   */
  encoded(data: Uint8Array, first: boolean, beside?: Beside): Uint8Array | undefined;
  /**
   * What a packet of the source says about its picture. Absent where nothing of the kind is carried over.
   *
   * @throws SmartCutRefused where it holds in its place only
   */
  beside?(data: Uint8Array): Beside | undefined;
  /** For a run of copied packets that begins, behind a join, with an entry of this kind. */
  rejoin(entry: 'open' | 'closed'): Rejoin;
  /** True for a packet that shows nothing by itself: an alternate reference of VP8. */
  invisible?(data: Uint8Array): boolean;
}

/** The source's track, as its container describes it. */
export interface TrackCoding {
  /** FFmpeg's extradata of the source's track. */
  readonly extradata: Uint8Array | undefined;
  /** Bits per second of the source's picture; 0 when unknown. */
  readonly bitRate: number;
  /** How many frames the source's decoder holds back to reorder them; FFmpeg's video_delay. */
  readonly reorder: number;
  /** FFmpeg's pixel format of the source, by name: `yuv420p10le`. */
  readonly pixelFormat: string;
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
  /** Four characters of the source's sample description; absent where its container has none. */
  readonly tag?: string;
  /** Each picture has another one beside it that says where it is transparent. */
  readonly transparent?: boolean;
  /** Dolby Vision that is nothing to players without it: its sample description has a type of its own. */
  readonly ownColours?: boolean;
  /**
   * How samples lie in the result: `headers-apart` as in mp4, mov and Matroska (parameter sets in the sample
   * description, H.264 and HEVC length-prefixed), `headers-inside` as in a transport stream (Annex B).
   */
  readonly form: 'headers-apart' | 'headers-inside';
}

/** A run that is copied unchanged. */
export const UNCHANGED: Rejoin = { packet: (data) => data, settled: true };
