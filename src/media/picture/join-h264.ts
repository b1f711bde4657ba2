import {
  addParameterSets,
  isAccessUnitDelimiter,
  isIdr,
  isPps,
  isSps,
  parseAvcConfiguration,
  parseSps,
  ppsId,
  type AvcConfiguration,
  type SpsSummary,
} from '../bitstream/h264.js';
import { recoveryPoint } from '../bitstream/h264-sei.js';
import { isRecoveryPicture, NewSequence, ParameterSets } from '../bitstream/h264-sequence.js';
import { isSlice } from '../bitstream/h264-slice.js';
import { splitAnnexB, splitLengthPrefixed, toAnnexB, toLengthPrefixed } from '../bitstream/nal.js';
import {
  UNCHANGED,
  type Description,
  type Entry,
  type JoinCodec,
  type Rejoin,
  type TrackCoding,
} from './join-codec.js';
import { canEncode, type FrameTraits, type PictureCoding } from './picture-encoder.js';
import { SmartCutRefused, type Obstacle } from '../obstacles.js';

/** x264's names of profiles by profile_idc (A.2). */
const PROFILES: Readonly<Record<number, string>> = {
  44: 'high444',
  66: 'baseline',
  77: 'main',
  100: 'high',
  110: 'high10',
  122: 'high422',
  244: 'high444',
};
// constraint_set3_flag: with a High profile nothing but intra pictures.
// So fine that whatever is encoded anew, moving noise too, keeps 45 dB against the source. x264 counts from the coarsest
// quantiser of eight bits, and each further bit has six more below.
const QUANTISER = 14;
const QUANTISERS_A_BIT = 6;
const CONSTRAINT_INTRA = 0x10;
const LEVELS = new Set([9, 10, 11, 12, 13, 20, 21, 22, 30, 31, 32, 40, 41, 42, 50, 51, 52, 60, 61, 62]);

/** Joins of H.264: frames from x264 stand on parameter sets of their own, beside those of the source. */
export function createH264Join(track: TrackCoding): JoinCodec {
  return new H264Join(track);
}

class H264Join implements JoinCodec {
  readonly #track: TrackCoding;
  /** Undefined when the source's samples are Annex B, as in a transport stream. */
  readonly #config: AvcConfiguration | undefined;
  /** The source's parameter sets. */
  readonly #sets: readonly Uint8Array[];
  readonly #known: ReadonlySet<string>;
  readonly #sps: readonly SpsSummary[];
  readonly #parameters: ParameterSets;
  /** The encoder's parameter sets. */
  #joined: readonly Uint8Array[] = [];
  #obstacle: Obstacle | undefined;
  #rejoins = 0;

