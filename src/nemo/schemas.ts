import * as z from 'zod/mini';
import type { PlannedCut } from '../timeline/planned-cut.js';
import { fromSeconds } from '../timeline/timecode.js';
import { cleanText, isRecord, plainMessage } from './answers.js';
import { isModestJson } from './modest-json.js';
import type { Credits, CutDetails, NemoSession, RenderStatus, SessionState, UploadedFile } from './protocol.js';

/**
 * What the answers of the API look like. Sources disagree about spelling and wrapping, so reading asks for little: keys
 * in snake_case or camelCase, numbers as text, with or without `{"code":0,"data":…}`; unknown fields are kept.
 */

/** An object whose keys may be in camelCase; the shape is written in snake_case. */
function loose<Shape extends z.core.$ZodShape>(shape: Shape) {
  return z.pipe(z.transform(snakeKeys), z.looseObject(shape));
}

function snakeKeys(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const snake = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [snake(key), item]));
}

/** Absent when null, missing or of another type: one odd field must not cost the answer. */
function lenient<Schema extends z.ZodMiniType>(schema: Schema) {
  return z.catch(z.optional(schema), undefined);
}

const id = z.pipe(
  z.transform((value: unknown) => (typeof value === 'number' ? String(value) : value)),
  // It becomes part of a path: visible ASCII, and not one that means another folder.
  z.string().check(z.regex(/^(?!\.{1,2}$)[\x21-\x7e]{1,200}$/)),
);
const number = z.pipe(
  z.transform((value: unknown) => (typeof value === 'string' && value.trim() !== '' ? Number(value) : value)),
  z.number(),
);
const seconds = z.pipe(number, z.transform(fromSeconds));

const session = loose({ task_id: lenient(id), session_id: id, user_id: lenient(id) });

export const anonymousToken = loose({
  token: z.string().check(z.regex(/^[\x21-\x7e]+$/)),
  user_id: lenient(id),
  expires_at: lenient(z.union([z.string(), z.number()])),
  credits: lenient(number),
});

export const claimToken = loose({ claim_token: z.string().check(z.minLength(1)) });

const uploadedFile = loose({
  filename: lenient(z.string()),
  file_type: lenient(z.string()),
  cdn_url: lenient(z.string()),
  url: lenient(z.string()),
  duration: lenient(seconds),
  width: lenient(number),
  height: lenient(number),
  fps: lenient(number),
});
const upload = loose({ files: z.catch(z.array(z.catch(z.nullable(uploadedFile), null)), []) });

const credits = loose({ available: lenient(number), frozen: lenient(number), total: lenient(number) });

const method = z.enum(['smart', 'reencode']);
/** {@link PlannedCut} as our own engine tells it; also how a session is stored. */
export const plannedCut = z.object({
  method,
  reason: z.optional(z.pipe(z.string(), z.transform(cleanText))),
  frames: z.optional(z.number()),
  reencodedFrames: z.optional(z.number()),
  seconds: z.number(),
  bytes: z.optional(z.number()),
});

/** What an export is to be by words of the chat, as our own engine understood them; also how a session is stored. */
export const exportWish = z.object({ format: z.optional(z.string()), resolution: z.optional(z.string()) });

const state = loose({
  session_id: lenient(id),
  task_id: lenient(id),
  user_id: lenient(id),
  state: lenient(
    loose({ draft: z.optional(z.unknown()), cut_plan: lenient(plannedCut), export_wish: lenient(exportWish) }),
  ),
  draft: z.optional(z.unknown()),
});

const cut = z.looseObject({
  method,
  frames: z.number(),
  reencodedFrames: z.number(),
  notes: z.catch(z.array(z.string()), []),
});
const output = loose({
  url: lenient(z.string()),
  output_url: lenient(z.string()),
  duration: lenient(seconds),
  size: lenient(number),
  cut: lenient(cut),
});
const render = loose({
  status: lenient(z.string()),
  progress: lenient(z.union([z.number(), z.string()])),
  output: lenient(output),
  output_url: lenient(z.string()),
  url: lenient(z.string()),
  duration: lenient(seconds),
  size: lenient(number),
  cut_plan: lenient(plannedCut),
  seconds_left: lenient(number),
});

/** The `data` of an answer, or the answer itself where nothing is wrapped. A gateway may wrap a wrapped answer again. */
export function dataOf(body: unknown): unknown {
  if (!isRecord(body) || !isRecord(body['data'])) return body;
  const { data } = body;
  const wrapped = isRecord(data['data']) && ('code' in data || 'success' in data || Object.keys(data).length === 1);
  return wrapped ? dataOf(data) : data;
}

