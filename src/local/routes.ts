import { rm } from 'node:fs/promises';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as l10n from '@vscode/l10n';
import { MediaError, type MediaEngine } from '../media/media.js';
import { answerMessage } from './agent.js';
import { checkUnchanged, describeFile, goneClips, takeIn } from './clip-intake.js';
import type { LocalClock } from './clock.js';
import { readRenderPlan, writeDraft } from './draft-shape.js';
import { EventStream } from './event-stream.js';
import { plainFailure } from './failures.js';
import { sendFile } from './file-download.js';
import { checkCaller, hasAttribution, limitBody, readJson, Refusal, sendJson, type Limits } from './http.js';
import { outputFormat } from './output-format.js';
import { scaledSize } from '../timeline/frame-size.js';
import type { RenderJob, RenderQueue } from './render-queue.js';
import { createSessionBody, renderBody, runBody, uploadUrlsBody } from './requests.js';
import { activeClip, addClip, followRenamed, type Clip, type SessionRecord } from './session-record.js';
import type { LanguageModel } from './sections-from-words.js';
import type { SessionStore } from './session-store.js';
import { discard, receiveMultipart, receiveUrls, type ReceivedFile } from './uploads.js';

export interface RouterParts {
  readonly port: number;
  readonly baseUrl: string;
  readonly token: string;
  readonly media: MediaEngine;
  readonly store: SessionStore;
  readonly renders: RenderQueue;
  /** Folder for received files; each session has its own inside. */
  readonly uploads: string;
  readonly clock: LocalClock;
  readonly model?: LanguageModel | undefined;
  readonly limits: Limits;
  readonly log: (line: string, level?: 'warn' | 'error') => void;
  /** Aborted when the engine closes. */
  readonly signal: AbortSignal;
}

interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** What the route's pattern captured. */
  readonly captured: readonly string[];
}

interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly handle: (parts: RouterParts, call: Call) => Promise<void>;
}

/** The NemoVideo API, by the numbers of its endpoints where it has them. */
const ROUTES: readonly Route[] = [
  { method: 'POST', path: /^\/api\/auth\/anonymous-token$/, handle: anonymousToken },
  { method: 'POST', path: /^\/api\/auth\/claim-token$/, handle: claimToken },
  { method: 'POST', path: /^\/api\/tasks\/me\/with-session\/nemo_agent$/, handle: createSession },
  // Our own: the cloud keeps its sessions.
  { method: 'DELETE', path: /^\/api\/tasks\/me\/with-session\/nemo_agent\/([^/]+)$/, handle: deleteSession },
  { method: 'POST', path: /^\/run_sse$/, handle: run },
  { method: 'POST', path: /^\/api\/upload-video\/nemo_agent\/me\/([^/]+)$/, handle: upload },
  { method: 'GET', path: /^\/api\/credits\/balance\/simple$/, handle: credits },
  { method: 'GET', path: /^\/api\/state\/nemo_agent\/me\/([^/]+)\/latest$/, handle: state },
  { method: 'POST', path: /^\/api\/render\/proxy\/lambda$/, handle: submitRender },
  { method: 'GET', path: /^\/api\/render\/proxy\/lambda\/([^/]+)$/, handle: renderStatus },
  { method: 'POST', path: /^\/api\/render\/proxy\/lambda\/([^/]+)\/cancel$/, handle: cancelRender },
  { method: 'GET', path: /^\/api\/render\/proxy\/([^/]+)\/download$/, handle: download },
  // What `output.url` points at: the same file, with its ending in the address.
  { method: 'GET', path: /^\/files\/([^/]+)\/[^/]+$/, handle: download },
];

/**
 * Answers every request of the engine's server. What fails becomes an answer with the API's code and a sentence; where
 * an answer has begun already, the connection is cut. Nothing is thrown.
 */
export function createRouter(parts: RouterParts): RequestListener {
  const callers = new Callers(parts);
  return (request, response) => {
    answer(parts, callers, request, response).catch((error: unknown) => {
      // The caller left in the middle of its request: there is nobody to tell.
      if (request.destroyed && !request.complete) return void response.destroy();
      if (response.headersSent) response.destroy();
      else sendError(parts, response, error);
      // The rest of a body that was refused is read and dropped, so that the sender gets to see the answer; callers
      // without the token get no such service.
      if (!callers.isStranger(error)) request.resume();
      else if (!request.complete) response.once('finish', () => request.destroy());
    });
  };
}

/** Who may come in, and how many at once. */
class Callers {
  readonly #parts: RouterParts;
  #inside = 0;
  #refused = 0;

  constructor(parts: RouterParts) {
    this.#parts = parts;
  }

