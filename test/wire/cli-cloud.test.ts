import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CliBench, until } from './cli-run.js';
import { FaultServer } from './fault-server.js';

const draft = (...lengths: number[]): string => JSON.stringify({ t: [{ tt: 0, sg: lengths.map((d) => ({ d })) }] });
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u;

describe('command line, in the cloud', function () {
  this.timeout(60_000);
  let bench: CliBench;
  let server: FaultServer;
  const job = ['talk.mp4', '--remove', '0:02-0:04', '--engine', 'cloud'];

  before(() => CliBench.build());
  beforeEach(async () => {
    bench = await CliBench.open();
    server = await FaultServer.start();
    server.draftText = draft(10_000);
    // The agent's cut shows in the state after it was asked for.
    Object.defineProperty(server, 'draftText', {
      get: () => (server.of('run').length > 0 ? draft(2000, 6000) : draft(10_000)),
    });
    await bench.makeClip('talk.mp4');
  });
  afterEach(async () => {
    const left = await bench.leftovers();
    await server.close();
    await bench.close();
    assert.deepEqual(left, []);
  });

  const trim = (env: Record<string, string> = {}, args = job): ReturnType<CliBench['trim']> =>
    bench.trim(args, { NEMO_API_URL: server.url, ...env });

  it('uploads the clip, says it once, and tells why an export is blocked, with the link to register', async () => {
    server.fail('submit', 'export blocked, HTTP 402');
    const { code, out, err } = await trim({ NEMO_WEB_URL: 'https://web.example' });
    assert.deepEqual({ code, out }, { code: 1, out: '' });
    assert.equal(
      err,
      'Register or upgrade your plan to unlock export. https://web.example/register?bind=anon_abc123\n',
    );
    assert.equal(server.of('upload')[0]?.files[0]?.filename, 'talk.mp4');
    assert.equal(server.of('run').length, 1);
    assert.match(
      server.of('run')[0]?.body ?? '',
      /remove the section between 0:02 and 0:04 and join the remaining parts smoothly/u,
    );
    assert.deepEqual(await bench.files(), ['talk.mp4']);
  });

  it('makes a client id and keeps it for all NemoVideo tools', async () => {
    server.fail('submit', 'export blocked, HTTP 402', 'export blocked, HTTP 402');
    await trim();
    const kept = (await readFile(join(bench.home, '.config/nemovideo/client_id'), 'utf8')).trim();
    assert.match(kept, UUID);
    await trim();
    assert.deepEqual(
      server.of('anonymous-token').map(({ headers }) => headers['x-client-id']),
      [kept, kept],
    );
  });

  it("uses the id that another tool has kept, or the environment's", async () => {
    const shared = '7f6ee5a5-8b1a-4f0e-9c5d-0a1b2c3d4e5f';
    await mkdir(join(bench.home, '.config/nemovideo'), { recursive: true });
    await writeFile(join(bench.home, '.config/nemovideo/client_id'), shared);
    server.fail('submit', 'export blocked, HTTP 402', 'export blocked, HTTP 402');
    await trim();
    await trim({ NEMO_CLIENT_ID: 'from-the-environment' });
    assert.deepEqual(
      server.of('anonymous-token').map(({ headers }) => headers['x-client-id']),
      [shared, 'from-the-environment'],
    );
  });

  it('takes NEMO_TOKEN, asks for no other, and says so when it is refused', async () => {
    server.fail('create-session', 'token expired, code 1001');
    const { code, err } = await trim({ NEMO_TOKEN: 'my-own-token' });
    assert.equal(code, 1);
    assert.match(err, /^[^\n]*NEMO_TOKEN[^\n]*\n$/u);
    assert.doesNotMatch(err, /my-own-token/u);
    assert.equal(server.tokensGiven, 0);
    assert.equal(server.of('create-session')[0]?.headers.authorization, 'Bearer my-own-token');
  });

  it('checks sections and names before anything is uploaded', async () => {
    for (const args of [
      ['talk.mp4', '--remove', '0:20-0:30', '--engine', 'cloud'],
      [...job, '--output', 'talk.mp4'],
      [...job, '--output', 'a.txt'],
    ]) {
      assert.equal((await trim({}, args)).code, 1);
    }
    assert.deepEqual(server.requests, []);
  });

  it('tells an agent that changed nothing from one that did', async () => {
    Object.defineProperty(server, 'draftText', { get: () => draft(10_000) });
    const { code, out, err } = await trim();
    assert.deepEqual({ code, out, err }, { code: 1, out: '', err: 'Removed 0:45 to 1:20.\n' });
  });

  it('with nobody there says so in one line', async () => {
    const { code, out, err } = await trim({ NEMO_API_URL: 'http://127.0.0.1:9' });
    assert.deepEqual({ code, out }, { code: 1, out: '' });
    assert.match(err, /^NemoVideo cannot be reached[^\n]*\n$/u);
  });

  it('stopped while the agent works: exit 130 at once, nothing left', async () => {
    server.fail('run', 'stream stays open');
    const { child, ended } = bench.start(job, { NEMO_API_URL: server.url });
    await until(() => Promise.resolve(server.of('run').length > 0));
    child.kill('SIGINT');
    assert.deepEqual(await ended, { code: 130, out: '', err: '' });
    assert.deepEqual(await bench.files(), ['talk.mp4']);
  });
});
