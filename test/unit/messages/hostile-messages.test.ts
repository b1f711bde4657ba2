import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseToHost, toHostSchema } from '../../../src/messages.js';
import { anything, mangled, takenBy } from './schema-arbitrary.js';

/** Every key that a message may have, by its type; a dot for what is inside. */
function keysOf(value: unknown, at = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => keysOf(item, `${at}[]`));
  if (typeof value !== 'object' || value === null) return [];
  return Reflect.ownKeys(value).flatMap((key) => {
    const here = `${at}.${String(key)}`;
    return [here, ...keysOf((value as Record<PropertyKey, unknown>)[key], here)];
  });
}

const KNOWN = new Set(
  `.type .id .revision .sections .sections[].in .sections[].out .start .end .width .tiles .track .index .section .section.in
   .section.out .text .dissolve .format .quality .name .place .waiting .uris .entry .upload .action .item .url`.split(
    /\s+/,
  ),
);

describe('what a page sends to the host', () => {
  const good = takenBy(toHostSchema);

  it('is taken when it is a message, of every kind', () => {
    const kinds = new Set<string>();
    fc.assert(
      fc.property(good, (message) => {
        assert.deepEqual(parseToHost(message), message);
        kinds.add((message as { type: string }).type);
      }),
      { numRuns: 1000 },
    );
    assert.deepEqual(
      [...kinds].sort(),
      toHostSchema.options.map(({ entries }) => entries.type.literal as string).sort(),
    );
  });

  it('never throws, and what is taken has no key, no length and no shape but those of a message', () => {
    fc.assert(
      fc.property(fc.oneof(mangled(good), anything), (raw) => {
        const taken = parseToHost(raw);
        if (taken === undefined) return;
        assert.equal(Object.getPrototypeOf(taken), Object.prototype);
        for (const key of keysOf(taken)) assert.ok(KNOWN.has(key), `${taken.type} came with ${key}`);
        assert.ok(JSON.stringify(taken).length < 900_000);
        assert.deepEqual(parseToHost(taken), taken);
      }),
      { numRuns: 5000 },
    );
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  });

  it('is dropped when a part of it is of another type', () => {
    const others: readonly unknown[] = [null, true, {}, [], 'a text', 0.5, () => 1, new Date(), 10n];
    fc.assert(
      fc.property(good, fc.nat(), fc.constantFrom(...others), (message, at, put) => {
        const keys = Object.keys(message as object);
        const key = keys[at % keys.length] ?? '';
        const before = (message as Record<string, unknown>)[key];
        const sameType = typeof before === typeof put && Array.isArray(before) === Array.isArray(put);
        if (sameType && before !== null) return;
        assert.equal(parseToHost({ ...(message as object), [key]: put }), undefined, `${key} as ${String(put)}`);
      }),
      { numRuns: 2000 },
    );
  });

  it('is dropped when it asks for a place that no clip has', () => {
    const far = Number.MAX_SAFE_INTEGER;
    for (const message of [
      { type: 'playable', id: 1, track: 'sound', index: far },
      { type: 'playable', id: 1, track: 'sound', index: -1 },
      { type: 'look', start: -far, end: far, width: 100, tiles: 10 },
      { type: 'look', start: 0, end: 1, width: 100, tiles: far },
      { type: 'look', start: 0, end: 1, width: 0, tiles: 1 },
      { type: 'take-out', id: 1, section: { in: -1, out: 5 } },
      { type: 'take-out', id: 1, section: { in: 0, out: far } },
    ]) {
      assert.equal(parseToHost(message), undefined, JSON.stringify(message));
    }
  });
});