  /** @throws Refusal */
  admit(request: IncomingMessage, response: ServerResponse): void {
    const { port, token, limits, log } = this.#parts;
    try {
      checkCaller(request, port, token, limits);
    } catch (error) {
      this.#refused += 1;
      // Somebody tries; who tries a million times does not fill the log.
      if (/^10*$/.test(String(this.#refused))) log(`local: ${this.#refused} strangers refused so far`, 'warn');
      throw error;
    }
    if (this.#inside >= limits.requests) {
      response.setHeader('Retry-After', '1');
      throw new Refusal(429, 4290, 'Too many requests at once. Try again in a moment.');
    }
    this.#inside += 1;
    response.once('close', () => (this.#inside -= 1));
    limitBody(request, response, limits);
  }

  /** Refused at the door: without the token, or for another host. */
  isStranger(error: unknown): boolean {
    return error instanceof Refusal && [401, 403, 431].includes(error.status);
  }
}

async function answer(
  parts: RouterParts,
  callers: Callers,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  callers.admit(request, response);
  const { pathname } = new URL(request.url ?? '/', parts.baseUrl);
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const matching = ROUTES.filter((route) => route.path.test(pathname));
  const route = matching.find((candidate) => candidate.method === method);
  if (!route) {
    const known = matching.length > 0;
    throw new Refusal(known ? 405 : 404, known ? 4050 : 4040, 'The local engine has no such function.');
  }
  const captured = (route.path.exec(pathname) ?? []).slice(1).map((part) => decode(part));
  await route.handle(parts, { request, response, captured });
}

function sendError(parts: RouterParts, response: ServerResponse, error: unknown): void {
  if (error instanceof Refusal) {
    sendJson(response, error.status, { code: error.code, message: error.message });
    return;
  }
  const message = plainFailure(error);
  if (message === undefined) parts.log(`local: unexpected ${(error as Error).stack ?? ''}`, 'error');
  // A 5xx would be tried again, and its message not shown.
  if (message !== undefined) sendJson(response, 422, { code: 4220, message });
  else sendJson(response, 500, { code: 5000, message: l10n.t('The local engine failed for an unexpected reason.') });
}

async function anonymousToken(parts: RouterParts, { request, response }: Call): Promise<void> {
  request.resume();
  if (request.headers['x-client-id'] === undefined) throw new Refusal(400, 400, 'The X-Client-Id header is missing.');
  const expires_at = new Date(parts.clock.now() + 7 * 86_400_000).toISOString();
  const data = { token: parts.token, user_id: 'me', expires_at, credits: UNLIMITED.available };
  sendJson(response, 200, { code: 0, data });
  return Promise.resolve();
}

async function claimToken(_parts: RouterParts, { request }: Call): Promise<void> {
  request.resume();
  const message = l10n.t('Only sessions in the cloud can be opened in the browser. This one lives on this machine.');
  return Promise.reject(new Refusal(422, 4221, message));
}

/** Cutting here costs nothing; the numbers only have to be read as enough. */
const UNLIMITED = { available: 1_000_000, frozen: 0, total: 1_000_000, unlimited: true };

async function credits(_parts: RouterParts, { response }: Call): Promise<void> {
  sendJson(response, 200, { code: 0, data: UNLIMITED });
  return Promise.resolve();
}

async function createSession(parts: RouterParts, { request, response }: Call): Promise<void> {
  const body = await readJson(request, createSessionBody);
  const record = await parts.store.create(body.task_name, body.language);
  const data = { task_id: record.taskId, session_id: record.sessionId, user_id: 'me' };
  sendJson(response, 200, { code: 0, data });
}

async function deleteSession(parts: RouterParts, { request, response, captured }: Call): Promise<void> {
  request.resume();
  const [sessionId = ''] = captured;
  await parts.store.remove(sessionId);
  await parts.renders.forget(sessionId);
  await rm(join(parts.uploads, sessionId), { recursive: true, force: true });
  sendJson(response, 200, { code: 0 });
}

async function upload(parts: RouterParts, { request, response, captured: [sessionId = ''] }: Call): Promise<void> {
  await parts.store.load(sessionId);
  const folder = join(parts.uploads, sessionId);
  const multipart = /^multipart\/form-data/i.test(request.headers['content-type'] ?? '');
  const received = multipart
    ? await receiveMultipart(request, folder)
    : await receiveUrls((await readJson(request, uploadUrlsBody)).urls, folder, parts.signal);
  if (received.length === 0) throw new Refusal(422, 4220, l10n.t('No file came with the upload.'));
  const clips = await takeInAll(parts, received);
  try {
    await parts.store.change(sessionId, async (before) => {
      const isGone = await goneClips(before.clips);
      const record = clips.reduce((known, clip) => addClip(followRenamed(known, clip, isGone), clip), before);
      return { record, result: undefined };
    });
  } catch (error) {
    // The session was deleted meanwhile, or cannot be written.
    await discard(received);
    throw error;
  }
  const files = clips.map((clip) => describeFile(clip, fileUrl(clip)));
  sendJson(response, 200, { code: 0, data: { files, session_state_applied: true } });
}

async function takeInAll(parts: RouterParts, received: readonly ReceivedFile[]): Promise<Clip[]> {
  try {
    const clips: Clip[] = [];
    for (const file of received) clips.push(await takeIn(file.path, file.filename, parts.media));
    return clips;
  } catch (error) {
    await discard(received);
    throw error;
  }
}

async function state(parts: RouterParts, { response, captured: [sessionId = ''] }: Call): Promise<void> {
  const record = await parts.store.load(sessionId);
  const clip = activeClip(record);
  const data = {
    session_id: record.sessionId,
    task_id: record.taskId,
    task_name: record.taskName,
    user_id: 'me',
    state: {
      draft: writeDraft(record),
      video_infos: record.clips.map((info) => describeFile(info, fileUrl(info))),
      canvas_config: clip?.width === undefined ? {} : { width: clip.width, height: clip.height },
      generated_media: {},
      // Our own: what an export would do.
      ...(clip?.plan ? { cut_plan: clip.plan } : {}),
      // And what it is to be, by what was said.
      ...(record.format || record.size ? { export_wish: { format: record.format, resolution: record.size } } : {}),
    },
  };
  sendJson(response, 200, { code: 0, data });
}

/** A few hundred sections; the grammar's time grows with the square of the length. */
const LONGEST_MESSAGE = 10_000;

async function run(parts: RouterParts, { request, response }: Call): Promise<void> {
  const body = await readJson(request, runBody);
  const text = body.new_message.parts.map((part) => part.text ?? '').join('\n');
  if (text.length > LONGEST_MESSAGE) {
    throw new Refusal(
      422,
      4220,
      l10n.t('The message is too long; up to {0} characters are read here.', LONGEST_MESSAGE),
    );
  }
  try {
    await parts.store.load(body.session_id);
  } catch (error) {
    // The agent server's own form, other than the API's.
    if (error instanceof Refusal && error.code === 1002) return sendJson(response, 404, { error: 'Session not found' });
    throw error;
  }
  const stream = new EventStream(response, parts.clock);
  try {
    // The client's going away is not passed on: an edit that was asked for is made, as in the cloud.
    const reply = await parts.store.change(body.session_id, (record) =>
      answerMessage(record, text, { ...parts, stream }),
    );
    stream.say(reply);
  } catch (error) {
    const plain = plainFailure(error);
    if (plain === undefined) parts.log(`local: unexpected ${(error as Error).stack ?? ''}`, 'error');
    const message = plain ?? l10n.t('This edit failed for an unexpected reason. The timeline is unchanged.');
    stream.fail(message, error instanceof MediaError ? error.code : 'failed');
  } finally {
    stream.end();
  }
}

async function submitRender(parts: RouterParts, { request, response }: Call): Promise<void> {
  const body = await readJson(request, renderBody);
  if (!hasAttribution(request)) throw new Refusal(402, 402, 'The attribution headers are missing.');
  const record: SessionRecord = await parts.store.load(body.sessionId);
  const plan = readRenderPlan(body.draft, record);
  const format = outputFormat(plan.clip, body.output.format, record.format);
  const size = body.output.resolution ?? record.size;
  const height = size === undefined ? undefined : scaledSize(plan.clip, size)?.height;
  await checkUnchanged(plan.clip);
  const job = parts.renders.submit({ id: body.id, sessionId: body.sessionId, plan, format, height });
  sendJson(response, 200, { code: 0, data: { id: job.id, status: job.status } });
}

async function renderStatus(parts: RouterParts, { response, captured: [id = ''] }: Call): Promise<void> {
  const job = parts.renders.find(id);
  sendJson(response, 200, describeJob(job, parts.baseUrl));
  return Promise.resolve();
}

async function cancelRender(parts: RouterParts, { request, response, captured: [id = ''] }: Call): Promise<void> {
  request.resume();
  const job = parts.renders.find(id);
  parts.renders.cancel(job);
  sendJson(response, 200, { code: 0, data: { id: job.id, status: job.status } });
  return Promise.resolve();
}

async function download(parts: RouterParts, { request, response, captured: [id = ''] }: Call): Promise<void> {
  const job = parts.renders.find(id);
  if (!job.file) throw new Refusal(409, 4091, job.message ?? l10n.t('The export is not finished yet.'));
  if (await sendFile(request, response, job.file, job.format)) parts.renders.fetched(job);
}

/** The shape of the product text: status, progress and output at the top level. */
function describeJob(job: RenderJob, baseUrl: string): Record<string, unknown> {
  const { id, status, progress, forecast, secondsLeft } = job;
  const common = {
    ...{ id, status, progress },
    ...(forecast ? { cut_plan: forecast } : {}),
    ...(secondsLeft === undefined ? {} : { seconds_left: secondsLeft }),
  };
  if (job.message !== undefined) return { ...common, message: job.message };
  if (!job.file) return common;
  const { size, report } = job.file;
  const { method, frames, reencodedFrames, notes } = report;
  const output = {
    url: `${baseUrl}/files/${encodeURIComponent(job.id)}/result.${job.format}`,
    duration: report.duration / 1_000_000,
    size,
    cut: { method, frames, reencodedFrames, notes },
  };
  return { ...common, output };
}

function fileUrl(clip: Clip): string {
  return pathToFileURL(clip.identity.path).href;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Refusal(404, 4040, 'The local engine has no such function.');
  }
}
