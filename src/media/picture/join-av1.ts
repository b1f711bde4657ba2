import {
  lightUnits,
  parseSequence,
  readTemporalUnit,
  registeredUnits,
  sequenceObu,
  sequenceOf,
  withAv1Colour,
  withSequence,
  withUnits,
  type Av1Sequence,
} from '../bitstream/av1.js';
import { type Beside, type JoinCodec, type TrackCoding, UNCHANGED } from './join-codec.js';
import type { Obstacle } from '../obstacles.js';

/**
 * AV1: a keyframe that is shown at once sets everything anew, but the sequence header that it is read by stays in force
 * until the next one. The encoder's is not the source's, so every keyframe of either carries its own in the packet:
 * decoders do not go back to the sample description after a seek.
 */
export function createAv1Join(track: TrackCoding): JoinCodec {
  /** The source's sequence header as its sample description and as its keyframes have it. */
  const described = sequenceOf(track.extradata);
  let inBand: Uint8Array | undefined;
  let missing = false;
  /** What the source's first keyframe says of its light, for the encoder's. */
  let light: readonly Uint8Array[] | undefined;
  /** Keyframes have headers that differ, each its own, as in a clip that was joined before. */
  let several = false;
  let obstacle: Obstacle | undefined;

  const source = (): Uint8Array | undefined => inBand ?? described;

  /** Another sequence header with the colours of the source's; undefined when it does not fit. */
  function adopt(payload: Uint8Array): Uint8Array | undefined {
    const own = source();
    const sequence = own && parseSequence(own);
    const other = parseSequence(payload);
    if (!own || !sequence || !other || !fits(other, sequence)) return undefined;
    return withAv1Colour(payload, other, own, sequence);
  }

  return {
    entry(data) {
      const unit = readTemporalUnit(data);
      if (!unit) obstacle ??= 'one of its pictures is damaged';
      if (unit?.sequence) {
        // The packet's memory is not ours, and a Buffer's slice() would not copy it.
        inBand ??= Uint8Array.from(unit.sequence);
        if (!equal(inBand, unit.sequence)) {
          several = true;
          const adopted = adopt(unit.sequence);
          if (!adopted || !equal(adopted, unit.sequence)) obstacle ??= 'its coding parameters change midway';
        }
      }
      if (unit?.layered || (unit && unit.shown > 1)) obstacle ??= 'its pictures are coded in layers';
      if (!unit?.entry) return 'none';
      light ??= lightUnits(data);
      if (!unit.sequence) missing = true;
      return 'closed';
    },
    obstacle() {
      if (obstacle !== undefined) return obstacle;
      const own = source();
      const sequence = own && parseSequence(own);
      if (!sequence) return 'its sequence header is missing';
      if (sequence.still) return 'it is a single picture';
      if (sequence.points > 1) return 'its pictures are coded in layers';
      // Keyframes without a header follow the sample description's or the one before: there must be only one.
      if (missing && (several || (described && inBand && !equal(described, inBand)))) {
        return 'its coding parameters change midway';
      }
      return undefined;
    },
    coding(traits) {
      const own = source();
      const sequence = own && parseSequence(own);
      if (sequence?.width !== traits.width || sequence.height !== traits.height) return undefined;
      // What SVT-AV1 can encode.
      if (sequence.profile !== 0 || sequence.monochrome || traits.width < 64 || traits.height < 64) return undefined;
      if (track.pixelFormat !== (sequence.depth === 8 ? 'yuv420p' : 'yuv420p10le')) return undefined;
      // Low delay: each frame one packet in the order shown, none of them filtered over time.
      const parameters = 'pred-struct=1:enable-tf=0:enable-overlays=0:scd=0:film-grain=0:lookahead=0';
      const options = { preset: '8', crf: '14', 'svtav1-params': parameters };
      return { encoder: 'libsvtav1', pixelFormat: traits.pixelFormat, options, gopSize: 600, reorder: 0 };
    },
    describe(encoder) {
      const own = source();
      if (encoder) {
        const payload = sequenceOf(encoder);
        if (!payload || !adopt(payload)) return undefined;
      }
      return { extradata: track.extradata ?? (own && sequenceObu(own)), tag: 'av01' };
    },
    beside(data) {
      const before = registeredUnits(data);
      return before.length > 0 ? { before, behind: [] } : undefined;
    },
    encoded(data, first, { before } = NOTHING) {
      const unit = readTemporalUnit(data);
      if (unit?.shown !== 1 || (first && !unit.entry)) return undefined;
      if (!unit.entry) return unit.sequence ? undefined : withUnits(data, before);
      // SVT-AV1's extradata is written before it knows its tools, so only the header in the packet counts.
      const sequence = unit.sequence && adopt(unit.sequence);
      return sequence && withSequence(data, sequence, [...(light ?? []), ...before]);
    },
    rejoin() {
      if (!missing) return UNCHANGED;
      return {
        packet(data) {
          const own = source();
          const unit = readTemporalUnit(data);
          return own && unit?.entry && !unit.sequence ? withSequence(data, own) : data;
        },
        settled: false,
      };
    },
  };
}

const NOTHING: Beside = { before: [], behind: [] };

function fits(a: Av1Sequence, b: Av1Sequence): boolean {
  return (
    a.profile === b.profile &&
    a.depth === b.depth &&
    a.monochrome === b.monochrome &&
    a.width === b.width &&
    a.height === b.height &&
    a.subsampling[0] === b.subsampling[0] &&
    a.subsampling[1] === b.subsampling[1]
  );
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, n) => byte === b[n]);
}
