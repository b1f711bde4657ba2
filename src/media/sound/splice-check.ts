import type { PacketDecoder } from './packet-sound.js';
import type { Stretch } from './packet-layout.js';
import type { SoundPackets } from './sound-packets.js';
import type { Samples } from './sound-reader.js';

/** A window of new packets as it is to stand in the result. */
export interface SplicedWindow {
  /** Place of its first packet in the result. */
  readonly first: number;
  readonly packets: readonly Uint8Array[];
  /** What is to be heard, frame by frame, from the place `from` on, with some frames on both sides of the window. */
  readonly frames: readonly Samples[];
  readonly from: number;
  readonly before: Stretch | undefined;
  readonly after: Stretch | undefined;
}

// Copied packets that are decoded on each side; the outermost before the window only warms the decoder up.
const NEIGHBOURS = 3;
// Below this, differences are rounding in the decoder.
const EXACT = 1e-5;
// Noise of coding, as a part of the sound's own level, and what nobody hears in silence (−60 dB).
const LOUDEST_NOISE = 0.3;
const INAUDIBLE = 1e-3;

/**
 * Decodes a window with its neighbours as the result will have them.
 *
 * @returns what differs from the sound that was to be there
 * @throws PacketsRefused when a packet cannot be decoded
 */
export async function checkSplice(
  packets: SoundPackets,
  decoder: PacketDecoder,
  window: SplicedWindow,
): Promise<string | undefined> {
  const { first, before, after } = window;
  const end = first + window.packets.length;
  const lead = before ? await packets.read(first + before.first - before.at - NEIGHBOURS, NEIGHBOURS) : [];
  const count = after ? Math.min(NEIGHBOURS, after.at + after.count - end) : 0;
  const tail = after ? await packets.read(end + after.first - after.at, count) : [];
  const decoded = decodeRun(decoder, [...lead, ...window.packets, ...tail]);
  // PNS fills bands with noise that differs from one decoding to the next: the same packets again show how much.
  const again = { lead: decodeRun(decoder, lead), tail: decodeRun(decoder, tail) };
  for (const [n, heard] of decoded.entries()) {
    // Only two packets together make samples.
    if (n === 0) continue;
    const place = first - lead.length + n;
    const meant = window.frames[place - window.from];
    if (!meant) continue;
    const error = difference(heard, meant);
    const copied = place < first ? again.lead[n] : place > end ? again.tail[place - end] : undefined;
    const allowed = copied ? EXACT + 3 * difference(copied, meant) : Math.max(INAUDIBLE, LOUDEST_NOISE * level(meant));
    if (!(error <= allowed)) return `packet ${place - first} of the window differs by ${error.toFixed(5)}`;
  }
  return undefined;
}

function decodeRun(decoder: PacketDecoder, data: readonly Uint8Array[]): Samples[] {
  decoder.reset();
  return data.map((packet) => decoder.decode(packet));
}

/** Root mean square of the difference, in the channel where it is largest. */
function difference(a: Samples, b: Samples): number {
  return Math.max(
    ...a.map((channel, c) => {
      let sum = 0;
      for (let i = 0; i < channel.length; i++) sum += ((channel[i] ?? 0) - (b[c]?.[i] ?? 0)) ** 2;
      return Math.sqrt(sum / channel.length);
    }),
  );
}

function level(samples: Samples): number {
  return difference(
    samples,
    samples.map(() => new Float32Array()),
  );
}
