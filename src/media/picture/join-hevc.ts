import {
  buildHevcConfiguration,
  parseHevcConfiguration,
  widenConfiguration,
  type HevcConfiguration,
} from '../bitstream/hevc-configuration.js';
import { standsAlone } from '../bitstream/dolby-vision.js';
import { lightMessages, registeredMessages } from '../bitstream/hevc-sei.js';
import {
  parameterSetId,
  parseSequenceSet,
  profileOf,
  raiseLimits,
  renumber,
  type SequenceSet,
  type SetIds,
} from '../bitstream/hevc-sets.js';
import {
  asSequenceStart,
  isParameterSet,
  isSlice,
  NAL,
  nalLayer,
  nalType,
  PICTURE_SET_IDS,
  randomAccess,
  toPictureSet,
} from '../bitstream/hevc.js';
import { splitAnnexB, splitLengthPrefixed, toAnnexB, toLengthPrefixed } from '../bitstream/nal.js';
import type { Beside, Description, Entry, JoinCodec, Rejoin, TrackCoding } from './join-codec.js';
import { canEncode, type FrameTraits, type PictureCoding } from './picture-encoder.js';
import { SmartCutRefused, type Obstacle } from '../obstacles.js';

// So fine that moving noise keeps 45 dB too; B-frames are given two more.
const QUANTISER = 12;

/**
 * Joins of HEVC: frames from x265 stand on parameter sets of their own, beside those of the source, and a copied run
 * begins with an IDR picture or with a CRA picture made a broken-link one.
 */
export function createHevcJoin(track: TrackCoding): JoinCodec {
  return new HevcJoin(track);
}

class HevcJoin implements JoinCodec {
  readonly #track: TrackCoding;
  /** Undefined where the samples are Annex B. */
  readonly #config: HevcConfiguration | undefined;
  /** The source's parameter sets in their order, by their bytes. */
  readonly #sets = new Map<string, Uint8Array>();
  #setsInSamples = false;
  /** Mastering display and content light of the source, for the encoder's pictures. */
  #light: Uint8Array | undefined;
  /** Each picture has data of Dolby Vision behind it. */
  #vision = false;
  #obstacle: Obstacle | undefined;
  /** The encoder's parameter sets on the ids they have in the result. */
  #own: { readonly units: readonly Uint8Array[]; readonly ids: SetIds } | undefined;

