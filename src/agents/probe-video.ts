import * as z from 'zod/mini';
import type { ClipSummary } from '../media/media.js';
import { aboutSize } from '../timeline/about-size.js';
import { formatLength, toSeconds, type Microseconds } from '../timeline/timecode.js';
import type { AgentTool } from './agent-tool.js';
import { clipPath } from './tool-input.js';

/** Enough for hours of ordinary video; where there are more, their distance is hardly of interest. */
const MOST_KEYFRAMES = 100_000;

const input = z.strictObject({ path: clipPath });

const output = z.object({
  path: z.string(),
  container: z.string().check(z.describe('mp4, mov, matroska, webm, avi, …')),
  bytes: z.number(),
  duration: z.number().check(z.describe('Seconds.')),
  video: z.nullable(
    z.object({
      codec: z.string(),
      width: z.number().check(z.describe('Pixels as stored, before rotation.')),
      height: z.number(),
      rotation: z.number().check(z.describe('Clockwise degrees for display: 0, 90, 180 or 270.')),
      frameRate: z.number().check(z.describe('Average frames per second.')),
      frames: z.nullable(z.number()),
    }),
  ),
  audio: z.array(
    z.object({
      codec: z.string(),
      sampleRate: z.number(),
      channels: z.number(),
      language: z.nullable(z.string()),
    }),
  ),
  otherTracks: z
    .array(z.object({ kind: z.string(), codec: z.string(), language: z.nullable(z.string()) }))
    .check(z.describe('Subtitles, cover pictures, attachments, data.')),
  keyframes: z
    .nullable(
      z.object({
        count: z.number(),
        averageInterval: z.number().check(z.describe('Seconds.')),
        longestInterval: z.number().check(z.describe('Seconds.')),
      }),
    )
    .check(z.describe('null where the container would have to be read whole to tell. Cuts need no keyframes.')),
  chapters: z.array(z.object({ start: z.number().check(z.describe('Seconds.')), title: z.string() })),
});

type Output = z.infer<typeof output>;

export const probeVideo: AgentTool<typeof input, Output> = {
  name: 'probe_video',
  title: 'Probe Video',
  description: `Tells what a video or sound file on this machine is, from its headers and index, without decoding it: length in seconds, size in bytes, container, picture (codec, pixels, rotation, frame rate), sound tracks, subtitles and other tracks, distance of keyframes, and chapters with their times.
Give the absolute path. Only reads: it writes no file, changes nothing and uploads nothing.`,
  input,
  output,
  readOnly: true,
  async run({ path }, { files, media }, { signal }) {
    const clip = await files.source(path);
    const summary = await media.probe(clip, { signal });
    const extras = await media.extras(clip, { signal });
    const keyframes = summary.video ? await media.keyframes(clip, MOST_KEYFRAMES, { signal }) : [];
    const { video } = summary;
    const data: Output = {
      path: clip,
      container: summary.container,
      bytes: summary.size,
      duration: toSeconds(summary.duration),
      video: video ? { ...video, frames: video.frames ?? null } : null,
      audio: summary.audio.map((track) => ({ ...track, language: track.language ?? null })),
      otherTracks: extras.tracks.map((track) => ({ ...track, language: track.language ?? null })),
      keyframes: intervals(keyframes, summary.duration),
      chapters: extras.chapters.map(({ start, title }) => ({ start: toSeconds(start), title })),
    };
    return { text: inWords(summary, data), data };
  },
};

function intervals(keyframes: readonly Microseconds[], duration: Microseconds): Output['keyframes'] {
  const [first] = keyframes;
  if (first === undefined) return null;
  const lengths = keyframes.map((time, index) => (keyframes[index + 1] ?? duration) - time);
  return {
    count: keyframes.length,
    averageInterval: toSeconds(Math.max(0, duration - first) / keyframes.length),
    // Not spread into Math.max: there may be a hundred thousand.
    longestInterval: toSeconds(lengths.reduce((longest, length) => Math.max(longest, length), 0)),
  };
}

function inWords({ duration, size, video, audio }: ClipSummary, { container, otherTracks, chapters }: Output): string {
  const sound = audio.map(({ codec, sampleRate, channels }) => `${codec} ${sampleRate} Hz ${channels} ch`);
  const picture = video
    ? `${video.codec} ${video.width}×${video.height}${video.rotation === 0 ? '' : ` turned by ${video.rotation}°`}, ${round(video.frameRate)} fps`
    : 'no picture';
  const facts = [
    `${formatLength(duration)} long`,
    container,
    aboutSize(size),
    picture,
    sound.length > 0 ? `sound: ${sound.join(', ')}` : 'no sound',
    ...(otherTracks.length > 0
      ? [`also ${otherTracks.map(({ kind, codec }) => `${kind} (${codec})`).join(', ')}`]
      : []),
    ...(chapters.length > 0 ? [`${chapters.length} chapters`] : []),
  ];
  return `${facts.join('; ')}.`;
}

function round(rate: number): string {
  return String(Math.round(rate * 1000) / 1000);
}
