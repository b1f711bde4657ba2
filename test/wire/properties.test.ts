import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { NemoClient } from '../../src/nemo/protocol.js';
import { surelyRefused, type Scenario } from './fault-scenarios.js';
import type { FaultServer } from './fault-server.js';
import { withFaultServer } from './fault-setup.js';
import { collect } from './setup.js';

describe('Whatever happens,', function () {
  this.timeout(20_000);
  let server: FaultServer;
  let client: NemoClient;

  withFaultServer((fresh) => ({ server, client } = fresh));

  describe('a draft comes back byte by byte', () => {
    let renders = 0;
    async function sentBack(draftText: string): Promise<string> {
      server.draftText = draftText;
      const { draft } = await client.state('1');
      const output = { format: 'mp4', quality: 'high' };
      await client.submitRender({ id: `render_${(renders += 1)}`, sessionId: '1', draft, output });
      const body = server.of('submit').at(-1)?.body ?? '';
      const match = /^\{"id":"render_\d+","sessionId":"1","draft":([\s\S]*),"output":\{[^{}]*\}\}$/.exec(body);
      return match?.[1] ?? assert.fail(body);
    }

    /** Texts of JSON values, in every spelling that JSON allows. */
    const space = fc.constantFrom('', '', ' ', '\n  ', '\t');
    const digits = (max: number): fc.Arbitrary<string> =>
      fc.array(fc.nat(9), { minLength: 1, maxLength: max }).map((all) => all.join('').replace(/^0+(?=\d)/, ''));
    const number = fc
      .tuple(
        fc.constantFrom('', '-'),
        digits(24),
        fc.constantFrom('', '.0', '.50', '.1234567890123456789', '.00000000001'),
        fc.constantFrom('', '', 'e5', 'E+400', 'e-7'),
      )
      .map((parts) => parts.join(''));
    const string = fc.oneof(
      fc.string({ unit: 'grapheme' }).map((text) => JSON.stringify(text)),
      fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
      fc.constantFrom('"\\u00e9\\/\\ud83d\\ude00"', '"\\ud83d"', '"5529798706024415232"', '"draft"', '"{}\\"["'),
    );
    const key = fc.oneof(string, fc.constantFrom('"t"', '"sg"', '"draft"', '"10"', '"2"', '"__proto__"', '"toJSON"'));
    const { value, object } = fc.letrec<{ value: string; object: string }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        number,
        string,
        fc.constantFrom('null', 'true', 'false'),
        tie('object'),
        fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
      ),
      object: fc
        .array(fc.tuple(space, key, space, tie('value')), { maxLength: 4 })
        .map(
          (items) => `{${items.map(([before, name, after, item]) => `${before}${name}:${after}${item}`).join(',')}}`,
        ),
    }));

    it('with every unknown field, number, escape, space and order of keys', async () => {
      await fc.assert(
        fc.asyncProperty(object, async (draft) => assert.equal(await sentBack(draft), draft)),
        { numRuns: 300 },
      );
    });

    it('also when it is none: any other JSON keeps its content', async () => {
      await fc.assert(
        fc.asyncProperty(value, async (draft) => {
          const plain = (text: string): string => JSON.stringify(JSON.parse(text));
          assert.equal(plain(await sentBack(draft)), plain(draft));
        }),
        { numRuns: 100 },
      );
    });

    it('with a megabyte of unknown fields', async () => {
      const draft = `{"t":[${Array.from({ length: 20_000 }, (_, index) => `{"id":${index + 1}552979870602441, "x":1.0}`).join(',')}]}`;
      assert.equal(await sentBack(draft), draft);
    });
  });

  it('no message reaches the agent twice, wherever the connection breaks and whoever stops', async () => {
    const length = Buffer.byteLength(server.streamText);
    const fate = fc.oneof(
      fc.constant<Scenario | undefined>(undefined),
      fc.constantFrom<Scenario>(
        'reset before the request is read',
        'connection reset',
        'stream breaks inside an event',
        'gzip stream that breaks',
        'server error 503',
        'request time-out 408',
        'captive portal',
        'empty 200',
        'token expired, code 1001',
        'too many requests',
      ),
      fc.integer({ min: -1, max: length }),
    );
    const message = fc.record({ fate, again: fate, stopAfter: fc.option(fc.nat(2), { nil: undefined }) });
    let messages = 0;
    // A refusal of the token or of the rate is no sending: the agent has not seen the message.
    const sent = (): number =>
      server.of('run').filter(({ scenario }) => scenario === undefined || !surelyRefused(scenario)).length;

    async function say(stopAfter: number | undefined): Promise<string> {
      const text = `message ${(messages += 1)}`;
      const stop = new AbortController();
      if (stopAfter === 0) setImmediate(() => stop.abort(new Error('stopped')));
      let seen = 0;
      try {
        for await (const event of client.run({ sessionId: '1', text }, { signal: stop.signal })) {
          assert.ok(event.type !== 'activity');
          seen += 1;
          if (seen === stopAfter) stop.abort(new Error('stopped'));
        }
      } catch (error) {
        assert.ok(error instanceof Error);
      }
      return text;
    }

    await fc.assert(
      fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 5 }), fc.boolean(), async (all, together) => {
        for (const { fate: first, again } of all) {
          for (const told of [first, again]) {
            if (typeof told === 'number') {
              server.breakPoints.push(told);
              server.fail('run', 'breaks where the test says');
            } else if (told !== undefined) {
              server.fail('run', told);
            }
          }
        }
        if (together) await Promise.all(all.map(({ stopAfter }) => say(stopAfter)));
        else for (const { stopAfter } of all) await say(stopAfter);
        // A message that was stopped at once may come late, so only the whole can be counted here; the log of the server
        // counts each one when it closes.
        assert.ok(sent() <= messages, 'more messages went out than were said');
      }),
      { numRuns: 150 },
    );
    // Every one of them is still known to the log, which the server checks when it closes.
    assert.ok(new Set(server.of('run').map(({ body }) => body)).size > 100);
  });

  it('the message goes out once though its answer never comes', async () => {
    server.fail('run', 'silence');
    const stop = new AbortController();
    const asked = collect(client.run({ sessionId: '1', text: 'hi' }, { signal: stop.signal }));
    // The server has read it when another request is answered.
    await client.credits();
    stop.abort(new Error('stopped'));
    await assert.rejects(asked, /stopped/);
    assert.equal(server.of('run').length, 1);
  });
});