  constructor(track: TrackCoding) {
    this.#track = track;
    const extradata = track.extradata ?? new Uint8Array();
    this.#config = parseHevcConfiguration(extradata);
    const units = this.#config?.units ?? splitAnnexB(extradata);
    this.#light = lightMessages(units);
    this.#learn(units.filter(isParameterSet));
    if ((this.#config === undefined) !== (track.form === 'headers-inside')) {
      this.#obstacle = 'its container does not keep the pictures apart';
    } else if (this.#config && this.#sets.size === 0) {
      this.#obstacle = 'its parameter sets are inside the pictures';
    }
  }

  get lengthSize(): number | undefined {
    return this.#config?.lengthSize;
  }

  entry(data: Uint8Array): Entry {
    const units = this.#split(data);
    const slice = units?.find(isSlice);
    if (!units || !slice) {
      this.#obstacle ??= 'one of its pictures is damaged';
      return 'none';
    }
    if (units.some((unit) => nalType(unit) < NAL.dolbyVisionMetadata && nalLayer(unit) > 0)) {
      this.#obstacle ??= 'it holds more than one view';
    }
    // Without its enhancement layer a picture would be another one.
    if (units.some((unit) => nalType(unit) >= NAL.dolbyVisionLayer)) this.#obstacle ??= 'it is Dolby Vision';
    const vision = units.filter(isVision);
    if (vision.length > 0) this.#vision = true;
    if (!vision.every(standsAlone)) this.#obstacle ??= 'it is Dolby Vision';
    const sets = units.filter(isParameterSet);
    if (sets.length > 0) {
      this.#setsInSamples = true;
      if (this.#sets.size === 0) this.#learn(sets);
      if (sets.some((set) => !this.#sets.has(key(set)))) this.#obstacle ??= 'its coding parameters change midway';
    }
    this.#light ??= lightMessages(units);
    return randomAccess(nalType(slice));
  }

  obstacle(): Obstacle | undefined {
    if (this.#obstacle !== undefined) return this.#obstacle;
    const sets = [...this.#sets.values()];
    const sequences = this.#sequences();
    const [source] = sequences;
    if (!source || sequences.includes(undefined)) return 'its coding parameters are not understood';
    // Several sets are what an earlier cut of ours leaves; they may differ in what does not concern the shown picture.
    const names = new Set(sets.map((set) => `${nalType(set)} ${parameterSetId(set)}`));
    if (names.size < sets.length || !sequences.every((set) => set && isAlike(set, source))) {
      return 'its coding parameters change midway';
    }
    if (sequences.some((set) => set?.interlaced)) return 'its pictures are interlaced';
    return this.#freeIds() ? undefined : 'it uses all numbers of parameter sets';
  }

  coding(traits: FrameTraits): PictureCoding | undefined {
    const [sps] = this.#sequences();
    if (!sps || traits.interlaced || traits.width !== sps.width || traits.height !== sps.height) return undefined;
    if (!canEncode('libx265', traits.pixelFormat)) return undefined;
    // Players may set themselves up anew when the coded size changes, so x265 is to fill up to the source's.
    const block = [8, 16, 32].find(
      (size) => filled(traits.width, size) === sps.codedWidth && filled(traits.height, size) === sps.codedHeight,
    );
    const reorder = Math.min(2, this.#track.reorder);
    const frames = ['bframes=0', 'bframes=3:b-pyramid=0', 'bframes=3:b-pyramid=1'][reorder] ?? '';
    const parameters = [
      'log-level=none:info=0:repeat-headers=0:annexb=1:aud=0:hrd=0:open-gop=0:scenecut=0',
      // A rate factor would give moving noise 10 dB less than a still.
      `qp=${QUANTISER}:rc-lookahead=15:keyint=600:min-keyint=600:${frames}`,
      ...(block === undefined ? [] : [`min-cu-size=${block}`]),
    ].join(':');
    return {
      encoder: 'libx265',
      pixelFormat: traits.pixelFormat,
      options: { preset: 'veryfast', 'x265-params': parameters },
      gopSize: 600,
      reorder,
    };
  }

  describe(encoder: Uint8Array | undefined): Description | undefined {
    this.#own = undefined;
    if (encoder && !this.#adopt(encoder)) return undefined;
    const units = this.#ownUnits();
    if (!this.#config) return { extradata: toAnnexB([...this.#sets.values(), ...units]), tag: 'hvc1' };
    const sps = units.find((unit) => nalType(unit) === NAL.sps);
    const config = sps ? widenConfiguration(this.#config, units, profileOf(sps)) : this.#config;
    // hvc1, the form that Apple's players accept, promises that no sets lie in the samples.
    const [apart, inside] = this.#track.ownColours ? ['dvh1', 'dvhe'] : ['hvc1', 'hev1'];
    const tag = this.#setsInSamples ? inside : apart;
    return { extradata: buildHevcConfiguration(config, tag === apart), tag };
  }

  beside(data: Uint8Array): Beside | undefined {
    const units = this.#split(data) ?? [];
    const registered = registeredMessages(units);
    const vision = units.filter(isVision);
    if (!vision.every(standsAlone)) throw new SmartCutRefused('it is Dolby Vision');
    if (!registered && vision.length === 0) return undefined;
    return { before: registered ? [registered] : [], behind: vision.map((unit) => Uint8Array.from(unit)) };
  }

  encoded(data: Uint8Array, first: boolean, beside?: Beside): Uint8Array | undefined {
    const own = this.#own;
    if (!own || (this.#vision && !beside?.behind.length)) return undefined;
    const units: Uint8Array[] = [];
    for (const unit of splitAnnexB(data)) {
      if (isParameterSet(unit)) return undefined;
      if (!isSlice(unit)) continue;
      const slice = toPictureSet(unit, own.ids.pps);
      if (!slice || (first && nalType(slice) < NAL.idrWithDecodableLeading)) return undefined;
      units.push(slice);
    }
    const longest = 256 ** (this.#config?.lengthSize ?? 4);
    if (units.length === 0 || units.some((unit) => unit.length >= longest)) return undefined;
    units.unshift(...(beside?.before ?? []));
    units.push(...(beside?.behind ?? []));
    if (first && this.#light) units.unshift(this.#light);
    if (first && !this.#config) units.unshift(...own.units);
    return this.#join(units);
  }

  rejoin(): Rejoin {
    let settled = false;
    return {
      packet: (data) => {
        if (settled) return data;
        settled = true;
        return this.#start(data);
      },
      get settled() {
        return settled;
      },
    };
  }

  /** The first packet behind a join. */
  #start(data: Uint8Array): Uint8Array {
    const units = this.#split(data);
    if (!units) return data;
    const started = units.map((unit) => (isSlice(unit) ? asSequenceStart(unit) : unit));
    // Without a sample description a decoder that starts here knows no sets but these.
    if (!this.#config && !units.some(isParameterSet)) {
      const at = nalType(units[0] ?? new Uint8Array()) === NAL.accessUnitDelimiter ? 1 : 0;
      started.splice(at, 0, ...this.#sets.values());
    }
    return started.length === units.length && started.every((unit, n) => unit === units[n])
      ? data
      : this.#join(started);
  }

  #ownUnits(): readonly Uint8Array[] {
    return this.#own?.units ?? [];
  }

  #learn(sets: readonly Uint8Array[]): void {
    for (const set of sets) this.#sets.set(key(set), set.slice());
  }

  #sequences(): (SequenceSet | undefined)[] {
    return [...this.#sets.values()].filter((set) => nalType(set) === NAL.sps).map(parseSequenceSet);
  }

  /** Ids of which the source uses none; undefined when a kind has none left. */
  #freeIds(): SetIds | undefined {
    const free = (type: number, ids: readonly number[]): number | undefined => {
      const sets = [...this.#sets.values()].filter((set) => nalType(set) === type);
      const used = new Set(sets.map(parameterSetId));
      return ids.find((id) => !used.has(id));
    };
    const low = Array.from({ length: 16 }, (_, id) => id);
    const vps = free(NAL.vps, low);
    const sps = free(NAL.sps, low);
    const pps = free(NAL.pps, [0, ...PICTURE_SET_IDS]);
    return vps === undefined || sps === undefined || pps === undefined ? undefined : { vps, sps, pps };
  }

  /** Takes the encoder's parameter sets on; false when they do not go with the source's. */
  #adopt(encoder: Uint8Array): boolean {
    const [source] = this.#sequences();
    const ids = this.#freeIds();
    const units = splitAnnexB(encoder).filter(isParameterSet);
    const types = units.map(nalType).sort((a, b) => a - b);
    const sps = units.map(parseSequenceSet).find((set) => set !== undefined);
    if (!source || !ids || !sps || types.join() !== [NAL.vps, NAL.sps, NAL.pps].join()) return false;
    if (units.some((unit) => parameterSetId(unit) !== 0)) return false;
    const same = (['chroma', 'lumaBits', 'chromaBits', 'width', 'height'] as const).every(
      (of) => sps[of] === source[of],
    );
    if (!same) return false;
    this.#own = { units: units.map((unit) => raiseLimits(renumber(unit, ids), source)), ids };
    return true;
  }

  #split(data: Uint8Array): Uint8Array[] | undefined {
    return this.#config ? splitLengthPrefixed(data, this.#config.lengthSize) : splitAnnexB(data);
  }

  #join(units: readonly Uint8Array[]): Uint8Array {
    return this.#config ? toLengthPrefixed(units, this.#config.lengthSize) : toAnnexB(units);
  }
}

function isVision(unit: Uint8Array): boolean {
  return nalType(unit) === NAL.dolbyVisionMetadata;
}

/** Pictures of both are shown alike: the same size, layout and depths. */
function isAlike(one: SequenceSet, other: SequenceSet): boolean {
  return (['chroma', 'lumaBits', 'chromaBits', 'width', 'height'] as const).every((of) => one[of] === other[of]);
}

function filled(size: number, block: number): number {
  return Math.ceil(size / block) * block;
}

function key(set: Uint8Array): string {
  return Buffer.from(set).toString('base64');
}
