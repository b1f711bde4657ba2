import {
  addParameterSets,
  isPps,
  isSps,
  parseAvcConfiguration,
  parseSps,
  ppsId,
  readAccessUnit,
  type AvcConfiguration,
} from '../bitstream/h264.js';
import { splitAnnexB, toLengthPrefixed } from '../bitstream/nal.js';
import { native } from '../native.js';
import {
  UNCHANGED,
  type Description,
  type Entry,
  type JoinCodec,
  type Rejoin,
  type TrackCoding,
} from './join-codec.js';
import type { FrameTraits, PictureCoding } from './picture-encoder.js';

const PROFILES: Readonly<Record<number, string>> = {
  66: 'baseline',
  77: 'main',
  100: 'high',
  110: 'high10',
  122: 'high422',
};

/** Joins of H.264: frames from x264 stand on parameter sets of their own, beside those of the source. */
export function createH264Join(track: TrackCoding): JoinCodec {
  return new H264Join(track);
}

class H264Join implements JoinCodec {
  readonly #track: TrackCoding;
  readonly #config: AvcConfiguration | undefined;
  readonly #known: ReadonlySet<string>;
  #obstacle: string | undefined;

  constructor(track: TrackCoding) {
    this.#track = track;
    this.#config = track.extradata && parseAvcConfiguration(track.extradata);
    const { sps = [], pps = [] } = this.#config ?? {};
    this.#known = new Set([...sps, ...pps].map(key));
    if (!this.#config || track.form !== 'headers-apart') {
      this.#obstacle = 'its container does not keep the pictures apart';
    } else if (sps.length === 0 || pps.length === 0) {
      this.#obstacle = 'its parameter sets are inside the pictures';
    } else if (sps.some((set) => parseSps(set)?.progressive !== true)) {
      this.#obstacle = 'its pictures are interlaced';
    }
  }

  entry(data: Uint8Array): Entry {
    if (!this.#config) return 'none';
    const unit = readAccessUnit(data, this.#config.lengthSize);
    if (!unit.whole || !unit.picture) this.#obstacle ??= 'one of its pictures is damaged';
    if (unit.sets.some((set) => !this.#known.has(key(set)))) this.#obstacle ??= 'its coding parameters change midway';
    return unit.idr ? 'closed' : 'none';
  }

  obstacle(): string | undefined {
    return this.#obstacle;
  }

  coding(traits: FrameTraits): PictureCoding | undefined {
    const { av } = native();
    const config = this.#config;
    const sps = config?.sps.map((set) => parseSps(set)) ?? [];
    const source = sps[0];
    if (!config || !source) return undefined;
    const used = new Set([...sps.map((set) => set?.id), ...config.pps.map(ppsId)]);
    const id = [1, 2, 3, 4, 5, 6, 7].find((free) => !used.has(free));
    const profile = PROFILES[source.profile];
    const offered = av.Codec.findEncoderByName('libx264' as Parameters<typeof av.Codec.findEncoderByName>[0]);
    if (profile === undefined || id === undefined || traits.interlaced) return undefined;
    if (!offered?.pixelFormats?.includes(traits.pixelFormat)) return undefined;
    const reorder = profile === 'baseline' ? 0 : Math.min(2, this.#track.reorder);
    const frames = ['bframes=0', 'bframes=2:b-pyramid=none', 'bframes=2:b-pyramid=normal'][reorder] ?? '';
    const references = Math.max(1, Math.min(16, source.referenceFrames));
    const parameters = `sps-id=${id}:scenecut=0:open-gop=0:stitchable=1:ref=${references}:${frames}:annexb=1:aud=0`;
    return {
      encoder: 'libx264',
      pixelFormat: traits.pixelFormat,
      // The lossless and 4:4:4 profiles are out of reach of PROFILES; the rest x264 takes by name.
      options: {
        crf: this.#track.pixelFormat.includes('10') ? '10' : '12',
        preset: 'medium',
        profile,
        'x264-params': parameters,
      },
      level: source.level,
      gopSize: 600,
      reorder,
    };
  }

  describe(encoder: Uint8Array | undefined): Description | undefined {
    if (!this.#config) return undefined;
    const units = encoder ? splitAnnexB(encoder) : [];
    const sps = units.filter(isSps);
    const pps = units.filter(isPps);
    if (encoder && (sps.length !== 1 || pps.length !== 1)) return undefined;
    return { extradata: addParameterSets(this.#config, sps, pps), tag: 'avc1' };
  }

  encoded(data: Uint8Array, first: boolean): Uint8Array | undefined {
    if (!this.#config) return undefined;
    const units = splitAnnexB(data);
    if (units.some((unit) => isSps(unit) || isPps(unit))) return undefined;
    const sample = toLengthPrefixed(units, this.#config.lengthSize);
    return first && !readAccessUnit(sample, this.#config.lengthSize).idr ? undefined : sample;
  }

  rejoin(): Rejoin {
    return UNCHANGED;
  }
}

function key(set: Uint8Array): string {
  return Buffer.from(set).toString('base64');
}
