import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeNotices } from '../../run/notices.js';
import { repository } from '../../run/paths.js';

describe('what is shipped', function () {
  this.timeout(60_000);

  it('names every part of others with its licence, in NOTICES.md as `npm run notices` makes it', async () => {
    const [kept, made] = [await readFile(join(repository, 'NOTICES.md'), 'utf8'), await makeNotices()];
    // Not assert.equal: the difference would be thousands of lines.
    assert.ok(kept === made, 'NOTICES.md is out of date. Run: npm run notices');
  });

  it('stands on exact versions, each with the sum of its bytes', async () => {
    const lock = JSON.parse(await readFile(join(repository, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { version?: string; integrity?: string; resolved?: string; link?: boolean }>;
    };
    const packages = Object.entries(lock.packages).filter(([path]) => path !== '');
    assert.ok(packages.length > 100);
    const loose = packages.filter(([, { version, integrity }]) => !/^\d+\.\d+\.\d+/.test(version ?? '') || !integrity);
    assert.deepEqual(
      loose.map(([path]) => path),
      [],
    );
    const elsewhere = packages.filter(([, { resolved = '' }]) => !/^https:\/\//.test(resolved) && resolved !== '');
    assert.deepEqual(elsewhere, []);
  });

  it('knows no way to tell anybody what you do', async () => {
    const manifest = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as object;
    assert.doesNotMatch(JSON.stringify(manifest), /telemetry|aiKey|analytics/i);
    for (const folder of ['src', 'webview']) {
      for (const file of await readdir(join(repository, folder), { recursive: true })) {
        if (!file.endsWith('.ts')) continue;
        const text = await readFile(join(repository, folder, file), 'utf8');
        assert.doesNotMatch(text, /createTelemetryLogger|TelemetryReporter|sendBeacon|applicationinsights/i, file);
        // All hosts that our own code names.
        for (const [, host = ''] of text.matchAll(/https?:\/\/([a-z0-9-]+(?:\.[a-z0-9-]+)+)/gi)) {
          assert.match(host, /^(mega-api-prod\.nemovideo\.ai|nemovideo\.com|127\.0\.0\.1)$/, `${file} names ${host}`);
        }
      }
    }
  });
});
