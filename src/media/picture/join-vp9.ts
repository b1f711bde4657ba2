import { readVp9Frame, splitSuperframe, withVp9Colour, type Vp9Frame, type Vp9Key } from '../bitstream/vp9.js';
import { UNCHANGED, type JoinCodec, type TrackCoding } from './join-codec.js';
import { VPX_JOIN_OPTIONS } from './join-vp8.js';
import type { Obstacle } from '../obstacles.js';

/** VP9 keyframes carry the whole coding and set everything anew; no packet is shown before another decoded earlier. */
export function createVp9Join(track: TrackCoding): JoinCodec {
  let source: Coded | undefined;
  let obstacle: Obstacle | undefined = track.transparent ? 'it is transparent in part' : undefined;
  return {
    entry(data) {
      const frames = readPacket(data);
      if (!frames) obstacle ??= 'one of its pictures is damaged';
      const key = frames && codedKey(frames[0]);
      if (!key) return 'none';
      source ??= key;
      const shown = shownFrames(frames);
      if (shown > 1) obstacle ??= 'its pictures are coded in layers';
      if (key.width !== source.width || key.height !== source.height) {
        obstacle ??= 'its pictures change their size midway';
      }
      if (!fits(key, source) || key.space !== source.space || key.range !== source.range) {
        obstacle ??= 'its coding parameters change midway';
      }
      return shown > 0 ? 'closed' : 'none';
    },
    obstacle: () => obstacle,
    coding(traits) {
      if (source?.width !== traits.width || source.height !== traits.height) return undefined;
      if (!pixelFormats(source).includes(track.pixelFormat)) return undefined;
      const options = { ...VPX_JOIN_OPTIONS, crf: '8', 'row-mt': '1', 'aq-mode': '0' };
      return { encoder: 'libvpx-vp9', pixelFormat: traits.pixelFormat, options, bitRate: 0, gopSize: 600, reorder: 0 };
    },
    describe: () => ({ extradata: track.extradata, tag: 'vp09' }),
    encoded(data, first) {
      const frames = readPacket(data);
      const key = codedKey(frames?.[0]);
      if (!frames || frames.length !== 1 || shownFrames(frames) !== 1 || (first && !key)) return undefined;
      if (!key) return data;
      if (!source || !fits(key, source)) return undefined;
      return withVp9Colour(data, key, source);
    },
    rejoin: () => UNCHANGED,
    invisible(data) {
      const frames = readPacket(data);
      return frames !== undefined && shownFrames(frames) === 0;
    },
  };
}

interface Coded extends Vp9Key {
  readonly profile: number;
}

function readPacket(data: Uint8Array): Vp9Frame[] | undefined {
  const frames = splitSuperframe(data)?.map(readVp9Frame);
  return frames?.every((frame) => frame !== undefined) ? frames : undefined;
}

function codedKey(frame: Vp9Frame | undefined): Coded | undefined {
  return frame?.key && { ...frame.key, profile: frame.profile };
}

function shownFrames(frames: readonly Vp9Frame[]): number {
  return frames.filter(({ shown }) => shown).length;
}

function fits(a: Coded, b: Coded): boolean {
  return (
    a.profile === b.profile &&
    a.depth === b.depth &&
    a.width === b.width &&
    a.height === b.height &&
    a.subsampling[0] === b.subsampling[0] &&
    a.subsampling[1] === b.subsampling[1]
  );
}

/** FFmpeg's names of what such a keyframe holds; the encoder takes profile, depth and chroma from the name. */
function pixelFormats({ depth, subsampling: [x, y], space }: Coded): string[] {
  const chroma = x ? (y ? '420' : '422') : y ? '440' : '444';
  const bits = depth === 8 ? '' : `${depth}le`;
  return space === RGB_SPACE ? [`gbrp${bits}`] : [`yuv${chroma}p${bits}`];
}

const RGB_SPACE = 7;
