import assert from 'node:assert/strict';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repository } from '../run/paths.js';
import { CliBench, until } from './cli-run.js';
import { FaultServer } from './fault-server.js';

const draft = (...lengths: number[]): string => JSON.stringify({ t: [{ tt: 0, sg: lengths.map((d) => ({ d })) }] });

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
    bench.trim(args, { NEMO_API_URL: server.url, NEMO_TOKEN: 'my-own-token', ...env });

  it('uploads the clip, says it once, and tells why an export is blocked', async () => {
    server.fail('submit', 'export blocked, HTTP 402');
    const { code, out, err } = await trim();
    assert.deepEqual({ code, out }, { code: 1, out: '' });
    assert.equal(err, 'Register or upgrade your plan to unlock export.\n');
    const upload = server.of('upload')[0];
    assert.equal(upload?.files[0]?.filename, 'talk.mp4');
    const { version } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as { version: string };
    assert.equal(upload?.headers['x-skill-version'], version);
    assert.equal(server.of('run').length, 1);
    assert.match(
      server.of('run')[0]?.body ?? '',
      /remove the section between 0:02 and 0:04 and join the remaining parts smoothly/u,
    );
    assert.deepEqual(await bench.files(), ['talk.mp4']);
  });

  for (const [what, value] of [
    ['without NEMO_TOKEN', undefined],
    ['with an empty NEMO_TOKEN', '  '],
  ] as const) {
    it(`${what} says what to do, and sends nothing: no upload, no request for a token`, async () => {
      const { code, out, err } = await bench.start(job, {
        NEMO_API_URL: server.url,
        ...(value === undefined ? {} : { NEMO_TOKEN: value }),
      }).ended;
      assert.deepEqual({ code, out }, { code: 2, out: '' });
      assert.equal(
        err,
        'The cloud needs your API token: set it in NEMO_TOKEN, or leave out --engine cloud to cut on this machine. See --help.\n',
      );
      assert.deepEqual(server.requests, []);
      await assert.rejects(access(join(bench.home, '.config')), 'nothing is written to the home folder either');
    });
  }

  it('refuses a NEMO_TOKEN that cannot be one before anything is sent', async () => {
    const { code, err } = await trim({ NEMO_TOKEN: 'two words' });
    assert.equal(code, 1);
    assert.match(err, /^NEMO_TOKEN holds characters that no token has[^\n]*\n$/u);
    assert.deepEqual(server.requests, []);
  });

  it('takes NEMO_TOKEN, asks for no other, and says so when it is refused', async () => {
    server.fail('create-session', 'token expired, code 1001');
    const { code, err } = await trim();
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
    const { child, ended } = bench.start(job, { NEMO_API_URL: server.url, NEMO_TOKEN: 'my-own-token' });
    await until(() => Promise.resolve(server.of('run').length > 0));
    child.kill('SIGINT');
    assert.deepEqual(await ended, { code: 130, out: '', err: '' });
    assert.deepEqual(await bench.files(), ['talk.mp4']);
  });
});
