import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseExactJson, stringifyExactJson } from '../../../src/nemo/exact-json.js';

describe('JSON with long numbers', () => {
  it('gives a long integer as text, every other value as usual', () => {
    assert.deepEqual(
      parseExactJson('{"id":5529798706024415232,"n":-9007199254740993,"safe":9007199254740991,"s":1e3}'),
      {
        id: '5529798706024415232',
        n: '-9007199254740993',
        safe: 9007199254740991,
        s: 1000,
      },
    );
  });

  it('leaves digits inside text alone, behind escaped quotes too', () => {
    const text = '{"a":"5529798706024415232","b":"\\\\\\"5529798706024415232","c":"\\\\","d":[5529798706024415232]}';
    assert.deepEqual(parseExactJson(text), {
      a: '5529798706024415232',
      b: '\\"5529798706024415232',
      c: '\\',
      d: ['5529798706024415232'],
    });
    assert.equal(stringifyExactJson(parseExactJson(text)), text);
  });

  it('keeps a long fraction usable as a number, and writes it as it came', () => {
    const parsed = parseExactJson('[0.12345678901234567891,3.14159265358979312]') as number[];
    assert.equal(typeof parsed[0], 'number');
    assert.equal(stringifyExactJson(parsed), '[0.12345678901234567891,3.14159265358979312]');
  });

  it('writes a changed value, not the one that came', () => {
    const parsed = parseExactJson('{"id":5529798706024415232}') as { id: string };
    parsed.id = 'another';
    assert.equal(stringifyExactJson(parsed), '{"id":"another"}');
  });

  it('writes a part of what was parsed inside something new', () => {
    const { draft } = parseExactJson('{"draft":{"id":5529798706024415232}}') as { draft: object };
    assert.equal(stringifyExactJson({ x: [draft] }), '{"x":[{"id":5529798706024415232}]}');
  });

  describe('keeps a draft to the last byte', () => {
    const draft = '{ "10":1.0, "2":-0, "e":1E400, "a":"\\u00e9\\/", "draft":{}, "a":[1e3] }';
    const inside = (): Record<string, unknown> => {
      const body = parseExactJson(`{"data":{"draft": ${draft}}}`) as { data: { draft: Record<string, unknown> } };
      return body.data.draft;
    };

    it('while nobody changes it', () => {
      assert.equal(stringifyExactJson({ id: 1, draft: inside() }), `{"id":1,"draft":${draft}}`);
      assert.deepEqual(Object.keys(inside()), ['2', '10', 'e', 'a', 'draft']);
    });

    it('and writes what was changed in it', () => {
      const changed = inside();
      changed['a'] = 'new';
      assert.equal(stringifyExactJson(changed), '{"2":0,"10":1,"e":null,"a":"new","draft":{}}');
    });
  });

  it('fails where JSON.parse fails', () => {
    for (const text of [
      '',
      '{',
      '{"a":5529798706024415232',
      '[1234567890123456789-]',
      '"unfinished 1234567890123456789',
    ]) {
      assert.throws(() => parseExactJson(text), SyntaxError, text);
    }
  });

  it('changes nothing in any JSON, whatever its numbers', () => {
    const number = fc.oneof(
      fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }).map(String),
      fc.tuple(fc.nat(), fc.bigInt({ min: 1n, max: 10n ** 22n })).map(([whole, part]) => `${whole}.${part}`),
    );
    const text = fc.array(
      fc.oneof(
        number,
        fc.string({ unit: 'binary' }).map((value) => JSON.stringify(value)),
      ),
    );
    fc.assert(
      fc.property(text, (items) => {
        const json = `{"t":[${items.join(',')}]}`;
        const written = stringifyExactJson(parseExactJson(json));
        // A short fraction may lose its trailing zeros; what its digits say stays.
        const plain = (value: string): string =>
          value.replace(/(\.\d*?)0+(?=[,\]])/g, '$1').replace(/\.(?=[,\]])/g, '');
        assert.equal(plain(written), plain(json));
      }),
    );
  });
});
