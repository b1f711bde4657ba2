import assert from 'node:assert/strict';
import type { NemoErrorKind } from '../../src/nemo/errors.js';
import type { NemoClient } from '../../src/nemo/protocol.js';
import type { Scenario } from './fault-scenarios.js';
import type { FaultServer, Route } from './fault-server.js';
import { withFaultServer } from './fault-setup.js';
import { collect, ofKind, setUp, type FakeClock, type CountingTokens } from './setup.js';

const render = {
  id: 'render_1',
  sessionId: '5529798706024415232',
  draft: {},
  output: { format: 'mp4', quality: 'high' },
};

describe('NemoVideo client', () => {
  let server: FaultServer;
  let clock: FakeClock;
  let tokens: CountingTokens;
  let client: NemoClient;

  withFaultServer((fresh) => ({ server, client, clock, tokens } = fresh));

  describe('what it sends', () => {
    it('names the skill and carries the token on every request, and never in an address', async () => {
      await client.createSession({ taskName: 'project', language: 'en' });
      await collect(client.run({ sessionId: '1', text: 'remove 0:45-1:20' }));
      await client.uploadUrls('1', ['https://example.com/a.mp4']);
      await client.credits();
      await client.state('1');
      await client.submitRender(render);
      await client.renderStatus('render_1');
      await client.cancelRender('render_1');
      await client.claimLink({ taskId: '1', sessionId: '1' });
      assert.equal(server.requests.length, 9);
      for (const { headers, path, route } of server.requests) {
        assert.equal(headers['x-skill-source'], 'video-trimmer-in-between', route);
        assert.equal(headers['x-skill-version'], '0.1.0', route);
        assert.equal(headers['x-skill-platform'], 'cursor', route);
        assert.equal(headers.authorization, 'Bearer token-1', route);
        assert.doesNotMatch(path, /token-1/);
      }
    });

    it('speaks the bodies of the protocol', async () => {
      await client.createSession({ taskName: 'project', language: 'en' });
      await collect(client.run({ sessionId: '55', text: 'remove 0:45-1:20' }));
      await client.uploadUrls('55', ['https://example.com/a.mp4']);
      await client.submitRender(render);
      const bodies = server.requests.map(({ body }) => JSON.parse(body) as unknown);
      assert.deepEqual(bodies, [
        { task_name: 'project', language: 'en' },
        {
          app_name: 'nemo_agent',
          user_id: 'me',
          session_id: '55',
          new_message: { parts: [{ text: 'remove 0:45-1:20' }] },
        },
        { urls: ['https://example.com/a.mp4'], source_type: 'url' },
        render,
      ]);
      assert.equal(server.of('run')[0]?.headers.accept, 'text/event-stream');
    });

    it('works below a path of the base address', async () => {
      const below = setUp(`${server.url}/api`);
      await assert.rejects(below.client.credits(), ofKind('refused'));
      assert.equal(server.requests[0]?.path, '/api/api/credits/balance/simple');
      await below.client.close();
    });
  });

  describe('what it reads', () => {
    it('keeps all 19 digits of a session id that comes as a number', async () => {
      const session = await client.createSession({ taskName: 'project', language: 'en' });
      assert.deepEqual(session, { taskId: '17', sessionId: '5529798706024415232', userId: 'u_9' });
    });

    it('sends the draft back with every digit and unknown field', async () => {
      server.draftText =
        '{"t":[{"tt":0,"id":5529798706024415232,"sg":[{"d":1000,"x":0.12345678901234567891,"é":"\\u2028"}]}],"new":[null,{"deep":[9007199254740993]}]}';
      const { draft } = await client.state('1');
      await client.submitRender({ ...render, draft });
      assert.equal(
        server.of('submit')[0]?.body,
        `{"id":"render_1","sessionId":"5529798706024415232","draft":${server.draftText},"output":{"format":"mp4","quality":"high"}}`,
      );
    });

    it('sends a draft that is JSON text back as text', async () => {
      server.draftText = JSON.stringify('{"t":[]}');
      const { draft } = await client.state('1');
      assert.equal(draft, '{"t":[]}');
      await client.submitRender({ ...render, draft });
      assert.equal((JSON.parse(server.of('submit')[0]?.body ?? '') as { draft: unknown }).draft, '{"t":[]}');
    });

    for (const empty of ['null', '{}']) {
      it(`takes ${empty} for an empty draft`, async () => {
        server.draftText = empty;
        assert.deepEqual((await client.state('1')).draft, JSON.parse(empty));
      });
    }

    it('builds the two links without the API token', async () => {
      assert.equal(
        await client.claimLink({ taskId: 't', sessionId: 's' }),
        'https://nemovideo.com/workspace/claim?ct=clm_1',
      );
      assert.equal(client.registrationLink(), undefined);
      await client.createSession({ taskName: 'project', language: 'en' });
      assert.equal(client.registrationLink(), 'https://nemovideo.com/register?bind=u_9');
    });

    it('counts a server that cannot cancel as asked', async () => {
      server.fail('cancel', 'unknown route', 'unknown method');
      await client.cancelRender('render_1');
      await client.cancelRender('render_1');
      server.fail('cancel', 'no credits');
      await assert.rejects(client.cancelRender('render_1'), ofKind('no-credits'));
    });
  });

  describe('a refused token', () => {
    for (const scenario of [
      'token expired, code 1001',
      'token expired, code "1010" as text',
      'token expired, HTTP 401 with detail',
    ] as const) {
      it(`is renewed once: ${scenario}`, async () => {
        server.fail('credits', scenario);
        assert.equal((await client.credits()).available, 60);
        assert.deepEqual(
          server.of('credits').map(({ headers }) => headers.authorization),
          ['Bearer token-1', 'Bearer token-2'],
        );
      });
    }

    it('is renewed for a message too, as the agent has not seen it', async () => {
      server.fail('run', 'token expired, code 1001');
      const events = await collect(client.run({ sessionId: '1', text: 'hi' }));
      assert.deepEqual(events, [{ type: 'text', text: 'Removed 0:45 to 1:20.' }]);
      assert.equal(server.of('run').length, 2);
    });

    it('is given up when the new one is refused as well', async () => {
      server.fail('credits', 'token expired, code 1001', 'token expired, code 1001');
      await assert.rejects(client.credits(), ofKind('unauthorized'));
      assert.equal(server.of('credits').length, 2);
      assert.deepEqual(tokens.renewed, ['token-1']);
    });
  });

  describe('refusals', () => {
    const cases: [Route, Scenario, NemoErrorKind, RegExp?][] = [
      ['state', 'session unknown, code 1002', 'session-not-found'],
      ['state', 'session unknown, HTTP 404', 'session-not-found'],
      ['run', 'session unknown, HTTP 404', 'session-not-found'],
      ['run', 'no credits', 'no-credits'],
      ['run', 'JSON without its content type', 'no-credits'],
      ['submit', 'export blocked, HTTP 402', 'export-blocked', /^Register or upgrade your plan to unlock export\.$/],
      ['submit', 'export blocked, code 402', 'export-blocked'],
      ['submit', 'render id used', 'refused', /render id exists$/],
      ['run', 'captive portal', 'unreachable', /log in/],
      ['submit', 'not JSON', 'bad-answer'],
      ['create-session', 'empty 200', 'bad-answer'],
      ['credits', 'redirect to a log-in page', 'unreachable', /log in/],
      ['credits', 'refused with the token in the text', 'refused', /bad header Bearer … … at http/],
    ];
    for (const [route, scenario, kind, text] of cases) {
      it(`${scenario} on ${route} is ${kind}`, async () => {
        server.fail(route, scenario, scenario, scenario);
        await assert.rejects(callRoute(client, route), ofKind(kind, text));
      });
    }
  });

  describe('a bad network', () => {
    for (const scenario of [
      'connection reset',
      'server error 503',
      'request time-out 408',
      'captive portal',
    ] as const) {
      it(`a read is tried three times, with growing pauses: ${scenario}`, async () => {
        server.fail('state', scenario, scenario);
        await client.state('1');
        assert.deepEqual(clock.sleeps, [1000, 3000]);
        server.fail('state', scenario, scenario, scenario);
        await assert.rejects(client.state('1'), ofKind(scenario.startsWith('c') ? 'unreachable' : 'server'));
        assert.equal(server.of('state').length, 6);
      });
    }

    for (const route of ['run', 'submit', 'create-session'] as const) {
      for (const scenario of ['connection reset', 'server error 503', 'request time-out 408'] as const) {
        it(`${route} is never sent again: ${scenario}`, async () => {
          server.fail(route, scenario);
          await assert.rejects(callRoute(client, route));
          assert.equal(server.of(route).length, 1);
          assert.deepEqual(clock.sleeps, []);
        });
      }
    }

    it('spreads the retries of many clients', async () => {
      const spread = setUp(server.url, { random: () => 0.5 });
      server.fail('credits', 'server error 503', 'server error 503');
      await spread.client.credits();
      assert.deepEqual(spread.clock.sleeps, [1250, 3750]);
      await spread.client.close();
    });

    it('waits once as long as the server asks, or 30 seconds', async () => {
      server.fail('run', 'too many requests');
      await collect(client.run({ sessionId: '1', text: 'hi' }));
      server.fail('credits', 'too many requests, no Retry-After');
      await client.credits();
      assert.deepEqual(clock.sleeps, [7000, 30000]);
      server.fail('credits', 'too many requests', 'too many requests');
      await assert.rejects(client.credits(), ofKind('rate-limited'));
      assert.equal(server.of('credits').length, 4);
    });

    it('does not wait for a day', async () => {
      server.fail('credits', 'too many requests for a day');
      await assert.rejects(client.credits(), (error: { retryAfter?: number }) => error.retryAfter === 86400);
      assert.deepEqual(clock.sleeps, []);
    });

    it('says plainly that nobody answers', async () => {
      await server.close();
      await assert.rejects(client.credits(), ofKind('unreachable', /^NemoVideo cannot be reached; check the network/));
    });
  });

  describe('the agent', () => {
    it('a stream that breaks keeps what came, and the message is not sent again', async () => {
      server.fail('run', 'stream breaks midway');
      const seen: unknown[] = [];
      await assert.rejects(
        async () => {
          for await (const event of client.run({ sessionId: '1', text: 'hi' })) seen.push(event);
        },
        ofKind('unreachable', /the work goes on there/),
      );
      assert.deepEqual(seen, [{ type: 'text', text: 'Working on it.' }]);
      assert.equal(server.of('run').length, 1);
    });

    it('reads JSON where a stream was asked for', async () => {
      server.fail('run', 'JSON instead of a stream');
      assert.deepEqual(await collect(client.run({ sessionId: '1', text: 'hi' })), [{ type: 'text', text: 'Done.' }]);
    });

    it('reads a stream that does not say that it is one', async () => {
      server.fail('run', 'event stream without its content type');
      assert.deepEqual(await collect(client.run({ sessionId: '1', text: 'hi' })), [{ type: 'text', text: 'Plain.' }]);
    });

    it('an empty answer is an end without events', async () => {
      server.fail('run', 'empty 200');
      assert.deepEqual(await collect(client.run({ sessionId: '1', text: 'hi' })), []);
    });

    it('stops at once when the person cancels, with the reason given', async () => {
      server.fail('run', 'stream stays open');
      const stop = new AbortController();
      await assert.rejects(async () => {
        for await (const event of client.run({ sessionId: '1', text: 'hi' }, { signal: stop.signal })) {
          assert.equal(event.type, 'heartbeat');
          stop.abort(new Error('cancelled by the person'));
        }
      }, /cancelled by the person/);
    });

    it('stops waiting for an answer when the person cancels', async () => {
      server.fail('state', 'silence');
      const stop = new AbortController();
      const asked = client.state('1', { signal: stop.signal });
      setImmediate(() => stop.abort(new Error('cancelled by the person')));
      await assert.rejects(asked, /cancelled by the person/);
    });
  });
});

function callRoute(client: NemoClient, route: Route): Promise<unknown> {
  switch (route) {
    case 'state':
      return client.state('1');
    case 'run':
      return collect(client.run({ sessionId: '1', text: 'hi' }));
    case 'submit':
      return client.submitRender(render);
    case 'create-session':
      return client.createSession({ taskName: 'project', language: 'en' });
    default:
      return client.credits();
  }
}
