import assert from 'node:assert/strict';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packExtension, withPictures } from '../run/package.js';
import { freshFolder, repository } from '../run/paths.js';
import { packedExtension } from './packed-extension.js';

/** The names in a zip file, from its central directory (APPNOTE 4.3.12). */
async function namesIn(path: string): Promise<string[]> {
  const zip = await readFile(path);
  const end = zip.lastIndexOf(Buffer.from('PK\u0005\u0006', 'latin1'));
  assert.ok(end > 0, `${path} is no zip`);
  const names: string[] = [];
  for (let at = zip.readUInt32LE(end + 16), left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    assert.equal(zip.toString('latin1', at, at + 4), 'PK\u0001\u0002');
    const [name, extra, comment] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset)) as [
      number,
      number,
      number,
    ];
    names.push(zip.toString('utf8', at + 46, at + 46 + name));
    at += 46 + name + extra + comment;
  }
  return names.sort();
}

/** What a user gets on every platform. The parts of the host, which are loaded when they are needed, carry hashes. */
const hostPart = /^extension\/dist\/host\/[a-z-]+-[A-Z0-9]{8}\.mjs$/;
const base = [
  '[Content_Types].xml',
  'extension.vsixmanifest',
  'extension/LICENSE.txt',
  'extension/NOTICES.md',
  'extension/SECURITY.md',
  'extension/changelog.md',
  'extension/dist/codicon.ttf',
  'extension/dist/extension.mjs',
  'extension/dist/mcp-server.mjs',
  'extension/dist/media-copier.mjs',
  'extension/dist/media-worker.mjs',
  'extension/dist/panel.css',
  'extension/dist/panel.js',
  'extension/l10n/bundle.l10n.zh-cn.json',
  'extension/media/activity.svg',
  'extension/media/icon.png',
  'extension/media/icon.svg',
  'extension/media/sample/interview.mp4',
  'extension/media/trim-dark.svg',
  'extension/media/trim-light.svg',
  ...['connect', 'engine', 'export', 'mark', 'open', 'remove'].map((step) => `extension/media/walkthrough/${step}.svg`),
  'extension/package.json',
  'extension/package.nls.json',
  'extension/package.nls.zh-cn.json',
  'extension/readme.md',
];

describe('The package', function () {
  this.timeout(120_000);

  it('holds these files, and nothing else', async () => {
    const path = await packExtension(undefined, await freshFolder('vsix'));
    const names = await namesIn(path);
    assert.deepEqual(
      names.filter((name) => !hostPart.test(name)),
      base.toSorted(),
    );
    assert.ok(names.some((name) => hostPart.test(name)));
  });

  it('has pictures in its README where they have an address on the web, and else none', async () => {
    const readme = await readFile(join(repository, 'README.md'), 'utf8');
    const pictures = (text: string): string[] =>
      [...text.matchAll(/!\[.+?\]\((.+?)\)/gu)].map(([, address = '']) => address);
    const paths = pictures(readme);
    assert.ok(paths.length >= 4);
    assert.deepEqual(pictures(withPictures(readme, {})), []);
    const workflow = { GITHUB_SERVER_URL: 'https://git.example', GITHUB_REPOSITORY: 'a/b', GITHUB_SHA: 'c0ffee' };
    assert.deepEqual(
      pictures(withPictures(readme, workflow)),
      paths.map((path) => `https://git.example/a/b/raw/c0ffee/${path}`),
    );
    for (const path of paths) await access(join(repository, path));
  });

  it('of a platform holds beside them the binding to FFmpeg and its binary', async () => {
    const names = await namesIn(await packedExtension());
    const native = names.filter((name) => !base.includes(name) && !hostPart.test(name));
    assert.deepEqual(
      names.filter((name) => base.includes(name)),
      base.toSorted(),
    );
    if (native.length === 0) return;
    const modules = 'extension/node_modules';
    const binary = `${modules}/@seydx/node-av-${process.platform}-${process.arch}`;
    const others = native.filter((name) => !name.startsWith(`${modules}/node-av/dist/`));
    assert.deepEqual(others, [`${binary}/node-av.node`, `${binary}/package.json`, `${modules}/node-av/package.json`]);
    const scripts = native.filter((name) => name.startsWith(`${modules}/node-av/dist/`));
    assert.deepEqual(
      scripts.filter((name) => !/\/dist\/[\w/-]+\.js$/.test(name)),
      [],
    );
    // Each is a file of the package that the lock file names.
    const installed = join(repository, 'node_modules/node-av');
    for (const name of scripts) await access(join(installed, name.slice(`${modules}/node-av/`.length)));
  });
});
