import type { Stream } from 'node-av/lib';

import type { Job, PictureJob } from './cut-job.js';
import type { OutputContainer } from './file/containers.js';
import type { Source } from './file/source.js';
import { native } from './native.js';
import { shownPlaces } from './plan.js';
import { encodedSound } from './sound/encoded-sound.js';
import { copiesPackets } from './sound/packet-joins.js';

/** Bits that stand for a second of picture and sound where nothing tells. */
const USUAL_BIT_RATE = 4_000_000;
/** The same for sound. */
const USUAL_SOUND = 160_000;
/** More than this is stated by mistake. */
const MOST_SOUND = 2_000_000;

/** What is known of a source's size, in bytes. */
export interface SourceBytes {
  /** Of the pictures that stay. */
  readonly pictures: number;
  /** Of a second of each sound track, as its packets are; undefined where only the header speaks of it. */
  readonly sound: readonly (number | undefined)[];
}

/** What the header states: of the whole, and of the sound what it is made of. */
export function statedBytes(source: Source, seconds: number, sound: SourceBytes['sound'] = []): SourceBytes {
  const bits = Number(source.format.bitRate);
  const all = ((bits > 0 ? bits : USUAL_BIT_RATE) / 8) * seconds;
  const heard = source.audio.reduce((sum, stream, n) => sum + (sound[n] ?? statedSound(stream)), 0);
  return { pictures: Math.max(0, all - heard * seconds), sound };
}

/** What the packets themselves come to. */
export function packetBytes(job: Job, { index, layout, movie }: PictureJob): SourceBytes {
  const pictures = shownPlaces(layout).reduce((sum, place) => sum + (index.sizes[place] ?? 0), 0);
  const tracks = movie && job.source.audio.map(({ id }) => movie.tracks.find((track) => track.id === id));
  if (tracks) return { pictures, sound: tracks.map((track) => track && meanRate(track)) };
  // Elsewhere, what is no picture is sound: each track has its share of it, by what it states.
  let others = job.fileSize;
  for (let place = 0; place < index.sizes.length; place++) others -= index.sizes[place] ?? 0;
  const stated = job.source.audio.map(statedSound);
  const all = stated.reduce((sum, rate) => sum + rate, 0);
  const rate = Math.max(0, others) / Math.max(1, job.clock.duration / 1e6);
  return { pictures, sound: stated.map((part) => (rate * part) / all) };
}

function meanRate({ samples, timescale }: NonNullable<PictureJob['movie']>['tracks'][number]): number {
  let bytes = 0;
  let ticks = 0;
  for (let n = 0; n < samples.count; n++) {
    bytes += samples.size[n] ?? 0;
    ticks += samples.duration[n] ?? 0;
  }
  return ticks > 0 ? (bytes * timescale) / ticks : 0;
}

/** Bytes that all sound of a result has, encoded anew where it has to be. @param seconds of the result */
export function soundBytes(
  { audio }: Source,
  container: OutputContainer,
  seconds: number,
  known: SourceBytes['sound'],
): number {
  return audio.reduce((sum, stream, n) => {
    const source = known[n] ?? statedSound(stream);
    return sum + writtenSound(stream, container, source) * seconds;
  }, 0);
}

/** These need for silence next to nothing, whatever rate is asked for: so it was in the source, too. */
const VARIABLE = new Set(['opus', 'vorbis']);

/** Some is copied; of anything else, lossy sound is encoded at a rate that is chosen, and the rest keeps every bit. */
function writtenSound(stream: Stream, container: OutputContainer, source: number): number {
  const name = native().av.avGetCodecName(stream.codecpar.codecId) ?? '';
  if (copiesPackets(stream) && container.sound.includes(name)) return source;
  const { codec, bitRate } = encodedSound(stream, container);
  return bitRate === undefined || (codec === name && VARIABLE.has(codec)) ? source : bitRate / 8;
}

function statedSound({ codecpar }: Stream): number {
  return Math.min(Number(codecpar.bitRate) || USUAL_SOUND, MOST_SOUND) / 8;
}
