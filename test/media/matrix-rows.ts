// The table of formats, row by row, each with a cut list that hurts. What another file proves is not repeated here:
// H.264 in mp4, its profiles and forms: smart-cut, h264-forms; HEVC in mp4, mov and mkv: hevc; VP8, VP9 and AV1 without
// sound: vpx-av1; sound of every codec, late, leading and alone: sound; subtitles, chapters, covers, words, languages:
// kept, isobmff; interlaced, MPEG-4 and MJPEG, clips without sound: other-sources.

type Cut = readonly (readonly [number, number])[];

export const FRAMES = 90;

/** Seconds, none of them at a frame's edge: containers that round times would disagree about it. */
export const CUTS = {
  'between keyframes': [[0.71, 1.23]],
  'from keyframe to keyframe': [[0.6651, 1.3325]],
  'of one frame': [[1.49, 1.51]],
  'of sections side by side': [
    [0.81, 1.11],
    [1.11, 1.42],
  ],
  'at the start': [[0, 0.37]],
  'up to the end': [[2.41, 60]],
  'of both ends and the middle': [
    [0, 0.21],
    [1.31, 1.69],
    [2.71, 60],
  ],
  'of twenty sections': Array.from({ length: 20 }, (_, n) => [0.11 + n * 0.14, 0.16 + n * 0.14] as const),
} as const satisfies Readonly<Record<string, Cut>>;

export interface Row {
  readonly name: string;
  /** Ending of the source, and of the result where it is another. */
  readonly from: string;
  readonly into?: string;
  readonly method: 'smart' | 'reencode';
  readonly cut: keyof typeof CUTS;
  readonly video?: string;
  readonly pixels?: string;
  readonly sound?: string | false;
  readonly rate?: string;
  /** The source is made of the numbered clip, which is in this container, with these arguments to ffmpeg. */
  readonly via?: string;
  readonly input?: string;
  readonly output?: string;
  /** Frames do not follow each other at equal steps: their times are the source's. */
  readonly uneven?: true;
  /** The sound is where its packets' times say, which ffmpeg's own resampling of the source misses. */
  readonly inStep?: true;
  /** Codec of the result's first sound where it is not the source's. */
  readonly heard?: string;
}

const X264 = '-c:v libx264 -preset veryfast -g 20 -sc_threshold 0';
export const CLOSED = `${X264} -bf 2`;
const OPEN = '-c:v libx264 -preset veryfast -bf 3 -x264-params keyint=20:open-gop=1:scenecut=0:b-pyramid=normal';
const X265 = '-c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=20:min-keyint=20:scenecut=0:bframes=3';
export const AAC = '-c:a aac -b:a 128k';
const VP8 = '-c:v libvpx -b:v 1M -crf 10 -g 20 -deadline realtime -cpu-used 8';
const VP9 = '-c:v libvpx-vp9 -b:v 0 -crf 32 -g 20 -deadline realtime -cpu-used 8';
const AV1 = '-c:v libsvtav1 -preset 12 -crf 35 -g 20';
// The clock of a transport stream has 33 bits of 90 kHz and begins anew after 26.5 hours; here within the clip.
const WRAPPING = '-output_ts_offset 95441.4';

