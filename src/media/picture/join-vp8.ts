import { readVp8Frame, type Vp8Key } from '../bitstream/vp8.js';
import { UNCHANGED, type JoinCodec, type TrackCoding } from './join-codec.js';
import type { Obstacle } from '../obstacles.js';

/** VP8 needs nothing but a keyframe: that one sets everything anew, and no frame is shown before another decoded earlier. */
export function createVp8Join(track: TrackCoding): JoinCodec {
  let key: Vp8Key | undefined;
  let obstacle: Obstacle | undefined = track.transparent ? 'it is transparent in part' : undefined;
  return {
    entry(data) {
      const frame = readVp8Frame(data);
      if (!frame) obstacle ??= 'one of its pictures is damaged';
      if (!frame?.key) return 'none';
      key ??= frame.key;
      if (frame.key.scaled) obstacle ??= 'its pictures are enlarged by the player';
      if (!sameSize(frame.key, key)) obstacle ??= 'its pictures change their size midway';
      return frame.shown ? 'closed' : 'none';
    },
    obstacle: () => obstacle,
    coding(traits) {
      if (track.pixelFormat !== 'yuv420p' || !key || !sameSize(traits, key)) return undefined;
      const options = {
        ...VPX_JOIN_OPTIONS,
        crf: '4',
        qmin: '1',
        qmax: '12',
        slices: '4',
        // Threads of VP8 wait for each other by spinning, row by row: with short rows one alone is faster.
        ...(key.width < 1000 ? { threads: '1' } : {}),
      };
      // No target but the upper bound that libvpx asks for; the quantizers decide.
      const bitRate = Math.round(Math.max(10_000_000, key.width * key.height * track.frameRate * 2));
      return { encoder: 'libvpx', pixelFormat: traits.pixelFormat, options, bitRate, gopSize: 600, reorder: 0 };
    },
    describe: () => ({ extradata: track.extradata, tag: 'vp08' }),
    encoded(data, first) {
      const frame = readVp8Frame(data);
      if (!frame?.shown || (first && !frame.key)) return undefined;
      return frame.key && (!key || !sameSize(frame.key, key)) ? undefined : data;
    },
    rejoin: () => UNCHANGED,
    invisible: (data) => readVp8Frame(data)?.shown === false,
  };
}

/**
 * For a few dozen frames at once: as they come, one packet each, no alternate references; libvpx's slower steps bring
 * nothing at these rates.
 */
export const VPX_JOIN_OPTIONS: Readonly<Record<string, string>> = {
  deadline: 'good',
  'cpu-used': '4',
  'lag-in-frames': '0',
  'auto-alt-ref': '0',
};

function sameSize(a: { width: number; height: number }, b: { width: number; height: number }): boolean {
  return a.width === b.width && a.height === b.height;
}
