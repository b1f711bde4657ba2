import { open, rm, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import * as l10n from '@vscode/l10n';
import { parseAnswer, readRefusal, readText } from './answers.js';
import type { Api } from './api.js';
import { attributionHeaders, type Attribution } from './attribution.js';
import type { Clock } from './clock.js';
import { NemoError } from './errors.js';
import { fileError } from './file-errors.js';
import { isLasting, networkError, type HttpAnswer, type HttpTransport } from './http.js';
import { isInnerHost } from './inner-addresses.js';
import type { DownloadRequest, RequestOptions } from './protocol.js';
import { readRenderStatus } from './schemas.js';
import type { TokenSource } from './tokens.js';

export type DownloadOptions = RequestOptions & {
  readonly onProgress?: (progress: { receivedBytes: number; totalBytes?: number }) => void;
};

export interface DownloadParts {
  readonly api: Api;
  readonly transport: HttpTransport;
  readonly tokens: TokenSource;
  readonly attribution: Attribution;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

const MAX_REDIRECTS = 5;
/** Pauses before a broken download goes on, in ms; the count starts again whenever it has come further. */
const RESUME_PAUSES: readonly number[] = [1_000, 3_000, 10_000];
/** Bytes beyond the furthest place so far: who sends one at a time, or the same ones for ever, is given up. */
const FURTHER = 16 * 1024;

/**
 * Writes a finished render to a new file: from the URL of its status, else from the fallback route, which asks for the
 * token and answers the bytes or JSON that names another URL. Leaves no file behind when it fails.
 */
export async function downloadRender(
  parts: DownloadParts,
  request: DownloadRequest,
  options: DownloadOptions,
): Promise<{ bytes: number }> {
  const name = request.shownName ?? basename(request.toFile);
  const file = await open(request.toFile, 'wx').catch((error: unknown) => {
    throw fileError(error, name);
  });
  const download = new Download(parts, file, name, options);
  try {
    const bytes = await download.run(request);
    await file.sync().catch(() => undefined);
    await file.close();
    return { bytes };
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(request.toFile, { force: true });
    throw networkError(error, options.signal);
  }
}

class Download {
  readonly #parts: DownloadParts;
  readonly #file: FileHandle;
  readonly #name: string;
  readonly #options: DownloadOptions;
  #received = 0;
  #total: number | undefined;
  /** ETag or date of what was received so far, so that another version is not glued to it. */
  #validator: string | undefined;
  /** What came was compressed, so its bytes cannot be counted on from. */
  #compressed = false;

  constructor(parts: DownloadParts, file: FileHandle, name: string, options: DownloadOptions) {
    this.#parts = parts;
    this.#file = file;
    this.#name = name;
    this.#options = options;
  }

  async run(request: DownloadRequest): Promise<number> {
    const { api, log } = this.#parts;
    const direct = request.url === undefined ? undefined : httpUrl(request.url, api.url('/'));
    if (direct) {
      try {
        return await this.#fetchWhole(direct, false);
      } catch (error) {
        if (!(error instanceof NemoError) || error.kind === 'file' || this.#options.signal?.aborted) throw error;
        log(`the address of the render failed (${error.kind}), asking the API for the file`);
        await this.#startAgain();
      }
    }
    return this.#fetchWhole(api.url(`/api/render/proxy/${encodeURIComponent(request.renderId)}/download`), true);
  }

  /** @param mayBeJson the answer can be JSON that names the address of the file */
  async #fetchWhole(url: URL, mayBeJson: boolean): Promise<number> {
    const { clock, log } = this.#parts;
    let pauses = [...RESUME_PAUSES];
    let furthest = 0;
    let place = url;
    for (;;) {
      try {
        const answer = await this.#ask(place);
        if (isJson(answer) && mayBeJson) {
          place = await this.#placeInJson(answer);
          mayBeJson = false;
          continue;
        }
        await this.#store(answer);
        if (this.#received === 0) throw new NemoError('bad-answer', l10n.t('The finished video arrived empty.'));
        return this.#received;
      } catch (thrown) {
        const error = networkError(thrown, this.#options.signal);
        if (!(error instanceof NemoError) || !['unreachable', 'timed-out', 'server'].includes(error.kind)) throw error;
        if (isLasting(error.code)) throw error;
        if (this.#received >= furthest + FURTHER) {
          furthest = this.#received;
          pauses = [...RESUME_PAUSES];
        }
        if (this.#compressed) await this.#startAgain();
        const pause = pauses.shift();
        if (pause === undefined) throw error;
        log(`download broke (${error.kind}) at ${this.#received} bytes, going on`);
        await clock.sleep(pause, this.#options.signal);
      }
    }
  }

  /**
   * Asks for what is missing, through redirects. The token goes to the API's own origin only, and no more once a redirect
   * has led away from it: what comes back then is asked for by a stranger.
   */
  async #ask(place: URL): Promise<HttpAnswer> {
    const { api, transport, tokens, attribution } = this.#parts;
    const { signal } = this.#options;
    let url = place;
    let token: string | undefined;
    let renewed = false;
    let left = false;
    const { origin, hostname } = api.url('/');
    for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
      const isApi = url.origin === origin;
      left ||= !isApi;
      const own = !left;
      if (own) token ??= await tokens.token(signal);
      const answer = await transport.send({
        method: 'GET',
        url,
        signal,
        // An API on this machine may keep its files here.
        namedByServer: !isApi && !isInnerHost(hostname),
        headers: {
          ...attributionHeaders(attribution),
          // Byte ranges and the length count the file, not its compressed form.
          'accept-encoding': 'identity',
          ...(own && token !== undefined ? { authorization: `Bearer ${token}` } : {}),
          ...(this.#received > 0 ? { range: `bytes=${this.#received}-` } : {}),
          ...(this.#received > 0 && this.#validator !== undefined ? { 'if-range': this.#validator } : {}),
        },
      });
      if (answer.status < 300) return answer;
      if (answer.status === 416 && this.#received > 0 && this.#received === this.#total) {
        answer.body.destroy();
        return { ...answer, status: 204 };
      }
      const target = answer.status < 400 ? header(answer, 'location') : undefined;
      if (target === undefined) {
        const refusal = await readRefusal(answer, api.context);
        if (refusal.kind !== 'unauthorized' || !own || renewed || token === undefined) throw refusal;
        renewed = true;
        token = await tokens.renew(token, signal);
        continue;
      }
      answer.body.destroy();
      const next = httpUrl(target, url);
      if (!next) break;
      url = next;
    }
    throw new NemoError('bad-answer', l10n.t('The address of the finished video leads nowhere.'));
  }

  async #placeInJson(answer: HttpAnswer): Promise<URL> {
    const { api } = this.#parts;
    const body = parseAnswer(await readText(answer.body, api.context));
    const told = readRenderStatus(body)?.url;
    const url = told === undefined ? undefined : httpUrl(told, api.url('/'));
    if (!url)
      throw new NemoError('bad-answer', l10n.t('{0} did not say where the finished video is.', api.context.service));
    return url;
  }

  async #store(answer: HttpAnswer): Promise<void> {
    if (answer.status === 204) return;
    if (isJson(answer) || /^text\/html\b/i.test(header(answer, 'content-type') ?? '')) {
      answer.body.destroy();
      throw new NemoError('bad-answer', l10n.t('A page came instead of the finished video.'));
    }
    const length = answer.compressed ? undefined : contentLength(answer);
    const etag = header(answer, 'etag');
    const validator = etag !== undefined && !etag.startsWith('W/') ? etag : header(answer, 'last-modified');
    this.#compressed = answer.compressed === true;
    if (answer.status === 206) {
      const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(header(answer, 'content-range') ?? '');
      const total = range?.[2] === undefined || range[2] === '*' ? undefined : Number(range[2]);
      const another =
        (total !== undefined && this.#total !== undefined && total !== this.#total) ||
        (validator !== undefined && this.#validator !== undefined && validator !== this.#validator);
      if (Number(range?.[1] ?? 0) !== this.#received || another || this.#compressed) {
        answer.body.destroy();
        await this.#startAgain();
        throw new NemoError('server', l10n.t('The server sent another part of the video than was asked for.'));
      }
      if (total !== undefined) this.#total = total;
      else if (length !== undefined) this.#total = this.#received + length;
    } else {
      // The whole file: the server does not know ranges, or the file is another one now.
      if (this.#received > 0) await this.#startAgain();
      this.#total = length;
    }
    this.#validator = validator;
    this.#report();
    for await (const chunk of answer.body) {
      const bytes = chunk as Uint8Array;
      await this.#write(bytes);
      this.#report();
    }
    if (this.#total !== undefined && this.#received !== this.#total) {
      throw new NemoError('unreachable', l10n.t('The connection broke before the whole video had come.'));
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    let written = 0;
    while (written < bytes.length) {
      const result = await this.#file
        .write(bytes, written, bytes.length - written, this.#received)
        .catch((error: unknown) => {
          throw fileError(error, this.#name);
        });
      written += result.bytesWritten;
      this.#received += result.bytesWritten;
    }
  }

  async #startAgain(): Promise<void> {
    await this.#file.truncate(0).catch((error: unknown) => {
      throw fileError(error, this.#name);
    });
    this.#received = 0;
    this.#total = undefined;
    this.#validator = undefined;
  }

  #report(): void {
    this.#options.onProgress?.({
      receivedBytes: this.#received,
      ...(this.#total === undefined ? {} : { totalBytes: this.#total }),
    });
  }
}

function httpUrl(text: string, base: URL): URL | undefined {
  if (text === '' || !URL.canParse(text, base.href)) return undefined;
  const url = new URL(text, base);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url : undefined;
}

function header(answer: HttpAnswer, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function isJson(answer: HttpAnswer): boolean {
  return /^application\/(?:[\w.-]+\+)?json\b/i.test(header(answer, 'content-type') ?? '');
}

function contentLength(answer: HttpAnswer): number | undefined {
  const value = header(answer, 'content-length');
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined;
}
