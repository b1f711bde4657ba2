import fc from 'fast-check';

/** As much of a valibot schema as the messages of the panel use; read from the schema itself, so that none is left out. */
interface Schema {
  readonly type: string;
  readonly entries?: Readonly<Record<string, Schema>>;
  readonly item?: Schema;
  readonly wrapped?: Schema;
  readonly options?: readonly unknown[];
  readonly literal?: unknown;
  /** Steps of the check; the first is the schema that it builds on. */
  readonly pipe?: readonly (Schema & { readonly requirement?: unknown })[];
}

/** Values that the schema takes. @throws Error for a kind of schema that is not known here yet */
export function takenBy(given: unknown): fc.Arbitrary<unknown> {
  const schema = given as Schema;
  switch (schema.type) {
    case 'variant':
      return fc.oneof(...(schema.options ?? []).map(takenBy));
    case 'object': {
      const entries = Object.entries(schema.entries ?? {});
      const requiredKeys = entries.filter(([, { type }]) => type !== 'optional').map(([key]) => key);
      return fc.record(Object.fromEntries(entries.map(([key, entry]) => [key, takenBy(entry)])), {
        requiredKeys,
        noNullPrototype: true,
      });
    }
    case 'optional':
      return takenBy(schema.wrapped);
    case 'literal':
      return fc.constant(schema.literal);
    case 'picklist':
      return fc.constantFrom(...(schema.options ?? []));
    case 'array':
      return fc.array(takenBy(schema.item), { maxLength: Math.min(limit(schema, 'max_length', 5), 5) });
    case 'string':
      return fc.string({
        minLength: limit(schema, 'min_length', 0),
        maxLength: Math.min(limit(schema, 'max_length', 60), 60),
        unit: 'binary',
      });
    case 'number': {
      const min = Math.max(limit(schema, 'min_value', -Infinity), limit(schema, 'gt_value', -Infinity) + 1e-6);
      const max = limit(schema, 'max_value', Infinity);
      if (!stepsOf(schema).some(({ type }) => type === 'safe_integer')) {
        return fc.double({ min: Math.max(min, -1e300), max: Math.min(max, 1e300), noNaN: true });
      }
      const [least, most] = [Math.max(min, Number.MIN_SAFE_INTEGER), Math.min(max, Number.MAX_SAFE_INTEGER)];
      return fc.oneof(
        fc.integer({ min: Math.max(least, -9e6), max: Math.min(most, 200e6) }),
        fc.maxSafeInteger().filter((n) => n >= least && n <= most),
        fc.constantFrom(least, most),
      );
    }
    default:
      throw new Error(`There is no arbitrary for the schema ${schema.type}.`);
  }
}

function limit(schema: Schema, type: string, otherwise: number): number {
  const found = stepsOf(schema).find((step) => step.type === type)?.requirement;
  return typeof found === 'number' ? found : otherwise;
}

function stepsOf({ pipe = [] }: Schema): (Schema & { readonly requirement?: unknown })[] {
  return pipe.flatMap((step) => [step, ...(step.pipe && step.pipe !== pipe ? stepsOf(step) : [])]);
}

const PATHS = ['/etc/passwd', '../../x', 'C:\\Windows\\x', '\\\\evil\\share\\x.mp4', 'file:///etc/passwd'];
const ADDRESSES = [
  'command:workbench.action.terminal.new',
  'vscode://evil.ext/run',
  'vscode-remote://x/etc/passwd',
  'javascript:alert(1)',
  'data:text/html,<script>1</script>',
  'http://127.0.0.1:1/x',
  'untitled:x',
];

/** Anything a page could put where a message or a part of it is expected. */
export const anything: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    true,
    false,
    0,
    -0,
    -1,
    0.5,
    NaN,
    Infinity,
    -Infinity,
    2 ** 53,
    1e308,
    '',
    {},
    [],
  ),
  fc.constantFrom<unknown>(...PATHS, ...ADDRESSES),
  fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true }),
  fc.constantFrom<unknown>(
    'x'.repeat(200_000),
    Array.from({ length: 20_000 }, () => ({ in: '0', out: '1' })),
  ),
  fc.constantFrom<unknown>(
    JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
    { toString: null, valueOf: 5 },
    { then: 'x' },
  ),
);

/** A message that was taken once, with something else in one or two places of it, or keys that belong to nobody. */
export function mangled(message: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const change = fc.record({
    at: fc.nat(),
    key: fc.constantFrom('type', 'id', '__proto__', 'constructor', 'path', 'x'),
    put: anything,
  });
  return fc.tuple(message, fc.array(change, { minLength: 1, maxLength: 2 })).map(([value, changes]) =>
    changes.reduce((now, { at, key, put }) => {
      const places = placesIn(now);
      const place = places[at % (places.length + 1)];
      if (place) return replaced(now, place, put);
      // By definition and not by assignment: a page's JSON can have a key of that name.
      if (typeof now === 'object' && now !== null && !Array.isArray(now)) {
        return Object.defineProperty({ ...now }, key, {
          value: put,
          enumerable: true,
          configurable: true,
          writable: true,
        });
      }
      return put;
    }, value),
  );
}

type Place = readonly (string | number)[];

function placesIn(value: unknown, at: Place = []): Place[] {
  if (at.length > 4 || typeof value !== 'object' || value === null) return [at];
  return [
    at,
    ...Object.keys(value)
      .slice(0, 20)
      .flatMap((key) => placesIn((value as Record<string, unknown>)[key], [...at, key])),
  ];
}

function replaced(value: unknown, [key, ...rest]: Place, put: unknown): unknown {
  if (key === undefined) return put;
  if (typeof value !== 'object' || value === null) return value;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...value }) as Record<string, unknown>;
  copy[key] = replaced(copy[key], rest, put);
  return copy;
}
