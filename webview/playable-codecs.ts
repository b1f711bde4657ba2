/** FFmpeg's names of codecs, and what a page is asked about them. Those it never plays have no type. */
const TYPES: Readonly<Record<string, string>> = {
  h264: 'video/mp4; codecs="avc1.640028"',
  hevc: 'video/mp4; codecs="hvc1.1.6.L120.B0"',
  vp8: 'video/webm; codecs="vp8"',
  vp9: 'video/webm; codecs="vp9"',
  av1: 'video/mp4; codecs="av01.0.08M.08"',
  aac: 'audio/mp4; codecs="mp4a.40.2"',
  mp3: 'audio/mpeg',
  opus: 'audio/webm; codecs="opus"',
  vorbis: 'audio/webm; codecs="vorbis"',
  flac: 'audio/flac',
  ac3: 'audio/mp4; codecs="ac-3"',
  eac3: 'audio/mp4; codecs="ec-3"',
  alac: 'audio/mp4; codecs="alac"',
  dts: 'audio/mp4; codecs="dtsc"',
};

const NEVER =
  /^(prores|dnxhd|mjpeg|mpeg[124]video|mpeg4|msmpeg4.*|wmv.*|wma.*|vc1|cinepak|svq.*|ffv1|huffyuv|rawvideo|mp2|truehd|adpcm_.*|cook)$/;

/**
 * Whether a page can play a codec.
 *
 * @param ask the page's `canPlayType`: '' when it cannot.
 * @returns undefined where its name does not tell. A true is a promise only: VS Code's Chromium says it plays AAC, for
 * which it has no decoder (microsoft/vscode#167685), so look whether anything is decoded.
 */
export function canPlay(codec: string, ask: (type: string) => string): boolean | undefined {
  if (NEVER.test(codec)) return false;
  const type = TYPES[codec];
  return type === undefined ? undefined : ask(type) !== '';
}
