/** What a container holds beside picture and sound. */
export interface Capacity {
  /** FFmpeg's names of subtitle codecs that it holds as they are. */
  readonly subtitles: readonly string[];
  /** What text of other codecs becomes; undefined where no text goes in. */
  readonly text: 'subrip' | 'webvtt' | 'mov_text' | undefined;
  /** FFmpeg's names of codecs of data tracks; a colon parts off the tag where that decides. */
  readonly data: readonly string[];
  /** The timecode of the first frame. */
  readonly timecode: boolean;
  /** Fonts and other files inside the clip. */
  readonly attachments: boolean;
  /** How the cover picture goes in, and its codecs; undefined where none can. */
  readonly cover: { readonly as: 'track' | 'attachment'; readonly codecs: readonly string[] } | undefined;
  readonly chapters: 'matroska' | 'chpl' | 'comments' | 'id3' | undefined;
}

const NOTHING: Capacity = {
  subtitles: [],
  text: undefined,
  data: [],
  timecode: false,
  attachments: false,
  cover: undefined,
  chapters: undefined,
};
const COVER_TRACK = { as: 'track', codecs: ['mjpeg', 'png', 'bmp'] } as const;
const MP4: Capacity = {
  subtitles: ['mov_text', 'dvd_subtitle'],
  text: 'mov_text',
  data: ['bin_data:gpmd'],
  timecode: true,
  attachments: false,
  cover: COVER_TRACK,
  chapters: 'chpl',
};

// By FFmpeg's muxer.
const CAPACITIES: Readonly<Record<string, Capacity>> = {
  mp4: MP4,
  // FFmpeg writes covers among the tags of iTunes only, which mov does not have.
  mov: { ...MP4, subtitles: ['mov_text'], data: [], cover: undefined },
  ipod: { ...MP4, subtitles: [], text: undefined, data: [], timecode: false },
  matroska: {
    subtitles: ['subrip', 'ass', 'webvtt', 'text', 'hdmv_pgs_subtitle', 'dvd_subtitle', 'dvb_subtitle'],
    text: 'subrip',
    data: [],
    timecode: true,
    attachments: true,
    cover: { as: 'attachment', codecs: ['mjpeg', 'png', 'bmp', 'gif', 'webp', 'tiff'] },
    chapters: 'matroska',
  },
  webm: { ...NOTHING, subtitles: ['webvtt'], text: 'webvtt', chapters: 'matroska' },
  mpegts: { ...NOTHING, subtitles: ['dvb_subtitle'], data: ['klv', 'timed_id3', 'dvb_teletext'] },
  mp3: { ...NOTHING, cover: COVER_TRACK, chapters: 'id3' },
  flac: { ...NOTHING, cover: COVER_TRACK, chapters: 'comments' },
  ogg: { ...NOTHING, chapters: 'comments' },
};

/** @param muxer FFmpeg's name */
export function capacity(muxer: string): Capacity {
  return CAPACITIES[muxer] ?? NOTHING;
}
