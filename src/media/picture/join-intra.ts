import { type JoinCodec, type TrackCoding, UNCHANGED } from './join-codec.js';
import { canEncode, type PictureCoding } from './picture-encoder.js';

/** Sample descriptions of ProRes, in the order of the encoder's profiles: proxy, LT, 422, HQ, 4444, 4444 XQ. */
const PRORES = ['apco', 'apcs', 'apcn', 'apch', 'ap4h', 'ap4x'];
/** FFmpeg's step of quality 2, the finest but one, in units of its lambda. */
const FINE = '236';

/** What is particular to a codec. */
export interface IntraCodec {
  /** Four characters for mov, where the source has none. */
  readonly tag: string;
  /** It tells the kind of the codec. */
  readonly tagMatters?: boolean;
  /** How pictures of a dissolve are encoded; undefined where no encoder goes on in the same way. */
  readonly mixed: (track: TrackCoding) => Pick<PictureCoding, 'encoder' | 'options'> | undefined;
}

export const PRORES_JOIN: IntraCodec = {
  tag: 'apch',
  tagMatters: true,
  mixed: ({ tag = '' }) => {
    const profile = PRORES.indexOf(tag);
    return profile < 0 ? undefined : { encoder: 'prores_ks', options: { profile: String(profile), vendor: 'apl0' } };
  },
};
export const MOTION_JPEG_JOIN: IntraCodec = {
  tag: 'jpeg',
  mixed: () => ({
    encoder: 'mjpeg',
    options: { flags: '+qscale', global_quality: FINE, qmin: '1', strict: 'unofficial' },
  }),
};
/** DNxHD and CineForm, whose encoders are tied to sizes and rates. */
export const COPIED_JOIN: IntraCodec = { tag: '', mixed: () => undefined };

/**
 * Codecs of which every packet is a picture of its own, as cameras and editing programs write them: they are copied, and
 * nothing is encoded unless a dissolve mixes pictures.
 */
export function createIntraJoin(track: TrackCoding, { tag, tagMatters = false, mixed }: IntraCodec): JoinCodec {
  return {
    allEntries: true,
    entry: () => 'closed',
    obstacle: () => undefined,
    coding({ pixelFormat, interlaced }) {
      const coding = mixed(track);
      // The encoders would make whole pictures of fields.
      if (!coding || interlaced || !canEncode(coding.encoder, pixelFormat)) return undefined;
      return { ...coding, pixelFormat, reorder: 0 };
    },
    describe: () => ({ extradata: track.extradata, tag: track.tag ?? tag, tagMatters }),
    encoded: (data) => data,
    rejoin: () => UNCHANGED,
  };
}
