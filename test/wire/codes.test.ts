import assert from 'node:assert/strict';
import type { NemoErrorKind } from '../../src/nemo/errors.js';
import type { NemoClient } from '../../src/nemo/protocol.js';
import type { Scenario } from './fault-scenarios.js';
import type { FaultServer, Route } from './fault-server.js';
import { withFaultServer } from './fault-setup.js';
import { collect, ofKind, type FakeClock } from './setup.js';

describe('Every code of NemoVideo', () => {
  let server: FaultServer;
  let clock: FakeClock;
  let client: NemoClient;

  withFaultServer((fresh) => ({ server, client, clock } = fresh));

  const render = { id: 'render_1', sessionId: '1', draft: {}, output: { format: 'mp4', quality: 'high' } };
  const run = (): Promise<unknown> => collect(client.run({ sessionId: '1', text: 'hi' }));
  const calls: Partial<Record<Route, () => Promise<unknown>>> = {
    'create-session': () => client.createSession({ taskName: 'project', language: 'en' }),
    run,
    upload: () => client.uploadUrls('1', ['https://example.com/a.mp4']),
    credits: () => client.credits(),
    state: () => client.state('1'),
    submit: () => client.submitRender(render),
    'render-status': () => client.renderStatus('render_1'),
    'claim-token': () => client.claimLink({ taskId: '1', sessionId: '1' }),
  };
  const call = (route: Route): Promise<unknown> => (calls[route] ?? assert.fail(`no call of ${route}`))();

  const kinds = {
    1001: 'unauthorized',
    1002: 'session-not-found',
    1010: 'unauthorized',
    1011: 'unauthorized',
    2001: 'no-credits',
    4001: 'unsupported-file',
    4002: 'too-large',
    402: 'export-blocked',
    429: 'rate-limited',
    408: 'server',
    503: 'server',
  } as const satisfies Record<number, NemoErrorKind>;
  const forms = ['a number', 'text', 'part of the error', 'part of the detail'] as const;
  const codes = Object.keys(kinds).map(Number) as (keyof typeof kinds)[];

  for (const code of codes) {
    for (const form of forms) {
      it(`${code} as ${form} is ${kinds[code]}, for a read, a message and a render`, async () => {
        for (const route of ['credits', 'run', 'submit'] as const) {
          const scenario: Scenario = `code ${code} as ${form}`;
          server.fail(route, scenario, scenario, scenario);
          await assert.rejects(call(route), ofKind(kinds[code]));
          // Once more after a refusal of the token or the rate, three times in all for a read that may pass.
          const again = ['unauthorized', 'rate-limited'].includes(kinds[code]) ? 2 : 1;
          assert.equal(server.of(route).length, kinds[code] === 'server' && route === 'credits' ? 3 : again, route);
        }
      });
    }
  }

  const statuses: [Route, Scenario, NemoErrorKind][] = [
    ['credits', 'token expired, HTTP 401 with detail', 'unauthorized'],
    ['run', 'session unknown, HTTP 404 with detail', 'session-not-found'],
    ['upload', 'session unknown, HTTP 404', 'session-not-found'],
    ['upload', 'unsupported file', 'unsupported-file'],
    ['upload', 'unsupported file, HTTP 415', 'unsupported-file'],
    ['upload', 'file too large', 'too-large'],
    ['upload', 'file too large, said by a gateway', 'too-large'],
    ['submit', 'render id used, with data', 'refused'],
    ['submit', 'server error 500', 'server'],
    ['create-session', 'gateway time-out 504', 'server'],
    ['render-status', 'gateway time-out 504', 'server'],
    ['claim-token', 'unknown route', 'refused'],
    ['claim-token', 'empty 200', 'bad-answer'],
    ['create-session', 'JSON without data', 'bad-answer'],
    ['create-session', 'JSON with data null', 'bad-answer'],
    ['credits', 'JSON without data', 'bad-answer'],
    ['render-status', 'JSON with data null', 'bad-answer'],
    ['run', 'redirect that keeps the method', 'bad-answer'],
    ['submit', 'redirect that keeps the method', 'bad-answer'],
    ['run', 'not JSON', 'bad-answer'],
    ['run', 'captive portal', 'unreachable'],
    ['submit', 'captive portal', 'unreachable'],
    ['upload', 'captive portal', 'unreachable'],
  ];
  for (const [route, scenario, kind] of statuses) {
    it(`${scenario} on ${route} is ${kind}`, async () => {
      server.fail(route, scenario, scenario, scenario);
      if (scenario === 'not JSON' && route === 'run') {
        // Lines that are no JSON are signs of life, never an end: a stream that says nothing.
        assert.deepEqual(await run(), [{ type: 'heartbeat' }]);
        return;
      }
      await assert.rejects(call(route), ofKind(kind));
      assert.ok(
        server.requests.every((request) => request.route === route),
        'asked elsewhere',
      );
    });
  }

  describe('a pause that the server asks for', () => {
    for (const route of Object.keys(calls) as Route[]) {
      it(`is kept once before ${route}`, async () => {
        server.fail(route, 'too many requests, until a date');
        await call(route);
        assert.deepEqual([server.of(route).length, clock.sleeps], [2, [9000]]);
      });
    }
  });

  describe('an answer', () => {
    for (const scenario of ['gzip JSON', 'brotli JSON', 'JSON wrapped twice', 'JSON not wrapped'] as const) {
      it(`is read: ${scenario}`, async () => {
        server.fail('credits', scenario);
        assert.deepEqual(await client.credits(), { available: 60, frozen: 40, total: 100 });
      });
    }

    it('that is damaged is asked for again', async () => {
      server.fail('credits', 'gzip JSON that is damaged', 'reset after the headers');
      assert.equal((await client.credits()).total, 100);
      server.fail('submit', 'gzip JSON that is damaged');
      await assert.rejects(client.submitRender(render), ofKind('unreachable'));
      assert.deepEqual([server.of('credits').length, server.of('submit').length], [3, 1]);
    });

    it('without data has an empty timeline', async () => {
      for (const scenario of ['JSON without data', 'JSON with data null'] as const) {
        server.fail('state', scenario);
        assert.equal((await client.state('1')).draft, null);
      }
    });
  });
});