/** Every `read…` gives undefined when the answer is not the protocol's. */
export function readSession(body: unknown): NemoSession | undefined {
  const { data } = session.safeParse(dataOf(body));
  return data && { taskId: data.task_id ?? '', sessionId: data.session_id, ...defined({ userId: data.user_id }) };
}

/** Durations in microseconds. A file that cannot be read is left out and costs none of the others. */
export function readUpload(body: unknown): UploadedFile[] | undefined {
  const data = isRecord(body) && Array.isArray(body['data']) ? { files: body['data'] } : dataOf(body);
  const parsed = upload.safeParse(data);
  return parsed.data?.files.flatMap((file) =>
    file === null
      ? []
      : [
          defined({
            filename: file.filename,
            fileType: file.file_type,
            url: file.cdn_url ?? file.url,
            duration: file.duration,
            width: file.width,
            height: file.height,
            fps: file.fps,
          }),
        ],
  );
}

/** `available` or `total` is enough, the other follows from `frozen`, which is 0 when it is missing. */
export function readCredits(body: unknown): Credits | undefined {
  const { data } = credits.safeParse(dataOf(body));
  const frozen = data?.frozen ?? 0;
  const available = data?.available ?? (data?.total === undefined ? undefined : data.total - frozen);
  return available === undefined ? undefined : { available, frozen, total: data?.total ?? available + frozen };
}

/** The draft stays as it came. One in text that is too large or too deep for JSON makes the answer unreadable. */
export function readState(body: unknown): SessionState | undefined {
  const raw = dataOf(body);
  const { data } = state.safeParse(raw);
  if (!data) return undefined;
  const ids = defined({ sessionId: data.session_id, taskId: data.task_id, userId: data.user_id });
  // A wrapper's copy of the holder is fine: the draft itself is the parsed object, with every digit (exact-json.ts).
  const plan = data.state?.cut_plan;
  const planned = plan ? { plan: defined(plan) as PlannedCut } : {};
  const wish = data.state?.export_wish;
  const wished = wish ? { wish: defined(wish) } : {};
  const draft = data.state?.draft ?? data.draft ?? null;
  // As text it is parsed only later.
  if (typeof draft === 'string' && !isModestJson(draft)) return undefined;
  return { ...ids, draft, ...planned, ...wished, raw };
}

const STATUSES = new Map<string, RenderStatus['status']>([
  ...['pending', 'queued', 'submitted', 'created'].map((word) => [word, 'pending'] as const),
  ...['completed', 'complete', 'done', 'success', 'succeeded', 'finished'].map((word) => [word, 'completed'] as const),
  ...['failed', 'failure', 'error', 'timeout'].map((word) => [word, 'failed'] as const),
  ...['cancelled', 'canceled'].map((word) => [word, 'cancelled'] as const),
]);

/** Three shapes: top level, under `data` beside `success`, under `data` beside `code`. */
export function readRenderStatus(body: unknown): RenderStatus | undefined {
  const { data } = render.safeParse(dataOf(body));
  if (!data) return undefined;
  const url = data.output?.url ?? data.output?.output_url ?? data.output_url ?? data.url;
  const word = data.status?.toLowerCase() ?? (url === undefined ? undefined : 'completed');
  if (word === undefined) return undefined;
  // An unknown word is a stage between the ones we know.
  const status = STATUSES.get(word) ?? 'processing';
  return {
    status,
    ...defined({
      progress: status === 'completed' ? 1 : fraction(data.progress),
      url: url === '' ? undefined : url,
      duration: data.output?.duration ?? data.duration,
      size: data.output?.size ?? data.size,
      message: status === 'failed' || status === 'cancelled' ? (plainMessage(data) ?? plainMessage(body)) : undefined,
      plan: data.cut_plan && (defined(data.cut_plan) as PlannedCut),
      secondsLeft: data.seconds_left,
      cut: readCut(data.output?.cut),
    }),
  };
}

function readCut(value: z.infer<typeof cut> | undefined): CutDetails | undefined {
  if (!value) return undefined;
  const { method, frames, reencodedFrames, notes } = value;
  return { method, frames, reencodedFrames, notes: notes.map(cleanText) };
}

/** 0–1 or 0–100, a number or text with or without a percent sign; the scale is stated nowhere. */
function fraction(progress: number | string | undefined): number | undefined {
  const match = /^\s*([\d.]+)\s*(%?)\s*$/.exec(String(progress ?? ''));
  if (!match) return undefined;
  const value = Number(match[1]);
  if (Number.isNaN(value)) return undefined;
  return Math.min(1, value > 1 || match[2] === '%' ? value / 100 : value);
}

/** The same object without its undefined fields. */
function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
