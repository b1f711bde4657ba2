import * as v from 'valibot';
import type { ToHost } from '../src/messages.js';
import { storedStepsSchema, type StoredSteps } from './marks-history.js';

/** What the view itself remembers over a reload. The state of the edit is not here: it belongs to the host. */
export interface ViewMemory {
  /** The session shown, by which the host finds it again when VS Code brings the tab back. */
  readonly session?: string | undefined;
  /** Position of the playhead in the clip named `clip`, microseconds. */
  readonly playhead?: number | undefined;
  readonly clip?: string | undefined;
  /** How the marks of `session` came to be. */
  readonly steps?: StoredSteps | undefined;
  readonly chatFolded?: boolean | undefined;
  /** The picture has the whole width. */
  readonly wide?: boolean | undefined;
  /** Whether the chat was folded when the picture took the whole width, unless the person has folded it since. */
  readonly foldedBeforeWide?: boolean | undefined;
  /** Of the sound, 0 to 1. */
  readonly level?: number | undefined;
  readonly muted?: boolean | undefined;
  /** Typed into the composer and not sent. */
  readonly unsent?: string | undefined;
  /** Distance of the chat from its top in pixels; undefined when it was at its end. */
  readonly chatScroll?: number | undefined;
}

const memorySchema = v.object({
  session: v.optional(v.string()),
  playhead: v.optional(v.number()),
  clip: v.optional(v.string()),
  steps: v.optional(storedStepsSchema),
  chatFolded: v.optional(v.boolean()),
  wide: v.optional(v.boolean()),
  foldedBeforeWide: v.optional(v.boolean()),
  level: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  muted: v.optional(v.boolean()),
  unsent: v.optional(v.string()),
  chatScroll: v.optional(v.number()),
});

function readMemory(stored: unknown): ViewMemory {
  const { success, output } = v.safeParse(memorySchema, stored);
  return success ? output : {};
}

export interface MemoryStore {
  read(): ViewMemory;
  /** Keeps what is named and leaves the rest; naming a field as undefined forgets it. */
  remember(changes: ViewMemory): void;
}

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

export interface Editor {
  readonly memory: MemoryStore;
  post(message: ToHost): void;
}

/** Connects to VS Code. It gives its interface to a page once, so call this once. */
export function connectEditor(): Editor {
  const api = acquireVsCodeApi();
  let memory: ViewMemory = readMemory(api.getState());
  return {
    post: (message) => api.postMessage(message),
    memory: {
      read: () => memory,
      remember: (changes) => {
        memory = { ...memory, ...changes };
        api.setState(memory);
      },
    },
  };
}
