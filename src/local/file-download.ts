import { createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { RenderedFile } from './render-queue.js';

const TYPES = new Map([
  ['mp4', 'video/mp4'],
  ['mov', 'video/quicktime'],
  ['mkv', 'video/x-matroska'],
  ['webm', 'video/webm'],
  ['m4a', 'audio/mp4'],
  ['mp3', 'audio/mpeg'],
  ['wav', 'audio/wav'],
]);

/**
 * Sends a rendered file, or the one byte range asked for, so that a download can resume.
 *
 * @returns whether the file was sent to its end
 */
export async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: RenderedFile,
  format: string,
): Promise<boolean> {
  // The name of a rendered file is unique, so it stands for the content.
  const etag = `"${basename(file.path)}"`;
  const condition = request.headers['if-range'];
  const ranged = condition === undefined || condition === etag;
  const range = ranged ? readRange(request.headers.range, file.size) : undefined;
  const headers = {
    ETag: etag,
    'Content-Type': TYPES.get(format) ?? 'application/octet-stream',
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'no-store',
  };
  if (range === 'outside') {
    response.writeHead(416, { ...headers, 'Content-Range': `bytes */${file.size}` }).end();
    return false;
  }
  const { first, last } = range ?? { first: 0, last: file.size - 1 };
  response.writeHead(range ? 206 : 200, {
    ...headers,
    'Content-Length': last - first + 1,
    ...(range ? { 'Content-Range': `bytes ${first}-${last}/${file.size}` } : {}),
  });
  if (request.method === 'HEAD') {
    response.end();
    return false;
  }
  return await pipeline(createReadStream(file.path, { start: first, end: last }), response).then(
    () => last === file.size - 1,
    // A client that goes away ends the pipeline with an error that nobody needs to hear of.
    () => false,
  );
}

/** @returns undefined for the whole file: no range, several ranges, or a unit that is not bytes (RFC 9110, 14.2) */
function readRange(header: string | undefined, size: number): { first: number; last: number } | 'outside' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (!match) return undefined;
  const [, from = '', to = ''] = match;
  if (from === '' && to === '') return undefined;
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  return first >= size || last < first ? 'outside' : { first, last };
}
