import type { KeyValueStore } from '../../src/session/ports.js';
import { SessionBook } from '../../src/session/session-book.js';
import type { PanelActions } from '../../src/views/panel-actions.js';

export const unused = (): Promise<never> => Promise.reject(new Error('this test does not go that far'));

/** What a window remembers, in memory. */
export function memoryStore(): KeyValueStore {
  const values = new Map<string, unknown>();
  return {
    get: (key) => values.get(key),
    update: (key, value) => Promise.resolve(void values.set(key, value)),
  };
}

/** Sessions that reach no engine. */
export function idleBook(store: KeyValueStore): SessionBook {
  return new SessionBook({
    connectEngine: unused,
    chooseEngine: () => Promise.resolve(undefined),
    readDuration: unused,
    clock: { now: () => Date.now(), sleep: unused },
    store,
    log: () => undefined,
  });
}

/** A page's actions, none of which may be taken. */
export const idleActions: PanelActions = {
  remove: unused,
  say: unused,
  export: unused,
  attach: unused,
  drop: unused,
  chooseEngine: unused,
  act: unused,
  copy: unused,
  sessionMenu: unused,
  openLink: unused,
};