export const ROWS: readonly Row[] = [
  // Transport streams
  { name: 'H.264 in ts', from: 'ts', method: 'smart', cut: 'of twenty sections', video: CLOSED },
  { name: 'H.264 of open groups in m2ts', from: 'm2ts', method: 'smart', cut: 'between keyframes', video: OPEN },
  { name: 'H.264 with AC-3 in ts', from: 'ts', method: 'smart', cut: 'at the start', video: CLOSED, sound: '-c:a ac3' },
  { name: 'H.264 with MP2 in ts', from: 'ts', method: 'smart', cut: 'up to the end', video: OPEN, sound: '-c:a mp2' },
  { name: 'H.264 without sound in ts', from: 'ts', method: 'smart', cut: 'of one frame', video: CLOSED, sound: false },
  {
    name: 'H.264 in a ts whose clock begins anew',
    from: 'ts',
    via: 'ts',
    output: WRAPPING,
    method: 'smart',
    cut: 'of both ends and the middle',
    video: CLOSED,
  },
  { name: 'HEVC in ts', from: 'ts', method: 'smart', cut: 'from keyframe to keyframe', video: `${X265}:open-gop=0` },
  {
    name: 'HEVC of open groups with 10 bit in ts',
    from: 'ts',
    method: 'smart',
    cut: 'of both ends and the middle',
    video: `${X265}:open-gop=1`,
    pixels: 'yuv420p10le',
  },
  { name: 'HEVC of twenty sections in ts', from: 'ts', method: 'smart', cut: 'of twenty sections', video: X265 },
  { name: 'H.264 from mkv into ts', from: 'mkv', into: 'ts', method: 'smart', cut: 'between keyframes', video: OPEN },
  { name: 'H.264 from mp4 into ts', from: 'mp4', into: 'ts', method: 'smart', cut: 'of one frame', video: CLOSED },
  {
    name: 'HEVC from ts into mp4',
    from: 'ts',
    into: 'mp4',
    method: 'reencode',
    cut: 'between keyframes',
    video: `${X265}:open-gop=0`,
  },
  {
    name: 'H.264 in a ts with the times of decoding',
    from: 'ts',
    via: 'h264',
    input: '-r 30',
    output: '-bsf:v setts=ts=N*3000',
    method: 'reencode',
    cut: 'of both ends and the middle',
    video: CLOSED,
    sound: false,
  },
  // mp4 and mov in every layout
  {
    name: 'mp4 with its index first',
    from: 'mp4',
    method: 'smart',
    cut: 'of twenty sections',
    output: '-movflags +faststart',
  },
  { name: 'mov with its index last', from: 'mov', method: 'smart', cut: 'from keyframe to keyframe', video: OPEN },
  {
    name: 'fragmented mp4',
    from: 'mp4',
    method: 'smart',
    cut: 'of sections side by side',
    inStep: true,
    output: '-movflags +frag_keyframe+empty_moov+default_base_moof',
  },
  {
    name: 'fragmented mov',
    from: 'mov',
    method: 'smart',
    cut: 'of both ends and the middle',
    inStep: true,
    output: '-movflags +frag_keyframe+empty_moov',
  },
  {
    name: 'mp4 whose edit list hides a pre-roll',
    from: 'mp4',
    via: 'mp4',
    input: '-ss 0.43',
    method: 'smart',
    cut: 'of one frame',
    video: CLOSED,
    uneven: true,
  },
  {
    name: 'mov whose edit list hides a pre-roll of an open group',
    from: 'mov',
    via: 'mov',
    input: '-ss 0.81',
    method: 'smart',
    cut: 'between keyframes',
    video: OPEN,
    uneven: true,
  },
  {
    name: 'mp4 without edit lists',
    from: 'mp4',
    method: 'smart',
    cut: 'at the start',
    inStep: true,
    output: '-use_editlist 0',
  },
  { name: 'H.264 from mp4 into mkv', from: 'mp4', into: 'mkv', method: 'smart', cut: 'of both ends and the middle' },
  {
    name: 'H.264 from mkv into mp4',
    from: 'mkv',
    into: 'mp4',
    method: 'smart',
    cut: 'of twenty sections',
    video: OPEN,
  },
  { name: 'HEVC from mkv into mp4', from: 'mkv', into: 'mp4', method: 'smart', cut: 'of twenty sections', video: X265 },
  {
    name: 'HEVC in mp4 with its headers in the pictures as well',
    from: 'mp4',
    method: 'smart',
    cut: 'of twenty sections',
    video: `${X265}:repeat-headers=1`,
  },
  {
    name: 'H.264 in mp4 with its headers in the pictures as well',
    from: 'mp4',
    method: 'smart',
    cut: 'of both ends and the middle',
    video: `${OPEN}:repeat-headers=1`,
  },
  { name: 'm4v', from: 'm4v', method: 'smart', cut: 'between keyframes' },
  // Rates
  { name: '23.976 in mp4', from: 'mp4', rate: '24000/1001', method: 'smart', cut: 'of both ends and the middle' },
  { name: '59.94 in mp4', from: 'mp4', rate: '60000/1001', method: 'smart', cut: 'between keyframes', video: OPEN },
  { name: '25 in mov', from: 'mov', rate: '25', method: 'smart', cut: 'of twenty sections' },
  { name: '59.94 in mkv', from: 'mkv', rate: '60000/1001', method: 'smart', cut: 'of sections side by side' },
  { name: '23.976 in ts', from: 'ts', rate: '24000/1001', method: 'smart', cut: 'between keyframes', video: CLOSED },
  ...(['mp4', 'mkv', 'ts'] as const).map((from): Row => ({
    name: `a variable rate in ${from}`,
    from,
    via: 'mp4',
    output: `-vf select='mod(n+1\\,3)*mod(n\\,7)' -vsync vfr ${CLOSED} -c:a copy`,
    method: 'smart',
    cut: 'between keyframes',
    uneven: true,
  })),
  // Web codecs with the sound they come with
  {
    name: 'VP8 and Vorbis in webm',
    from: 'webm',
    method: 'smart',
    cut: 'between keyframes',
    video: VP8,
    sound: '-c:a libvorbis',
  },
  {
    name: 'H.264 and Opus in a file called webm, as browsers record it',
    from: 'webm',
    method: 'smart',
    cut: 'of both ends and the middle',
    video: CLOSED,
    sound: '-c:a libopus',
    output: '-f matroska',
  },
  {
    name: 'VP9 and Opus in webm',
    from: 'webm',
    method: 'smart',
    cut: 'of twenty sections',
    video: VP9,
    sound: '-c:a libopus',
  },
  {
    name: 'AV1 and Opus in mp4',
    from: 'mp4',
    method: 'smart',
    cut: 'of both ends and the middle',
    video: AV1,
    sound: '-c:a libopus',
  },
  { name: 'AV1 and FLAC in mkv', from: 'mkv', method: 'smart', cut: 'of one frame', video: AV1, sound: '-c:a flac' },
  {
    name: 'AV1 with a pixel aspect',
    from: 'mp4',
    into: 'mkv',
    method: 'smart',
    cut: 'at the start',
    video: AV1,
    output: '-aspect 2.4',
  },
  {
    name: 'AAC of so low a rate that its packets are long',
    from: 'mp4',
    method: 'smart',
    cut: 'of both ends and the middle',
    sound: '-ac 1 -ar 8000 -c:a aac',
  },
  {
    name: 'eight channels of PCM in mov',
    from: 'mov',
    method: 'smart',
    cut: 'between keyframes',
    sound: '-ac 8 -c:a pcm_s16le',
  },
  // Every packet a picture of its own: nothing is encoded
  {
    name: 'ProRes and PCM in mov',
    from: 'mov',
    method: 'smart',
    cut: 'of both ends and the middle',
    video: '-c:v prores_ks',
    pixels: 'yuv422p10le',
    sound: '-c:a pcm_s24le',
  },
  {
    name: 'ProRes 4444 in mov',
    from: 'mov',
    method: 'smart',
    cut: 'of twenty sections',
    video: '-c:v prores_ks -profile:v 4444',
    pixels: 'yuva444p10le',
  },
  {
    name: 'ProRes from mov into mkv',
    from: 'mov',
    into: 'mkv',
    method: 'smart',
    cut: 'between keyframes',
    video: '-c:v prores_ks -profile:v proxy',
    pixels: 'yuv422p10le',
  },
  {
    name: 'ProRes from mkv into mov',
    from: 'mkv',
    into: 'mov',
    method: 'smart',
    cut: 'of one frame',
    video: '-c:v prores_ks -profile:v lt',
    pixels: 'yuv422p10le',
    sound: '-c:a pcm_s16le',
  },
  {
    name: 'Motion JPEG in mov',
    from: 'mov',
    method: 'smart',
    cut: 'of sections side by side',
    video: '-c:v mjpeg -q:v 3',
    pixels: 'yuvj420p',
  },
  {
    name: 'Motion JPEG from mkv into mov',
    from: 'mkv',
    into: 'mov',
    method: 'smart',
    cut: 'at the start',
    video: '-c:v mjpeg -q:v 3',
    pixels: 'yuvj422p',
  },
  {
    name: 'DNxHR in mov',
    from: 'mov',
    method: 'smart',
    cut: 'of both ends and the middle',
    video: '-c:v dnxhd -profile:v dnxhr_sq',
    pixels: 'yuv422p',
  },
  {
    name: 'CineForm in mov',
    from: 'mov',
    method: 'smart',
    cut: 'up to the end',
    video: '-c:v cfhd',
    pixels: 'yuv422p10le',
  },
  // What is encoded whole
  {
    name: 'MPEG-4 and AC-3 in AVI',
    from: 'avi',
    into: 'mp4',
    method: 'reencode',
    cut: 'of twenty sections',
    video: '-c:v mpeg4 -q:v 3',
    sound: '-c:a ac3',
  },
  {
    name: 'H.264 and AAC in FLV',
    from: 'flv',
    into: 'mp4',
    method: 'smart',
    cut: 'of both ends and the middle',
    video: CLOSED,
  },
  {
    name: 'Sorenson and MP3 in FLV',
    from: 'flv',
    into: 'mp4',
    method: 'reencode',
    cut: 'at the start',
    video: '-c:v flv -q:v 3',
    sound: '-c:a libmp3lame -ar 44100',
  },
  {
    name: 'WMV',
    from: 'wmv',
    into: 'mp4',
    method: 'reencode',
    cut: 'between keyframes',
    video: '-c:v wmv2 -q:v 3',
    sound: '-c:a wmav2',
    heard: 'aac',
  },
  {
    name: 'MPEG-2 in mpg',
    from: 'mpg',
    into: 'mp4',
    method: 'reencode',
    cut: 'of both ends and the middle',
    video: '-c:v mpeg2video -bf 2 -g 15 -q:v 3',
    sound: '-c:a mp2',
    heard: 'aac',
  },
  {
    name: 'MPEG-2 in ts',
    from: 'ts',
    method: 'reencode',
    cut: 'of one frame',
    video: '-c:v mpeg2video -bf 2 -g 15 -q:v 3',
    sound: '-c:a mp2',
  },
  {
    name: 'MPEG-4 in mp4',
    from: 'mp4',
    method: 'reencode',
    cut: 'up to the end',
    video: '-c:v mpeg4 -bf 2 -g 20 -q:v 3',
  },
];
