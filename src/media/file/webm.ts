import { element, ID, textElement, unsignedElement } from './matroska.js';

// WebM as a browser wants it appended: header, track and clusters, all lengths known (RFC 9559; webmproject.org).

/** Ticks of ten microseconds: finer than a player tells frames apart, and 0.3 s fit a cluster. */
const TICK_MICROSECONDS = 10;
/** Times in a cluster count from its own, in 16 bits with sign. */
const CLUSTER_TICKS = 30_000;

const WEBM = {
  version: 0x4286,
  readVersion: 0x42f7,
  idLength: 0x42f2,
  sizeLength: 0x42f3,
  docType: 0x4282,
  docTypeVersion: 0x4287,
  docTypeReadVersion: 0x4285,
  info: 0x1549a966,
  timestampScale: 0x2ad7b1,
  duration: 0x4489,
  muxingApp: 0x4d80,
  writingApp: 0x5741,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  trackUid: 0x73c5,
  lacing: 0x9c,
  trackType: 0x83,
  codecId: 0x86,
  video: 0xe0,
  pixelWidth: 0xb0,
  pixelHeight: 0xba,
  colour: 0x55b0,
  matrix: 0x55b1,
  range: 0x55b9,
  transfer: 0x55ba,
  primaries: 0x55bb,
  clusterTime: 0xe7,
  simpleBlock: 0xa3,
  blockGroup: 0xa0,
  block: 0xa1,
  blockDuration: 0x9b,
  referenceBlock: 0xfb,
} as const;

/** Numbers of ISO/IEC 23091-2. */
export interface Colour {
  readonly matrix: number;
  readonly transfer: number;
  readonly primaries: number;
}

export interface WebmPicture {
  readonly width: number;
  readonly height: number;
  readonly colour: Colour;
}

export interface WebmFrame {
  /** Microseconds, rising. */
  readonly time: number;
  readonly key: boolean;
  readonly data: Buffer;
}

/**
 * A whole WebM file with one VP8 track in limited range.
 *
 * @param duration microseconds at which the last frame ends
 */
export function webmFile(picture: WebmPicture, frames: readonly WebmFrame[], duration: number): Buffer {
  const ebml = element(ID.ebml, [
    unsignedElement(WEBM.version, 1),
    unsignedElement(WEBM.readVersion, 1),
    unsignedElement(WEBM.idLength, 4),
    unsignedElement(WEBM.sizeLength, 8),
    textElement(WEBM.docType, 'webm'),
    unsignedElement(WEBM.docTypeVersion, 4),
    unsignedElement(WEBM.docTypeReadVersion, 2),
  ]);
  return Buffer.concat([ebml, element(ID.segment, [info(duration), track(picture), ...clusters(frames, duration)])]);
}

function info(duration: number): Buffer {
  const length = Buffer.alloc(8);
  length.writeDoubleBE(ticksOf(duration));
  return element(WEBM.info, [
    unsignedElement(WEBM.timestampScale, TICK_MICROSECONDS * 1000),
    element(WEBM.duration, length),
    textElement(WEBM.muxingApp, 'video-trimmer'),
    textElement(WEBM.writingApp, 'video-trimmer'),
  ]);
}

function track({ width, height, colour }: WebmPicture): Buffer {
  const entry = element(WEBM.trackEntry, [
    unsignedElement(WEBM.trackNumber, 1),
    unsignedElement(WEBM.trackUid, 1),
    unsignedElement(WEBM.lacing, 0),
    unsignedElement(WEBM.trackType, 1),
    textElement(WEBM.codecId, 'V_VP8'),
    element(WEBM.video, [
      unsignedElement(WEBM.pixelWidth, width),
      unsignedElement(WEBM.pixelHeight, height),
      element(WEBM.colour, [
        unsignedElement(WEBM.matrix, colour.matrix),
        unsignedElement(WEBM.range, 1),
        unsignedElement(WEBM.transfer, colour.transfer),
        unsignedElement(WEBM.primaries, colour.primaries),
      ]),
    ]),
  ]);
  return element(WEBM.tracks, entry);
}

function* clusters(frames: readonly WebmFrame[], duration: number): Generator<Buffer> {
  let blocks: Buffer[] = [];
  let start = 0;
  for (const [n, { time, key, data }] of frames.entries()) {
    const at = ticksOf(time);
    if (blocks.length > 0 && at - start > CLUSTER_TICKS) {
      yield element(ID.cluster, blocks);
      blocks = [];
    }
    if (blocks.length === 0) {
      start = at;
      blocks.push(unsignedElement(WEBM.clusterTime, start));
    }
    const head = Buffer.from([0x81, 0, 0, key ? 0x80 : 0]);
    head.writeInt16BE(at - start, 1);
    // Without a length of its own the last frame would be taken to stand as long as the one before it.
    if (n < frames.length - 1) blocks.push(element(WEBM.simpleBlock, [head, data]));
    else blocks.push(lastBlock(head, data, key, ticksOf(duration) - at));
  }
  yield element(ID.cluster, blocks);
}

function lastBlock(head: Buffer, data: Buffer, key: boolean, duration: number): Buffer {
  // Only in a simple block the head tells of keyframes.
  head[3] = 0;
  const before = key ? [] : [element(WEBM.referenceBlock, Buffer.from([0xff]))];
  return element(WEBM.blockGroup, [
    element(WEBM.block, [head, data]),
    unsignedElement(WEBM.blockDuration, Math.max(1, duration)),
    ...before,
  ]);
}

// Downwards: whoever goes to the time of a frame sees that frame.
function ticksOf(microseconds: number): number {
  return Math.floor(microseconds / TICK_MICROSECONDS);
}
