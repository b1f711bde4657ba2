import busboy from 'busboy';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { fileURLToPath } from 'node:url';
import * as l10n from '@vscode/l10n';
import { NemoError } from '../nemo/errors.js';
import { isInnerHost, lookupOutside } from '../nemo/inner-addresses.js';
import { markedName } from '../nemo/process-mark.js';
import { fileName } from './clip-intake.js';
import { Refusal } from './http.js';
import { assertRoomIn, noRoomFor } from './room.js';

/** Files from the web and those that are sent are copied here; 2 GiB is far above a clip and far below a disk. */
const FILE_LIMIT = 2 * 1024 ** 3;

/** As many as browsers follow. */
const MOST_REDIRECTS = 20;

const PART_LIMITS = { files: 100, fields: 100, fieldSize: 64 * 1024, headerPairs: 50, fileSize: FILE_LIMIT };

/** A file to take in, and whether we own it, so that it is deleted when it turns out to be no media. */
export interface ReceivedFile {
  readonly path: string;
  readonly filename: string;
  readonly owned: boolean;
}

/**
 * Streams the files of a multipart upload into `folder`, in the order sent.
 *
 * @throws Refusal when the body is no multipart or breaks off, MediaError `no-space`; what was written is gone then
 */
export async function receiveMultipart(request: IncomingMessage, folder: string): Promise<ReceivedFile[]> {
  let parser: busboy.Busboy;
  try {
    parser = busboy({ headers: request.headers, defParamCharset: 'utf8', limits: PART_LIMITS });
  } catch (error) {
    throw new Refusal(422, 4220, l10n.t('The upload is malformed.'), { cause: error });
  }
  await mkdir(folder, { recursive: true });
  const size = request.headers['content-length'];
  await assertRoomIn(folder, size);
  const received: ReceivedFile[] = [];
  const writes: Promise<void>[] = [];
  const closings: Promise<void>[] = [];
  parser.on('file', (_field, stream, info) => {
    const filename = fileName((info.filename || 'upload').replaceAll('\\', '/'));
    const file = { path: ownPath(folder, filename), filename, owned: true };
    received.push(file);
    stream.once('limit', () => parser.destroy(new Refusal(413, 4130, l10n.t('{0} is larger than 2 GB.', filename))));
    const target = createWriteStream(file.path, { flags: 'wx' });
    closings.push(new Promise((resolve) => target.once('close', resolve)));
    const write = pipeline(stream, target);
    // A full disk must end the request too, or the sender would push on into nothing.
    write.catch((error: unknown) => parser.destroy(error as Error));
    writes.push(write);
  });
  try {
    // Not a pipeline: that would destroy the connection on a full disk, and with it the answer that says so.
    const onClose = (): void => {
      // Also where all of it has come: what was not read by then is lost.
      if (!request.readableEnded) parser.destroy(new Error('The client went away.'));
    };
    if (request.destroyed) onClose();
    else request.once('close', onClose);
    await finished(request.pipe(parser));
    await Promise.all(writes);
  } catch (error) {
    request.unpipe(parser);
    await Promise.allSettled(writes);
    // A file that was just being opened comes to be after the write has failed.
    await Promise.all(closings);
    await discard(received);
    throw plainWriteError(error, l10n.t('The upload broke off. Send the file again.'), size);
  }
  return received;
}

/**
 * Takes `file:` URLs as they are, without copying; files of the web are downloaded into `folder`.
 *
 * @throws Refusal saying which address cannot be taken, MediaError `no-space`
 */
export async function receiveUrls(
  urls: readonly string[],
  folder: string,
  signal: AbortSignal,
): Promise<ReceivedFile[]> {
  const received: ReceivedFile[] = [];
  try {
    for (const text of urls) received.push(await receiveUrl(text, folder, signal));
  } catch (error) {
    await discard(received);
    throw error;
  }
  return received;
}

async function receiveUrl(text: string, folder: string, signal: AbortSignal): Promise<ReceivedFile> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'file:') {
    let path: string;
    try {
      path = fileURLToPath(url);
    } catch (error) {
      throw new Refusal(422, 4220, l10n.t('This is not the address of a file on this machine.'), { cause: error });
    }
    return { path, filename: fileName(path), owned: false };
  }
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new Refusal(422, 4220, l10n.t('Only files of this machine and http or https addresses can be added.'));
  }
  return download(url, folder, signal);
}

