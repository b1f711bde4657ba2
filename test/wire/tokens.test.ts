import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createNemoClient } from '../../src/nemo/client.js';
import { createTokenSource, type AccountTokens, type TokenSourceOptions } from '../../src/nemo/tokens.js';
import { FaultServer } from './fault-server.js';
import { withFaultPlace } from './fault-setup.js';
import { ATTRIBUTION, FakeClock, ofKind } from './setup.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const WEEK = 7 * 24 * 3600 * 1000;

describe('The access token', () => {
  let server: FaultServer;
  let folder: string;
  let clock: FakeClock;
  let secrets: Map<string, string>;
  let values: Map<string, unknown>;
  let log: string[];

  withFaultPlace((fresh) => {
    ({ server, folder } = fresh);
    clock = new FakeClock();
    secrets = new Map();
    values = new Map();
    log = [];
  });

  function source(options: Partial<TokenSourceOptions> = {}): AccountTokens {
    return createTokenSource({
      secrets: {
        get: (key) => Promise.resolve(secrets.get(key)),
        store: (key, value) => Promise.resolve(void secrets.set(key, value)),
        delete: (key) => Promise.resolve(void secrets.delete(key)),
      },
      store: { get: (key) => values.get(key), update: (key, value) => Promise.resolve(void values.set(key, value)) },
      clientIdFile: join(folder, 'client_id'),
      baseUrl: server.url,
      attribution: ATTRIBUTION,
      environment: {},
      now: () => clock.now(),
      sleep: (milliseconds) => clock.sleep(milliseconds),
      log: (line) => log.push(line),
      ...options,
    });
  }
  const asked = (): (string | undefined)[] =>
    server.of('anonymous-token').map(({ headers }) => String(headers['x-client-id']));

  it('is that of the environment first, then the one set by hand, then a free one', async () => {
    const free = source();
    assert.equal(await free.origin(), 'none');
    assert.equal(await free.token(), 'nmv_usr_1');
    assert.equal(free.userId(), 'anon_abc123');
    assert.equal(await free.origin(), 'anonymous');
    await free.setApiToken('  Bearer by-hand ');
    assert.equal(await free.token(), 'by-hand');
    assert.equal(free.userId(), undefined);
    assert.equal(await free.origin(), 'set-by-hand');
    const given = source({ environmentToken: ' from-env ' });
    assert.equal(await given.token(), 'from-env');
    assert.equal(await given.origin(), 'environment');
    assert.equal(server.tokensGiven, 1);
  });

  it('is asked for with the client id and the name of the skill, and without a token or a body', async () => {
    await source({ environmentClientId: 'my-id' }).token();
    const { headers, body, path } = server.of('anonymous-token')[0] ?? assert.fail('not asked');
    assert.equal(headers['x-client-id'], 'my-id');
    assert.equal(headers['x-skill-source'], 'video-trimmer-in-between');
    assert.equal(headers['x-skill-platform'], 'cursor');
    assert.equal(headers.authorization, undefined);
    assert.deepEqual([body, path], ['', '/api/auth/anonymous-token']);
  });

  describe('the client id', () => {
    it('is made once and kept', async () => {
      server.tokensAClientMayTake = 2;
      await source().token();
      secrets.clear();
      await source().token();
      const [first, second] = asked();
      assert.match(first ?? '', UUID);
      assert.equal(second, first);
    });

    it('is that of the file which other skills share, if it holds a UUID', async () => {
      const id = '0b0e4c1e-9f37-4b3e-8d7c-2a0a3c1d5e6f';
      await writeFile(join(folder, 'client_id'), `${id}\n`);
      await source().token();
      assert.deepEqual(asked(), [id]);
      secrets.clear();
      await writeFile(join(folder, 'client_id'), 'not a UUID');
      await source().token();
      assert.match(asked()[1] ?? '', UUID);
      assert.notEqual(asked()[1], id);
    });

    it('is made anew, once, when the server does not accept it', async () => {
      server.fail('anonymous-token', 'client id missing');
      assert.equal(await source().token(), 'nmv_usr_1');
      assert.equal(new Set(asked()).size, 2);
      secrets.clear();
      server.fail('anonymous-token', 'client id missing', 'client id missing');
      await assert.rejects(source().token(), ofKind('missing-client-id'));
      assert.equal(asked().length, 4);
    });

    it('of the environment is never replaced', async () => {
      server.fail('anonymous-token', 'client id missing');
      await assert.rejects(source({ environmentClientId: 'mine' }).token(), ofKind('missing-client-id'));
      assert.deepEqual(asked(), ['mine']);
    });
  });

  describe('a free one', () => {
    it('is asked for once by all who need it at the same time', async () => {
      const shared = source();
      const tokens = await Promise.all([shared.token(), shared.token(), shared.token()]);
      assert.deepEqual([tokens, server.tokensGiven], [['nmv_usr_1', 'nmv_usr_1', 'nmv_usr_1'], 1]);
    });

    it('still comes to the others when one of them gives up', async () => {
      const shared = source();
      const stop = new AbortController();
      const [given, kept] = [shared.token(stop.signal), shared.token()];
      stop.abort(new Error('cancelled by the person'));
      await assert.rejects(given, /cancelled by the person/);
      assert.equal(await kept, 'nmv_usr_1');
      assert.equal(server.tokensGiven, 1);
    });

    it('is kept over a restart, for the address that gave it', async () => {
      await source().token();
      assert.equal(await source().token(), 'nmv_usr_1');
      assert.equal(server.tokensGiven, 1);
      assert.equal(await source({ baseUrl: `${server.url}/` }).token(), 'nmv_usr_1');
      assert.equal(server.tokensGiven, 1);
      const elsewhere = await FaultServer.start();
      await source({ baseUrl: elsewhere.url }).token();
      await elsewhere.close();
      assert.deepEqual([server.tokensGiven, elsewhere.tokensGiven], [1, 1]);
    });

    it('is asked for again, with the same client id, when it has ended', async () => {
      const tokens = source();
      await tokens.token();
      const kept = JSON.parse(secrets.get('nemovideo.anonymousToken') ?? '') as object;
      secrets.set('nemovideo.anonymousToken', JSON.stringify({ ...kept, expiresAt: clock.now() + WEEK }));
      assert.equal(await tokens.token(), 'nmv_usr_1');
      clock.time += WEEK;
      server.tokensAClientMayTake = 2;
      assert.equal(await tokens.token(), 'nmv_usr_2');
      assert.equal(new Set(asked()).size, 1);
    });

    it('of before is renewed once when it is refused, by all together', async () => {
      server.tokensAClientMayTake = 2;
      await source().token();
      const tokens = source();
      const renewed = await Promise.all([
        tokens.renew('nmv_usr_1'),
        tokens.renew('nmv_usr_1'),
        tokens.renew('nmv_usr_1'),
      ]);
      assert.deepEqual(renewed, ['nmv_usr_2', 'nmv_usr_2', 'nmv_usr_2']);
      assert.equal(await tokens.renew('nmv_usr_1'), 'nmv_usr_2');
      assert.equal(server.tokensGiven, 2);
    });

    it('just given and refused is not replaced by yet another', async () => {
      const tokens = source();
      await tokens.token();
      await assert.rejects(tokens.renew('nmv_usr_1'), ofKind('unauthorized', /has just given/));
      assert.equal(server.tokensGiven, 1);
      server.tokensAClientMayTake = 2;
      clock.time += WEEK;
      assert.equal(await tokens.renew('nmv_usr_1'), 'nmv_usr_2');
    });

    for (const [scenario, pause] of [
      ['too many requests', 7_000],
      ['too many requests, no Retry-After', 30_000],
    ] as const) {
      it(`that is refused for the rate is asked for once more, after the pause: ${scenario}`, async () => {
        server.fail('anonymous-token', scenario);
        assert.equal(await source().token(), 'nmv_usr_1');
        assert.deepEqual(clock.sleeps, [pause]);
        assert.equal(new Set(asked()).size, 1);
      });
    }

    it('that the network has no more of is explained, and not asked for a third time', async () => {
      server.fail('anonymous-token', 'too many requests', 'too many requests');
      await assert.rejects(source().token(), ofKind('rate-limited', /Set an API token, or cut on this machine/));
      assert.equal(asked().length, 2);
    });

    it('that is refused for a day is not waited for', async () => {
      server.fail('anonymous-token', 'too many requests for a day');
      await assert.rejects(source().token(), ofKind('rate-limited', /no further free token/));
      assert.deepEqual([asked().length, clock.sleeps], [1, []]);
    });

    it('that another window was given a moment ago is used when this one gets none', async () => {
      const other = source({ environmentClientId: 'shared' });
      const ours = source({
        environmentClientId: 'shared',
        secrets: {
          // The other window stores its token between our look and our request.
          get: (key) => Promise.resolve(server.of('anonymous-token').length < 2 ? undefined : secrets.get(key)),
          store: () => Promise.resolve(),
          delete: () => Promise.resolve(),
        },
      });
      assert.equal(await other.token(), 'nmv_usr_1');
      server.fail('anonymous-token', 'too many requests');
      assert.equal(await ours.token(), 'nmv_usr_1');
    });

    it('works though the secret storage does not, until the end of the run', async () => {
      const broken = source({
        secrets: {
          get: () => Promise.reject(new Error('no keyring')),
          store: () => Promise.reject(new Error('no keyring')),
          delete: () => Promise.resolve(),
        },
      });
      assert.equal(await broken.token(), 'nmv_usr_1');
      assert.equal(await broken.token(), 'nmv_usr_1');
      assert.equal(server.tokensGiven, 1);
      assert.ok(log.some((line) => line.includes('secret storage')));
    });
  });

  it('given by environment or hand is never replaced silently', async () => {
    await assert.rejects(source({ environmentToken: 'mine' }).renew('mine'), ofKind('unauthorized', /NEMO_TOKEN/));
    const tokens = source();
    await tokens.setApiToken('mine');
    await assert.rejects(tokens.renew('mine'), ofKind('unauthorized', /your API token/));
    assert.equal(server.requests.length, 0);
    await tokens.setApiToken('newer');
    assert.equal(await tokens.renew('mine'), 'newer');
  });

  it('is refused when it cannot be one, and the old one stays', async () => {
    const tokens = source();
    await tokens.setApiToken('good');
    for (const text of ['', '  ', 'two words', 'line\nbreak', 'tökén']) {
      await assert.rejects(tokens.setApiToken(text), ofKind('refused', /not an API token/));
    }
    assert.equal(await tokens.token(), 'good');
    await assert.rejects(source({ environmentToken: 'a b' }).token(), ofKind('unauthorized', /NEMO_TOKEN/));
  });

  it('is forgotten on signing out, the client id is not', async () => {
    const tokens = source();
    await tokens.token();
    await tokens.setApiToken('mine');
    await tokens.signOut();
    server.tokensAClientMayTake = 2;
    assert.deepEqual([...secrets.keys()], []);
    assert.equal(await tokens.origin(), 'none');
    await tokens.token();
    assert.equal(new Set(asked()).size, 1);
  });

  it('is renewed within a request, and never stands in the log', async () => {
    server.tokensAClientMayTake = 2;
    await source().token();
    const client = createNemoClient({
      baseUrl: server.url,
      webUrl: server.url,
      tokens: source(),
      attribution: ATTRIBUTION,
      clock,
      environment: {},
      log: (line) => log.push(line),
    });
    server.fail('credits', 'token expired, code 1001');
    assert.equal((await client.credits()).total, 100);
    assert.equal(server.of('credits')[1]?.headers.authorization, 'Bearer nmv_usr_2');
    assert.equal(client.registrationLink(), `${server.url}/register?bind=anon_abc123`);
    await client.close();
    assert.doesNotMatch(log.join('\n'), /nmv_usr/);
    assert.ok(log.length > 0);
  });
});
