import * as z from 'zod/mini';
import { exportWish, plannedCut } from '../nemo/schemas.js';
import { parseExactDraft, stringifyExactJson } from '../nemo/exact-json.js';
import type { KeyValueStore } from './ports.js';

/** What is kept of a session across a reload. Read back with a schema: the store may hold an older version's values. */
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

const storedSession = z.looseObject({
  version: z.literal(1),
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
  /** In the store as JSON text: an object would come back with other spellings of its numbers. */
  draft: z.unknown(),
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
  chat,
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

const atWork = z.looseObject({
  render: z.optional(z.unknown()),
  inFlight: z.optional(z.unknown()),
  batch: z.optional(z.unknown()),
  asked: z.optional(z.unknown()),
});

/** What a window that opens the session next takes up: a render, a message or upload, a batch, or what was not sent yet. */
export function underWay({ render, inFlight, batch, asked }: z.infer<typeof atWork>): unknown {
  return render ?? inFlight ?? batch ?? asked ?? undefined;
}

export type StoredSession = z.infer<typeof storedSession>;

const INDEX = 'videoTrimmer.sessions';
const keyOf = (id: string): string => `videoTrimmer.session.${id}`;
const MOST_SESSIONS = 50;

/** Sessions in a {@link KeyValueStore}: an index of ids, newest first, and one value for each. */
export class SessionStore {
  readonly #store: KeyValueStore;
  #saving: Promise<void> = Promise.resolve();

  constructor(store: KeyValueStore) {
    this.#store = store;
  }

  /** Newest first; what cannot be read is left out. */
  load(): StoredSession[] {
    return this.#ids().flatMap((id) => {
      const parsed = storedSession.safeParse(this.#store.get(keyOf(id)));
      if (!parsed.success) return [];
      const { draft } = parsed.data;
      return [{ ...parsed.data, draft: typeof draft === 'string' ? parseExactDraft(draft) : draft }];
    });
  }

  save(session: StoredSession): Promise<void> {
    return this.#inTurn(async () => {
      // Values are plain JSON: without undefined fields, and not changed by us afterwards.
      const stored = { ...session, draft: stringifyExactJson(session.draft ?? null) };
      await this.#store.update(keyOf(session.id), JSON.parse(JSON.stringify(stored)));
      const ids = this.#ids();
      if (ids.includes(session.id)) return;
      const all = [session.id, ...ids];
      const dropped = all.slice(MOST_SESSIONS).filter((id) => !this.#isAtWork(id));
      await this.#store.update(
        INDEX,
        all.filter((id) => !dropped.includes(id)),
      );
      for (const id of dropped) await this.#store.update(keyOf(id), undefined);
    });
  }

  remove(id: string): Promise<void> {
    return this.#inTurn(async () => {
      await this.#store.update(
        INDEX,
        this.#ids().filter((other) => other !== id),
      );
      await this.#store.update(keyOf(id), undefined);
    });
  }

  /** Something is to be taken up: the session is kept beyond the others. */
  #isAtWork(id: string): boolean {
    const { data } = atWork.safeParse(this.#store.get(keyOf(id)));
    return data !== undefined && underWay(data) !== undefined;
  }

  #ids(): string[] {
    return z.array(z.string()).safeParse(this.#store.get(INDEX)).data ?? [];
  }

  /** The index is read and written back: two at a time would lose one. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const result = this.#saving.then(work);
    this.#saving = result.catch(() => undefined);
    return result;
  }
}
