import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';

// What the program prints: how globalThis differs before the bundle is loaded and after it has made a request, and
// whether the host's own fetch still goes through the dispatcher that somebody else has set.
const program = (bundle: string): string => `
const slots = () => [...Object.getOwnPropertySymbols(globalThis), ...Object.getOwnPropertyNames(globalThis)];
const http = require('node:http');
(async () => {
  const mine = Symbol.for('undici.globalDispatcher.1');
  if (process.argv[2] === 'set by another extension') {
    globalThis[mine] = { dispatch() { throw new Error('the dispatcher of the other extension'); } };
  }
  // Node itself fills this one in on first use.
  void TextDecoder;
  const before = new Map(slots().map((key) => [key, Object.getOwnPropertyDescriptor(globalThis, key)]));
  const server = http.createServer((request, response) => response.end('{"available":1}')).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { askForCredits } = require(${JSON.stringify(bundle)});
  const credits = await askForCredits('http://127.0.0.1:' + server.address().port);
  const changed = slots().filter((key) => {
    const [was, is] = [before.get(key), Object.getOwnPropertyDescriptor(globalThis, key)];
    return !was || !Object.is(was.value, is.value) || was.get !== is.get;
  });
  const undici = changed.map(String).filter((name) => !name.includes('zod'));
  const fetched = await fetch('http://127.0.0.1:' + server.address().port).then(() => 'own', (error) => error.message + error.cause?.message);
  server.close();
  server.closeAllConnections();
  console.log(JSON.stringify({ credits, undici, fetched }));
})();`;

const entry = `
import { createNemoClient } from './src/nemo/client.js';
import { staticTokenSource } from './src/nemo/tokens.js';
export async function askForCredits(baseUrl) {
  const client = createNemoClient({
    baseUrl, webUrl: baseUrl, tokens: staticTokenSource('t'), attribution: { version: '1', platform: 'unknown' },
  });
  const { available } = await client.credits();
  await client.close();
  return available;
}`;

const repository = join(import.meta.dirname, '..', '..', '..');

describe('Inside the extension host', () => {
  let folder: string;
  let bytes: number;

  before(async function () {
    this.timeout(20_000);
    folder = await mkdtemp(join(tmpdir(), 'nemo-globals-'));
    const stdin = { contents: entry, resolveDir: repository, loader: 'ts' as const };
    // The extension's own settings, esbuild.mjs.
    const { outputFiles } = await build({
      stdin,
      bundle: true,
      minify: true,
      platform: 'node',
      target: 'node20',
      format: 'cjs',
      write: false,
    });
    const text = outputFiles[0]?.text ?? '';
    bytes = Buffer.byteLength(text);
    await writeFile(join(folder, 'bundle.cjs'), text);
    await writeFile(join(folder, 'program.cjs'), program(join(folder, 'bundle.cjs')));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const run = async (...args: string[]): Promise<{ credits: number; undici: string[]; fetched: string }> => {
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'program.cjs'), ...args]);
    return JSON.parse(stdout) as { credits: number; undici: string[]; fetched: string };
  };

  it('a request leaves every global as it was, so fetch works for others as before', async () => {
    assert.deepEqual(await run(), { credits: 1, undici: [], fetched: 'own' });
  });

  it('a request does not replace the dispatcher that another extension has set', async () => {
    const { credits, undici, fetched } = await run('set by another extension');
    assert.deepEqual([credits, undici], [1, []]);
    assert.match(fetched, /the dispatcher of the other extension/);
  });

  it('the client leaves room in the host bundle', () => assert.ok(bytes < 420_000, `${bytes} bytes minified`));
});
