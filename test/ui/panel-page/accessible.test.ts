// What a machine can find out about the panel for people who see, hear or move differently: axe in every state, place
// and theme, under the content policy of a webview.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { openChromium } from '../../run/chromium.js';
import { repository } from '../../run/paths.js';
import { changeTheme, startPageServer, THEMES, type PageServer } from './page-server.js';
import { scenes } from './scenes.js';

const WIDTH = { editor: 900, sidebar: 300 };

describe('the panel under axe', function () {
  this.timeout(60_000);
  let server: PageServer;
  let browser: Browser;
  let page: Page;
  let source: string;

  before(async () => {
    source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    server = await startPageServer({ clip: join(repository, 'media/sample.mp4'), media: [] });
    browser = await openChromium();
    page = await browser.newPage({ reducedMotion: 'reduce' });
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  /** What axe objects to, one line a rule and element. */
  async function findings(): Promise<string[]> {
    const { violations } = await page.evaluate<axe.AxeResults>(() =>
      (window as unknown as { axe: typeof axe }).axe.run(document, { resultTypes: ['violations'] }),
    );
    return violations.flatMap(({ id, impact, nodes }) =>
      nodes.map((node) => {
        const why = node.failureSummary?.replaceAll(/\s+/g, ' ') ?? '';
        return `${impact} ${id}: ${node.target.flat().join(' > ')}: ${why}`;
      }),
    );
  }

  for (const scene of Object.keys(scenes)) {
    const place = scene.endsWith('@sidebar') ? 'sidebar' : 'editor';
    it(`finds nothing in ${scene}, in any theme`, async () => {
      await page.setViewportSize({ width: WIDTH[place], height: 800 });
      await page.goto(`${server.url}?scene=${scene}`);
      await page.getByRole('textbox', { name: 'Message' }).waitFor();
      // The policy of the page does not hold for what the debugger runs in it.
      await page.evaluate(source);
      const found: string[] = [];
      for (const theme of THEMES) {
        await changeTheme(page, theme);
        for (const line of await findings()) found.push(`${theme}: ${line}`);
      }
      assert.equal(found.join('\n'), '');
    });
  }
});
