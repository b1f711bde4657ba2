import { open, stat, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as l10n from '@vscode/l10n';
import type { Api, ApiCall } from './api.js';
import { NemoError } from './errors.js';
import { fileError } from './file-errors.js';
import { contentTypeOf, extensionOf, isSupportedFile, MAX_UPLOAD_BYTES, SUPPORTED_EXTENSIONS } from './formats.js';
import type { UploadedFile, UploadOptions, UploadProgress } from './protocol.js';
import { readUpload } from './schemas.js';

const CHUNK_BYTES = 512 * 1024;
/**
 * One being sent, one being read, one more: a chunk is larger than what a socket takes at once, so undici asks for the
 * next but one only when the socket has let go of it, and its buffer can be filled again.
 */
const READ_BUFFERS = 3;
/** A broken upload starts again, once: it costs no credits. */
const RESEND_PAUSES: readonly number[] = [1_000];

interface FileToSend {
  readonly path: string;
  readonly name: string;
  readonly size: number;
}

/** Sends files as multipart, streamed from disk: memory stays the same whatever their size. */
export async function uploadFiles(
  api: Api,
  sessionId: string,
  paths: readonly string[],
  options: UploadOptions,
): Promise<UploadedFile[]> {
  const files = await Promise.all(paths.map(findFile));
  for (const file of files) refuseUnsendable(file, api.context.service);
  const totalBytes = files.reduce((sum, file) => sum + file.size, 0);
  const boundary = `----video-trimmer-${crypto.randomUUID()}`;
  const frames = files.map((file) => partHeader(file, boundary));
  const closing = Buffer.from(`--${boundary}--\r\n`);
  const overhead = frames.reduce((sum, frame) => sum + frame.length + 2, closing.length);
  return send(api, sessionId, options, {
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': String(totalBytes + overhead),
    },
    resendPauses: RESEND_PAUSES,
    body: () => multipart(files, frames, closing, (sentBytes) => options.onProgress?.({ sentBytes, totalBytes })),
  });
}

/** Tells our own engine, which reads the same disk, where the files are. No limit, nothing is copied. */
export async function handOverFiles(
  api: Api,
  sessionId: string,
  paths: readonly string[],
  options: UploadOptions,
): Promise<UploadedFile[]> {
  const files = await Promise.all(paths.map(findFile));
  const uploaded = await sendUrls(
    api,
    sessionId,
    files.map((file) => pathToFileURL(file.path).href),
    options,
  );
  const totalBytes = files.reduce((sum, file) => sum + file.size, 0);
  options.onProgress?.({ sentBytes: totalBytes, totalBytes });
  return uploaded;
}

/** Has the server fetch the files, and tells what it made of them. @throws NemoError, or the signal's reason */
export async function sendUrls(
  api: Api,
  sessionId: string,
  urls: readonly string[],
  options: Pick<UploadOptions, 'signal'>,
): Promise<UploadedFile[]> {
  return send(api, sessionId, options, { body: () => JSON.stringify({ urls, source_type: 'url' }) });
}

async function send(
  api: Api,
  sessionId: string,
  options: Pick<UploadOptions, 'signal'>,
  content: Pick<ApiCall, 'headers' | 'body' | 'resendPauses'>,
): Promise<UploadedFile[]> {
  const answer = await api.json({
    ...content,
    method: 'POST',
    path: `/api/upload-video/nemo_agent/me/${encodeURIComponent(sessionId)}`,
    signal: options.signal,
    ofSession: true,
    // After the last byte the server looks into the file before it answers.
    headersTimeout: 'work',
  });
  const files = readUpload(answer);
  if (!files)
    throw new NemoError('bad-answer', l10n.t('{0} did not say what it did with the file.', api.context.service));
  return files;
}

async function findFile(path: string): Promise<FileToSend> {
  const name = basename(path);
  const found = await stat(path).catch((error: unknown) => {
    throw fileError(error, name);
  });
  if (!found.isFile()) throw new NemoError('file', l10n.t('{0} is not a file.', name));
  if (found.size === 0) throw new NemoError('file', l10n.t('{0} is empty.', name));
  return { path, name, size: found.size };
}

function refuseUnsendable(file: FileToSend, service: string): void {
  if (!isSupportedFile(file.name)) {
    const extension = extensionOf(file.name);
    const taken = SUPPORTED_EXTENSIONS.join(', ');
    const message =
      extension === ''
        ? l10n.t('{0} does not take files without an extension. It takes {1}.', service, taken)
        : l10n.t('{0} does not take .{1} files. It takes {2}.', service, extension, taken);
    throw new NemoError('unsupported-file', message);
  }
  if (file.size > MAX_UPLOAD_BYTES) {
    const size = Math.ceil(file.size / 1024 / 1024);
    const message = l10n.t(
      '{0} has {1} MB; {2} takes 500 MB at most. Compress or trim it first.',
      file.name,
      size,
      service,
    );
    throw new NemoError('too-large', message);
  }
}

function partHeader(file: FileToSend, boundary: string): Buffer {
  // As browsers write it (HTML standard, multipart/form-data encoding), and other control characters in the same way:
  // no header may have them, and servers refuse the whole upload.
  // eslint-disable-next-line no-control-regex
  const name = file.name.replace(/["\u0000-\u001f\u007f]/gu, (letter) => {
    return `%${letter.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  });
  return Buffer.from(
    `--${boundary}\r\nContent-Disposition: form-data; name="files"; filename="${name}"\r\n` +
      `Content-Type: ${contentTypeOf(file.name)}\r\n\r\n`,
  );
}

async function* multipart(
  files: readonly FileToSend[],
  frames: readonly Buffer[],
  closing: Buffer,
  report: (sentBytes: UploadProgress['sentBytes']) => void,
): AsyncGenerator<Uint8Array> {
  let sent = 0;
  report(0);
  for (const [index, file] of files.entries()) {
    yield frames[index] ?? Buffer.alloc(0);
    for await (const chunk of readWhole(file)) {
      yield chunk;
      // The next chunk is asked for when the network has taken this one.
      sent += chunk.length;
      report(sent);
    }
    yield Buffer.from('\r\n');
  }
  yield closing;
}

/** Exactly the bytes that were announced; a file that changes meanwhile must not end up half old, half new. */
async function* readWhole(file: FileToSend): AsyncGenerator<Uint8Array> {
  const handle = await open(file.path, 'r').catch((error: unknown) => {
    throw fileError(error, file.name);
  });
  const buffers: Buffer[] = [];
  let ahead: Promise<Uint8Array> | undefined;
  const read = (index: number, position: number): Promise<Uint8Array> => {
    const length = Math.min(CHUNK_BYTES, file.size - position);
    const reading = readPart(handle, (buffers[index % READ_BUFFERS] ??= Buffer.allocUnsafe(length)), position, length);
    // Whoever awaits it sees the error; while nobody does yet it must not end the process.
    reading.catch(() => undefined);
    return reading;
  };
  try {
    let position = 0;
    ahead = read(0, 0);
    for (let index = 0; position < file.size; index += 1) {
      const chunk = await ahead.catch((error: unknown) => {
        throw fileError(error, file.name);
      });
      if (chunk.length === 0)
        throw new NemoError('file', l10n.t('{0} became shorter while it was being sent.', file.name));
      position += chunk.length;
      // The disk works while the network does.
      if (position < file.size) ahead = read(index + 1, position);
      yield chunk;
    }
  } finally {
    await ahead?.catch(() => undefined);
    await handle.close();
  }
}

async function readPart(handle: FileHandle, buffer: Buffer, position: number, length: number): Promise<Uint8Array> {
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}