  constructor(track: TrackCoding) {
    this.#track = track;
    this.#config = track.extradata && parseAvcConfiguration(track.extradata);
    this.#sets = this.#config
      ? [...this.#config.sps, ...this.#config.pps]
      : splitAnnexB(track.extradata ?? new Uint8Array()).filter((unit) => isSps(unit) || isPps(unit));
    this.#known = new Set(this.#sets.map(key));
    this.#sps = this.#sets.flatMap((set) => parseSps(set) ?? []);
    this.#parameters = new ParameterSets(this.#sets);
    if (this.#sets.filter(isSps).length === 0 || !this.#sets.some(isPps)) {
      this.#obstacle = 'its parameter sets are inside the pictures';
    } else if (this.#sps.length !== this.#sets.filter(isSps).length || this.#sps.some((sps) => !sps.progressive)) {
      this.#obstacle = 'its pictures are interlaced';
    }
  }

  get lengthSize(): number | undefined {
    return this.#config?.lengthSize;
  }

  entry(data: Uint8Array): Entry {
    const units = this.#split(data);
    if (!units?.some(isSlice)) {
      this.#obstacle ??= 'one of its pictures is damaged';
      return 'none';
    }
    if (units.some((unit) => (isSps(unit) || isPps(unit)) && !this.#known.has(key(unit)))) {
      this.#obstacle ??= 'its coding parameters change midway';
    }
    if (units.some(isIdr)) return 'closed';
    // What leans on earlier pictures all the same comes to light when it is copied: see NewSequence.
    const slices = units.filter(isSlice).map((unit) => this.#parameters.read(unit));
    const read = slices.filter((slice) => slice !== undefined);
    if (read.length < slices.length || !isRecoveryPicture(read)) return 'none';
    const points = units.flatMap((unit) => recoveryPoint(unit) ?? []);
    const recovers = points.some(({ frames, exact }) => frames === 0 && exact);
    return recovers || read.every(({ sps }) => isIntraOnly(sps)) ? 'open' : 'none';
  }

  obstacle(): Obstacle | undefined {
    return this.#obstacle;
  }

  coding(traits: FrameTraits): PictureCoding | undefined {
    const source = this.#sps[0];
    const profile = PROFILES[source?.profile ?? 0];
    const used = new Set([...this.#sps.map((sps) => sps.id), ...this.#sets.map(ppsId)]);
    const id = Array.from({ length: 31 }, (_, n) => n + 1).find((free) => !used.has(free));
    if (!source || profile === undefined || id === undefined || traits.interlaced || source.separatePlanes) {
      return undefined;
    }
    if (!canEncode('libx264', traits.pixelFormat)) return undefined;
    // A fixed quantiser, since a rate factor gives moving noise 10 dB less than a still. The fastest way of x264 that keeps
    // the profile: a join should not be waited for, and at this quantiser the slower ways gain little but bytes. As many
    // references as the source, though unused, keep the decoder's buffer the same: with another size it may drop pictures
    // that it has not shown yet (C.4.4).
    const tools = profile === 'baseline' ? 'cabac=0' : profile === 'main' ? 'cabac=1' : 'cabac=0:8x8dct=1';
    const references = Math.max(1, Math.min(16, source.referenceFrames));
    const parameters = [
      `sps-id=${id}:stitchable=1:annexb=1:aud=0:scenecut=0:open-gop=0`,
      `bframes=0:ref=1:dpb-size=${references}:rc-lookahead=0:mbtree=0:${tools}`,
    ];
    return {
      encoder: 'libx264',
      pixelFormat: traits.pixelFormat,
      options: {
        qp: String(source.lossless ? 0 : QUANTISER + QUANTISERS_A_BIT * (source.bitDepth - 8)),
        preset: 'ultrafast',
        profile,
        'x264-params': parameters.join(':'),
      },
      ...(LEVELS.has(source.level) ? { level: source.level } : {}),
      gopSize: isIntraOnly(source) ? 1 : 600,
      reorder: 0,
    };
  }

  describe(encoder: Uint8Array | undefined): Description | undefined {
    const units = encoder ? splitAnnexB(encoder) : [];
    const sps = units.filter(isSps).map((unit) => unit.slice());
    const pps = units.filter(isPps).map((unit) => unit.slice());
    if (encoder && (sps.length !== 1 || pps.length !== 1)) return undefined;
    this.#joined = [...sps, ...pps];
    // Muxers of mp4 and Matroska make an avcC of an Annex B description, and samples to match.
    const extradata = this.#config
      ? addParameterSets(this.#config, sps, pps)
      : toAnnexB([...this.#sets, ...this.#joined]);
    return { extradata, tag: 'avc1' };
  }

  encoded(data: Uint8Array, first: boolean): Uint8Array | undefined {
    const units = splitAnnexB(data);
    if (units.some((unit) => isSps(unit) || isPps(unit)) || (first && !units.some(isIdr))) return undefined;
    return this.#join(first ? this.#withSets(units, this.#joined) : units);
  }

  rejoin(entry: 'open' | 'closed'): Rejoin {
    if (entry === 'closed' && !this.#setsInside) return UNCHANGED;
    const sequence = entry === 'open' ? new NewSequence(this.#parameters, IDR_IDS + (this.#rejoins++ % 2)) : undefined;
    let settled = false;
    let first = true;
    return {
      packet: (data) => {
        const begins = first;
        first = false;
        const units = this.#split(data);
        if (!units) throw new SmartCutRefused('one of its pictures is damaged');
        if (!sequence || (!begins && units.some(isIdr))) {
          settled = true;
          const whole = begins ? this.#withSets(units, this.#sets) : units;
          return whole === units ? data : this.#join(whole);
        }
        const changed = sequence.picture(units);
        if (!changed) throw new SmartCutRefused('its pictures lean on others across its keyframes');
        return this.#join(begins ? this.#withSets(changed, this.#sets) : changed);
      },
      get settled() {
        return settled;
      },
    };
  }

  get #setsInside(): boolean {
    return !this.#config && this.#track.form === 'headers-inside';
  }

  #split(data: Uint8Array): Uint8Array[] | undefined {
    return this.#config ? splitLengthPrefixed(data, this.#config.lengthSize) : splitAnnexB(data);
  }

  #join(units: readonly Uint8Array[]): Uint8Array {
    return this.#config ? toLengthPrefixed(units, this.#config.lengthSize) : toAnnexB(units);
  }

  /** The units with parameter sets in front, where samples carry them and these do not yet. */
  #withSets(units: Uint8Array[], sets: readonly Uint8Array[]): Uint8Array[] {
    if (!this.#setsInside || (units.some(isSps) && units.some(isPps))) return units;
    const [head, ...rest] = units;
    return head && isAccessUnitDelimiter(head) ? [head, ...sets, ...rest] : [...sets, ...units];
  }
}

// idr_pic_id tells IDR pictures apart that follow one another; encoders count from 0.
const IDR_IDS = 1000;

function isIntraOnly(sps: SpsSummary): boolean {
  return sps.profile === 44 || (sps.profile >= 100 && (sps.constraints & CONSTRAINT_INTRA) !== 0);
}

function key(set: Uint8Array): string {
  let end = set.length;
  while (end > 0 && set[end - 1] === 0) end--;
  return Buffer.from(set.subarray(0, end)).toString('base64');
}
