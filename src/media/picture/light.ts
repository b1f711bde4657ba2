import type { CodecParameters, Frame, Stream } from 'node-av/lib';

import { check, native } from '../native.js';

/**
 * What pictures of high dynamic range say about the screen they were graded on (SMPTE ST 2086) and about how bright they
 * get (CTA-861.3), as FFmpeg's libraries lay it out in memory; undefined what they do not say.
 */
export interface Light {
  readonly screen: Buffer | undefined;
  readonly level: Buffer | undefined;
  /** It changes from picture to picture as well (HDR10+), which no encoder here writes. */
  readonly changes: boolean;
}

/** Whether pictures of a track may say it. */
export function hasLight({ codecpar }: Stream): boolean {
  const { c } = native();
  return codecpar.colorTrc === c.AVCOL_TRC_SMPTE2084 || codecpar.colorTrc === c.AVCOL_TRC_ARIB_STD_B67;
}

/** What a decoded picture says, else its track. The frame may be freed afterwards. */
export function lightOf(frame: Frame, { codecpar }: Stream): Light {
  const { c } = native();
  const copied = (data: Buffer | null): Buffer | undefined => (data ? Buffer.from(data) : undefined);
  return {
    screen: copied(
      frame.getSideData(c.AV_FRAME_DATA_MASTERING_DISPLAY_METADATA) ??
        codecpar.getCodedSideData(c.AV_PKT_DATA_MASTERING_DISPLAY_METADATA),
    ),
    level: copied(
      frame.getSideData(c.AV_FRAME_DATA_CONTENT_LIGHT_LEVEL) ??
        codecpar.getCodedSideData(c.AV_PKT_DATA_CONTENT_LIGHT_LEVEL),
    ),
    changes: frame.getSideData(c.AV_FRAME_DATA_DYNAMIC_HDR_PLUS) !== null,
  };
}

/** The same for the track that is written: mp4 and Matroska have places of their own for it. */
export function describeLight({ screen, level }: Light, to: CodecParameters): void {
  const { c } = native();
  const add = (type: Parameters<CodecParameters['addCodedSideData']>[0], data: Buffer | undefined): void => {
    if (data && !to.getCodedSideData(type)) check(to.addCodedSideData(type, data), 'describe track');
  };
  add(c.AV_PKT_DATA_MASTERING_DISPLAY_METADATA, screen);
  add(c.AV_PKT_DATA_CONTENT_LIGHT_LEVEL, level);
}

/** Parameters of an encoder that has the pictures say it; none where it cannot. @param encoder FFmpeg's name */
export function lightParameters({ screen, level }: Light, encoder: string): readonly string[] {
  const names: Partial<Record<string, readonly [string, string]>> = {
    libx265: ['master-display', 'max-cll'],
    libx264: ['mastering-display', 'cll'],
  };
  const [forScreen, forLevel] = names[encoder] ?? [];
  const parameters: string[] = [];
  const shown = screen && screenWords(screen);
  if (forScreen !== undefined && shown !== undefined) parameters.push(`${forScreen}=${shown}`);
  if (forLevel !== undefined && level && level.length >= 8) {
    parameters.push(`${forLevel}=${level.readUInt32LE(0)},${level.readUInt32LE(4)}`);
  }
  if (encoder === 'libx265' && parameters.length > 0) parameters.push('hdr10=1');
  return parameters;
}

/** As x264 and x265 write it: chromaticity in steps of 0.00002, luminance in steps of 0.0001 cd/m². */
function screenWords(data: Buffer): string | undefined {
  // AVMasteringDisplayMetadata: red, green and blue, white, darkest and brightest as fractions, and which are there.
  if (data.length < 88 || data.readInt32LE(80) === 0 || data.readInt32LE(84) === 0) return undefined;
  const fraction = (n: number, unit: number): number => {
    return Math.round((data.readInt32LE(n * 8) / Math.max(1, data.readInt32LE(n * 8 + 4))) * unit);
  };
  const point = (n: number): string => `(${fraction(n, 50_000)},${fraction(n + 1, 50_000)})`;
  return `G${point(2)}B${point(4)}R${point(0)}WP${point(6)}L(${fraction(9, 10_000)},${fraction(8, 10_000)})`;
}
