import { createHash, randomUUID } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import * as l10n from '@vscode/l10n';
import { MediaError, type ClipSummary, type MediaEngine } from '../media/media.js';
import { Refusal } from './http.js';
import { sameFile, type Clip, type ClipIdentity } from './session-record.js';

const PICTURES = new Set(['.jpg', '.jpeg', '.png', '.gif', '.webp']);
/** How much of each end of a file goes into its hash. */
const HASHED_BYTES = 65_536;

/**
 * Looks at a file and makes a clip of it: nothing cut yet. The file is only read.
 *
 * @throws Refusal with a plain message: not found, a folder, empty, a picture, not media. Never 4001, which the client
 *   answers with the cloud's list of formats: here the message says what is wrong with this very file.
 */
export async function takeIn(path: string, filename: string, media: MediaEngine): Promise<Clip> {
  const identity = await identify(path, filename);
  if (identity.size === 0) throw new Refusal(422, 4220, l10n.t('{0} is empty (0 bytes).', filename));
  if (PICTURES.has(extname(filename).toLowerCase())) {
    throw new Refusal(
      415,
      4001,
      l10n.t('{0} is a picture. On this machine only video and sound can be cut; the cloud takes pictures.', filename),
    );
  }
  let summary: ClipSummary;
  try {
    summary = await media.probe(path);
  } catch (error) {
    if (!(error instanceof MediaError)) throw error;
    throw new Refusal(422, 4220, error.message, { cause: error });
  }
  if (summary.duration <= 0)
    throw new Refusal(422, 4220, l10n.t('{0} has no length, so nothing can be cut out of it.', filename));
  const { video } = summary;
  return {
    asset: randomUUID(),
    identity,
    filename,
    fileType: video ? 'video' : 'audio',
    container: summary.container,
    duration: summary.duration,
    ...(video ? { width: displayed(video).width, height: displayed(video).height, fps: video.frameRate } : {}),
    hash: await hashEnds(path, identity.size),
    hasSound: summary.audio.length > 0,
    kept: [{ in: 0, out: summary.duration }],
    past: [],
    future: [],
  };
}

/** A phone's upright video is stored lying down and turned for display. */
function displayed(video: { width: number; height: number; rotation: number }): { width: number; height: number } {
  const turned = video.rotation % 180 !== 0;
  return turned ? { width: video.height, height: video.width } : { width: video.width, height: video.height };
}

async function identify(path: string, filename: string): Promise<ClipIdentity> {
  const found = await stat(path, { bigint: true }).catch((error: unknown) => {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const message = missing
      ? l10n.t('{0} does not exist any more.', filename)
      : l10n.t('{0} cannot be opened.', filename);
    throw new Refusal(422, 4220, message, { cause: error });
  });
  if (found.isDirectory()) throw new Refusal(422, 4220, l10n.t('{0} is a folder. Choose a video file.', filename));
  if (!found.isFile()) throw new Refusal(422, 4220, l10n.t('{0} is not a file.', filename));
  return { path, size: Number(found.size), mtimeMs: Number(found.mtimeMs), inode: String(found.ino) };
}

/**
 * Makes sure that the clip's file is still the one that was taken in.
 *
 * @throws Refusal saying that it is gone or was changed
 */
export async function checkUnchanged(clip: Clip): Promise<void> {
  const now = await identify(clip.identity.path, clip.filename).catch((error: unknown) => {
    const message = l10n.t(
      '{0} was moved, renamed or deleted. Put it back, or open it again where it is now.',
      clip.filename,
    );
    throw new Refusal(422, 4220, message, { cause: error });
  });
  if (!sameFile(now, clip.identity)) {
    throw new Refusal(
      422,
      4220,
      l10n.t('{0} was changed since it was opened. Open it again and repeat the cut.', clip.filename),
    );
  }
}

/** @returns whether the file of one of these clips is not where it was any more */
export async function goneClips(clips: readonly Clip[]): Promise<(clip: Clip) => boolean> {
  const gone = new Set<Clip>();
  for (const clip of clips) await stat(clip.identity.path).catch(() => gone.add(clip));
  return (clip) => gone.has(clip);
}

async function hashEnds(path: string, size: number): Promise<string> {
  const hash = createHash('sha256').update(String(size));
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(HASHED_BYTES);
    for (const position of size > HASHED_BYTES ? [0, size - HASHED_BYTES] : [0]) {
      const { bytesRead } = await file.read(buffer, 0, HASHED_BYTES, position);
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

/** What the API tells about a file, in its units: seconds. */
export function describeFile(clip: Clip, url: string): Record<string, unknown> {
  return {
    filename: clip.filename,
    file_type: clip.fileType,
    cdn_url: url,
    duration: clip.duration / 1_000_000,
    ...(clip.width === undefined ? {} : { width: clip.width, height: clip.height, fps: clip.fps }),
    hash: clip.hash,
    asset: clip.asset,
  };
}

/** The last part of a path as this system writes paths, with its ending; empty for a bare root. */
export function fileName(path: string): string {
  return basename(path);
}
