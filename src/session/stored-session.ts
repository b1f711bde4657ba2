import * as z from 'zod/mini';
import { exportWish, plannedCut } from '../nemo/schemas.js';
import { parseExactDraft } from '../nemo/exact-json.js';
import { once } from './once.js';

/**
 * The format that this release writes. It is raised when an older release would read a new value wrongly, and then
 * `upgraded` learns the way from the one before.
 *
 * 1: the draft is an object or JSON text. 2: always text, and `timeline` tells its length.
 */
export const STORED_FORMAT = 2;

const chatEntry = z.looseObject({
  id: z.string(),
  kind: z.enum(['user', 'agent', 'status', 'error', 'export']),
  text: z.string(),
  actions: z.optional(z.array(z.string())),
  topic: z.optional(z.enum(['connected', 'added', 'edited', 'credits', 'hint'])),
  change: z.optional(z.object({ before: z.number(), after: z.number() })),
  sentence: z.optional(z.string()),
  outputPath: z.optional(z.string()),
  link: z.optional(z.string()),
});
/** An entry that cannot be read is left out: the session without it is worth more than none. */
const chat = z.pipe(
  z.array(z.unknown()),
  z.transform((entries) => entries.flatMap((entry) => chatEntry.safeParse(entry).data ?? [])),
);
const section = z.object({ in: z.number(), out: z.number() });
const exportOptions = z.object({
  outputPath: z.exactOptional(z.string()),
  folder: z.exactOptional(z.string()),
  name: z.exactOptional(z.string()),
  format: z.exactOptional(z.string()),
  resolution: z.exactOptional(z.string()),
  pinned: z.exactOptional(z.object({ draft: z.string(), sessionId: z.string() })),
  order: z.exactOptional(z.string()),
});

/** Everything but the talk and the draft, which are large and read when they are looked at. */
const header = z.looseObject({
  version: z.literal(STORED_FORMAT),
  id: z.string(),
  title: z.string(),
  /** The person gave it this title. */
  renamed: z.optional(z.boolean()),
  createdAt: z.number(),
  engine: z.optional(z.enum(['cloud', 'local'])),
  clip: z.optional(
    z.object({
      path: z.string(),
      duration: z.optional(z.number()),
      uploaded: z.boolean(),
      /** The state of the file that the person saw. */
      seen: z.optional(z.string()),
    }),
  ),
  /** All files that were uploaded, to carry them over to another engine. */
  uploads: z.array(z.string()),
  /** The engine's own session. */
  remote: z.optional(z.object({ taskId: z.string(), sessionId: z.string() })),
  /** Of the draft: null where there is nothing to export; undefined where it was not noted. */
  timeline: z.catch(z.optional(z.nullable(z.object({ duration: z.number() }))), undefined),
  /** What an export of it would do. */
  plan: z.catch(z.optional(plannedCut), undefined),
  /** What one is to be, by what was said. */
  wish: z.catch(z.optional(exportWish), undefined),
  /** What was chosen for exports in a panel. */
  exportChoice: z.catch(z.optional(z.object({ format: z.string(), quality: z.string(), name: z.string() })), undefined),
  /** Source ranges removed through the fields, for a cloud draft that does not name its source ranges. */
  removed: z.array(section),
  /** Messages that changed a cloud timeline, in order; `marked`: made of sections that are in `removed` too. */
  said: z.optional(z.array(z.object({ text: z.string(), marked: z.boolean() }))),
  /** The window that has something under way here; see other-window.ts. */
  holder: z.optional(z.string()),
  /** Stored before the render is asked for, removed when it ended. */
  render: z.optional(
    z.object({
      id: z.string(),
      startedAt: z.number(),
      ...exportOptions.shape,
      /** Where the file is received: what a crash leaves of it is cleared away. */
      temporary: z.optional(z.string()),
      /** Of a file that came whole: how to know it again. */
      finished: z.optional(
        z.object({
          output: z.string(),
          chosen: z.boolean(),
          claimed: z.optional(z.string()),
          inode: z.string(),
          size: z.number(),
          duration: z.number(),
        }),
      ),
    }),
  ),
  /** The export that ended last, of those that had waited. */
  lastExport: z.optional(z.string()),
  /** Stored when the person asks for something, removed when it is sent or has ended. */
  asked: z.catch(
    z.optional(
      z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('message'), text: z.string(), sections: z.optional(z.array(section)) }),
        z.object({ kind: z.literal('upload'), files: z.array(z.string()) }),
        z.object({ kind: z.literal('export'), options: exportOptions }),
      ]),
    ),
    undefined,
  ),
  /** Stored before an upload or a message is sent, removed when its end is known. */
  inFlight: z.optional(
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('upload'), files: z.array(z.string()) }),
      z.object({
        kind: z.literal('message'),
        text: z.string(),
        /** The draft before. */
        before: z.unknown(),
        startedAt: z.number(),
        /** What it asks to remove, source time. */
        asked: z.optional(z.array(section)),
        thenExport: z.optional(z.boolean()),
        exportAs: z.optional(z.object({ format: z.optional(z.string()), resolution: z.optional(z.string()) })),
      }),
    ]),
  ),
  /** Several files with one instruction: what is left of them. */
  batch: z.optional(
    z.object({
      order: z.object({ text: z.optional(z.string()), sections: z.optional(z.array(section)) }),
      left: z.array(z.string()),
      total: z.number(),
    }),
  ),
  /** The prices were told: once is enough. */
  pricesTold: z.optional(z.boolean()),
  /** What NemoVideo added of its own accord, in the words of the message that takes it out. */
  additions: z.optional(z.string()),
});

/** What is kept of a session across a reload. */
export interface StoredSession extends z.infer<typeof header> {
  /** In the store as JSON text: an object would come back with other spellings of its numbers. */
  readonly draft: unknown;
  readonly chat: readonly z.infer<typeof chatEntry>[];
}

const format = z.looseObject({ version: z.int() });

/** Whether a later release has stored this: it knows what it means, and we leave it as it is. */
export function isOfLaterFormat(value: unknown): boolean {
  const { data } = format.safeParse(value);
  return data !== undefined && data.version > STORED_FORMAT;
}

/** @returns undefined for what is no session of this format or an older one */
export function readStoredSession(value: unknown): StoredSession | undefined {
  const { data } = format.safeParse(value);
  if (!data) return undefined;
  const { draft, chat: talk, ...rest } = upgraded(data);
  const read = header.safeParse(rest);
  if (!read.success) return undefined;
  const readDraft = once(() => (typeof draft === 'string' ? parseExactDraft(draft) : draft));
  const readChat = once(() => chat.safeParse(talk).data ?? []);
  return {
    ...read.data,
    get draft() {
      return readDraft();
    },
    get chat() {
      return readChat();
    },
  };
}

function upgraded(value: z.infer<typeof format>): Record<string, unknown> {
  // The length is read from the draft where it is asked for, and noted with the next change. A draft that is an object
  // is read as it is.
  return value.version === 1 ? { ...value, version: 2 } : value;
}
