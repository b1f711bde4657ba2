import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { KeyValueStore, SessionPorts } from '../../../src/session/ports.js';
import { SessionBook } from '../../../src/session/session-book.js';
import { STORED_FORMAT } from '../../../src/session/stored-session.js';
import { MarkStore } from '../../../src/views/marks.js';
import { SimulatedClock } from './simulated-clock.js';

/** As VS Code's: what is kept is JSON, and nothing that only lives in memory. */
function storeOf(values: Record<string, unknown>): KeyValueStore & { readonly texts: Map<string, string> } {
  const texts = new Map(Object.entries(values).map(([key, value]) => [key, JSON.stringify(value)]));
  return {
    texts,
    get: (key): unknown => JSON.parse(texts.get(key) ?? 'null') ?? undefined,
    update: (key, value) =>
      Promise.resolve(void (value === undefined ? texts.delete(key) : texts.set(key, JSON.stringify(value)))),
  };
}

const book = (store: KeyValueStore): SessionBook => {
  const ports: SessionPorts = {
    connectEngine: () => Promise.reject(new Error('nothing is to be contacted')),
    chooseEngine: () => Promise.reject(new Error('nobody is to be asked')),
    readDuration: () => Promise.resolve(0),
    stateOfFile: () => Promise.resolve('as it was'),
    clock: new SimulatedClock(),
    store,
    log: () => undefined,
  };
  return new SessionBook(ports);
};

/** The state of a workspace, as a release of that format has written it. */
async function writtenAs(number: 1): Promise<Record<string, unknown>> {
  const file = new URL(`stored/format-${number}.json`, import.meta.url);
  return (JSON.parse(await readFile(file, 'utf8')) as { workspaceState: Record<string, unknown> }).workspaceState;
}

describe('sessions that an earlier release has stored', () => {
  it('open with title, talk, timeline, choices and marks as they were', async () => {
    const store = storeOf(await writtenAs(1));
    const [holiday, talk, ...others] = book(store).sessions;
    assert.ok(holiday && talk && others.length === 0);
    const { title, engine, clip, draft, timelineLength, chat, exportChoice, plan } = talk.snapshot;
    assert.deepEqual(
      [title, engine, clip?.name, clip?.uploaded],
      ['First cut of the talk', 'local', 'interview.mp4', true],
    );
    assert.deepEqual([draft.tracks.length, draft.duration, timelineLength], [2, 85_000_000, 85_000_000]);
    assert.deepEqual(
      draft.tracks[0]?.segments.map(({ source }) => source),
      [
        { in: 0, out: 45_000_000 },
        { in: 80_000_000, out: 120_000_000 },
      ],
    );
    assert.deepEqual(
      chat.map(({ kind }) => kind),
      ['user', 'status', 'status', 'agent', 'export'],
    );
    assert.deepEqual([exportChoice?.format, exportChoice?.quality, plan?.method], ['mkv', '720p', 'smart']);
    assert.deepEqual([holiday.snapshot.title, holiday.snapshot.timelineLength], ['holiday.mp4', undefined]);
    assert.deepEqual(new MarkStore(store).get(holiday.id).sections, [{ in: '0:10', out: '0:20' }]);
  });

  it('are written as the present release writes them when they change, and nothing of them is lost', async () => {
    const store = storeOf(await writtenAs(1));
    const [, talk] = book(store).sessions;
    assert.ok(talk);
    const before = JSON.stringify(talk.snapshot);
    talk.rename('Another name');
    const kept = (): Record<string, unknown> =>
      JSON.parse(store.texts.get(`videoTrimmer.session.${talk.id}`) ?? '{}') as Record<string, unknown>;
    for (let turn = 0; turn < 50 && kept()['version'] !== STORED_FORMAT; turn += 1) await Promise.resolve();
    assert.deepEqual([kept()['version'], kept()['timeline']], [STORED_FORMAT, { duration: 85_000_000 }]);
    const again = book(store).get(talk.id);
    assert.equal(JSON.stringify(again?.snapshot), before.replace('First cut of the talk', 'Another name'));
  });
});

describe('a session that a later release has stored', () => {
  const later = { version: STORED_FORMAT + 1, id: 'later', tracks: 'in a form that we do not know' };

  it('is not shown, is counted, and stays as it is beyond the fifty newest', async () => {
    const store = storeOf({ 'videoTrimmer.sessions': ['later'], 'videoTrimmer.session.later': later });
    const opened = book(store);
    assert.deepEqual([opened.sessions.length, opened.later], [0, 1]);
    for (let index = 0; index < 60; index += 1) opened.create(`/clips/${index}.mp4`);
    for (let turn = 0; turn < 2000; turn += 1) await Promise.resolve();
    assert.deepEqual(JSON.parse(store.texts.get('videoTrimmer.session.later') ?? ''), later);
    const ids = store.get('videoTrimmer.sessions') as string[];
    assert.deepEqual([ids.length, ids.includes('later')], [51, true]);
    assert.equal(book(store).later, 1);
  });

  it('is counted while the others are read: at the start every value is read once', () => {
    const store = storeOf({ 'videoTrimmer.sessions': ['later'], 'videoTrimmer.session.later': later });
    const read: string[] = [];
    const noting = (key: string): unknown => {
      read.push(key);
      return store.get(key);
    };
    const opened = book({ ...store, get: noting });
    assert.equal(opened.later, 1);
    assert.deepEqual(read, ['videoTrimmer.sessions', 'videoTrimmer.session.later']);
  });

  it('is told from what cannot be read at all', () => {
    const store = storeOf({
      'videoTrimmer.sessions': ['damaged', 'absent'],
      'videoTrimmer.session.damaged': { version: STORED_FORMAT },
    });
    const opened = book(store);
    assert.deepEqual([opened.sessions.length, opened.later], [0, 0]);
  });
});

describe('a window that opens with a thousand sessions', () => {
  it('reads the talk and the timeline of a session when somebody looks at it, and of no other', () => {
    const read = new Set<string>();
    /** A part of a stored value that notes when it is looked into. */
    const noting = <T extends object>(part: T, name: string): T =>
      new Proxy(part, {
        get: (target, key) => {
          read.add(name);
          return Reflect.get(target, key) as unknown;
        },
      });
    const ids = Array.from({ length: 1000 }, (_, index) => `session-${index}`);
    const values = new Map<string, unknown>([['videoTrimmer.sessions', ids]]);
    for (const id of ids) {
      values.set(`videoTrimmer.session.${id}`, {
        version: STORED_FORMAT,
        id,
        title: `${id}.mp4`,
        createdAt: 0,
        uploads: [],
        removed: [],
        engine: 'local',
        draft: noting({ t: [{ tt: 0, sg: [{ d: 1000 }] }] }, `draft of ${id}`),
        timeline: { duration: 1_000_000 },
        chat: noting([{ id: '1', kind: 'user', text: 'cut it' }], `chat of ${id}`),
      });
    }
    const { sessions } = book({ get: (key) => values.get(key), update: () => Promise.resolve() });
    assert.equal(sessions.length, 1000);
    // What the list of sessions and the start of a window ask for.
    for (const { snapshot, interrupted, takesUpRender } of sessions) {
      assert.ok(snapshot.title !== '' && snapshot.timelineLength === 1_000_000 && !interrupted && !takesUpRender);
    }
    assert.deepEqual([...read], []);
    const looked = sessions[500]?.snapshot;
    assert.deepEqual([looked?.draft.duration, looked?.chat.length], [1_000_000, 1]);
    assert.deepEqual([...read].sort(), ['chat of session-500', 'draft of session-500']);
  });
});
