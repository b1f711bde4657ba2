import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseExactDraft, stringifyExactJson } from '../../../src/nemo/exact-json.js';
import { SessionStore } from '../../../src/session/session-store.js';
import { STORED_FORMAT, type StoredSession } from '../../../src/session/stored-session.js';

describe('a session that is stored and loaded again', () => {
  const values = new Map<string, string>();
  // What VS Code keeps is JSON: nothing that only lives in memory survives.
  const store = new SessionStore({
    get: (key): unknown => JSON.parse(values.get(key) ?? 'null'),
    update: (key, value) => Promise.resolve(void values.set(key, JSON.stringify(value))),
  });
  beforeEach(() => values.clear());

  const session = (draft: unknown): StoredSession => ({
    version: STORED_FORMAT,
    id: 'one',
    title: 'talk.mp4',
    createdAt: 0,
    uploads: [],
    draft,
    removed: [],
    chat: [],
  });
  const reloaded = async (draft: unknown): Promise<unknown> => {
    await store.save(session(draft));
    return store.load()[0]?.draft;
  };

  it('writes its draft byte by byte as it came, with every spelling of a number and every unknown field', async () => {
    const number = fc.constantFrom('1.0', '1.50', '-0', '1E400', '5529798706024415232', '0.12345678901234567891', '7');
    const text = fc.string({ unit: 'grapheme' }).map((value) => JSON.stringify(value));
    const { object } = fc.letrec<{ value: string; object: string }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        number,
        text,
        fc.constantFrom('null', 'true', '"\\u00e9\\/"'),
        tie('object'),
        fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
      ),
      object: fc
        .array(fc.tuple(fc.oneof(text, fc.constantFrom('"t"', '"draft"', '"2"')), tie('value')), { maxLength: 4 })
        .map((fields) => `{ ${fields.map((field) => field.join(' : ')).join(',')}}`),
    }));
    await fc.assert(
      fc.asyncProperty(object, async (draft) => {
        const once = await reloaded(parseExactDraft(draft));
        assert.equal(stringifyExactJson({ draft: once }), `{"draft":${draft}}`);
        // The next window stores what it has loaded.
        assert.equal(stringifyExactJson(await reloaded(once)), draft);
      }),
      { numRuns: 200 },
    );
  });

  it('has no draft when it had none, and keeps one that is not JSON as it is', async () => {
    assert.equal(await reloaded(null), null);
    assert.equal(await reloaded(undefined), null);
    assert.equal(await reloaded('not JSON {'), 'not JSON {');
  });

  it('still reads what an earlier version stored: the draft as an object', () => {
    const old = { ...session({ t: [{ tt: 0, sg: [{ d: 1000 }] }] }), version: 1 };
    values.set('videoTrimmer.sessions', '["one"]').set('videoTrimmer.session.one', JSON.stringify(old));
    assert.deepEqual(store.load()[0]?.draft, old.draft);
  });

  it('is kept beyond the fifty newest while its render, message, batch or what was not sent is to be taken up, and no longer', async () => {
    const draft = null;
    const atWork = [
      { ...session(draft), id: 'renders', render: { id: 'render_1', startedAt: 0 } },
      { ...session(draft), id: 'says', inFlight: { kind: 'upload' as const, files: [] } },
      { ...session(draft), id: 'batches', batch: { order: { text: 'x' }, left: [], total: 1 } },
      { ...session(draft), id: 'asks', asked: { kind: 'message' as const, text: 'cut' } },
    ];
    for (const one of atWork) await store.save(one);
    // Twenty windows with fifty sessions each, one after the other.
    for (let index = 0; index < 1000; index += 1) await store.save({ ...session(draft), id: `other-${index}` });
    const ids = store.load().map(({ id }) => id);
    assert.deepEqual(
      atWork.map(({ id }) => ids.includes(id)),
      [true, true, true, true],
    );
    assert.ok(ids.length <= 54, `${ids.length} are kept`);
    const kept = [...values.values()].filter((value) => (value as string | undefined) !== undefined);
    assert.equal(kept.length, ids.length + 1, 'something is kept that nobody finds');
    for (const { id } of atWork) await store.save({ ...session(draft), id });
    await store.save({ ...session(draft), id: 'newest' });
    assert.equal(store.load().length, 50);
  });
});