async function download(url: URL, folder: string, signal: AbortSignal): Promise<ReceivedFile> {
  const filename = fileName(safeDecode(url.pathname)) || 'download';
  const refusal = (why: string, cause?: unknown): Refusal =>
    new Refusal(422, 4220, l10n.t('{0} could not be downloaded from {1}: {2}.', filename, url.hostname, why), {
      cause,
    });
  const response = await ask(url, signal, refusal);
  if (!response.ok || !response.body) {
    await response.body?.cancel();
    throw refusal(l10n.t('the server answered {0}', response.status));
  }
  await mkdir(folder, { recursive: true });
  const size = response.headers.get('content-length');
  try {
    await assertRoomIn(folder, size);
  } catch (error) {
    await response.body.cancel();
    throw error;
  }
  const file = { path: ownPath(folder, filename), filename, owned: true };
  let length = 0;
  const limit = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      length += chunk.length;
      if (length > FILE_LIMIT) done(refusal(l10n.t('it is larger than 2 GB')));
      else done(null, chunk);
    },
  });
  try {
    // Where the types of browsers are known too, those of a fetch body are theirs.
    const stream: unknown = response.body;
    const body = Readable.fromWeb(stream as ReadableStream);
    await pipeline(body, limit, createWriteStream(file.path, { flags: 'wx' }), { signal });
  } catch (error) {
    await discard([file]);
    throw plainWriteError(
      error,
      l10n.t('{0} broke off while it was downloaded from {1}. Try again.', filename, url.hostname),
      size,
    );
  }
  return file;
}

/**
 * Asks for a file, through redirects. A web page or a person in the chat names the first address; where a server leads on
 * to what only this machine can reach, that is not asked.
 */
async function ask(
  first: URL,
  signal: AbortSignal,
  refusal: (why: string, cause?: unknown) => Refusal,
): Promise<Response> {
  let url = first;
  for (let hops = 0; hops <= MOST_REDIRECTS; hops += 1) {
    const isNamed = url.hostname === first.hostname || isInnerHost(first.hostname);
    if (!isNamed && (await leadsInside(url))) throw refusal(l10n.t('it leads into this machine, so it was not asked'));
    let response: Response;
    try {
      response = await fetch(url, { signal, redirect: 'manual' });
    } catch (error) {
      throw refusal(l10n.t('the server cannot be reached'), error);
    }
    if (response.status < 300 || response.status >= 400) return response;
    await response.body?.cancel();
    const target = response.headers.get('location');
    const next = target !== null && URL.canParse(target, url.href) ? new URL(target, url) : undefined;
    if (next?.protocol !== 'http:' && next?.protocol !== 'https:') break;
    url = next;
  }
  throw refusal(l10n.t('its address leads nowhere'));
}

async function leadsInside({ hostname }: URL): Promise<boolean> {
  if (isInnerHost(hostname)) return true;
  return new Promise((resolve) => {
    // A name that cannot be found here may be known to the proxy that asks for it.
    lookupOutside(hostname.replace(/^\[|\]$/g, ''), { all: true }, (error) => resolve(error instanceof NemoError));
  });
}

/** Deletes the copies that we made; the person's own files stay. What is gone already is no error. */
export async function discard(files: readonly ReceivedFile[]): Promise<void> {
  await Promise.all(files.filter((file) => file.owned).map((file) => rm(file.path, { force: true })));
}

/**
 * A name of our own, so that no name sent from outside decides where a file is written. Until a session names the file,
 * it lives as long as this process.
 */
function ownPath(folder: string, filename: string): string {
  const ending = /\.[a-z0-9]{1,5}$/i.exec(filename)?.[0] ?? '';
  return join(folder, `${markedName()}${ending}`);
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** @param size of what was received, as the sender said it */
function plainWriteError(error: unknown, otherwise: string, size: string | null | undefined): Error {
  if (error instanceof Refusal) return error;
  if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return noRoomFor(Number(size ?? 0), undefined, error);
  return new Refusal(422, 4220, otherwise, { cause: error });
}
