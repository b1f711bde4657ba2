// The panel for people who read from right to left, zoom in, want less motion or other colours, or use no mouse.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { openChromium } from '../../run/chromium.js';
import { repository } from '../../run/paths.js';
import { startPageServer, type PageServer } from './page-server.js';
import { misfits, unreachable } from './reach.js';
import { scenes } from './scenes.js';

describe('the layout of the panel', function () {
  this.timeout(60_000);
  let server: PageServer;
  let browser: Browser;

  before(async () => {
    server = await startPageServer({ clip: join(repository, 'media/sample.mp4'), media: [] });
    browser = await openChromium();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  const open = async (page: Page, scene: string): Promise<void> => {
    await page.goto(`${server.url}?scene=${scene}`);
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
  };
  /** Turns the page round, or to another size, and waits until it is drawn so. */
  const lay = async (page: Page, viewport: { width: number; height: number }, dir: 'ltr' | 'rtl'): Promise<void> => {
    await page.setViewportSize(viewport);
    await page.evaluate((to) => {
      document.documentElement.dir = to;
      return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    }, dir);
  };

  /** VS Code zooms by making everything larger in a window that then holds half as much; no sidebar is below 170. */
  const sizes = {
    editor: [
      { width: 1200, height: 800 },
      { width: 700, height: 800 },
      { width: 600, height: 400 },
    ],
    sidebar: [
      { width: 300, height: 800 },
      { width: 170, height: 400 },
    ],
  };
  for (const scene of Object.keys(scenes)) {
    it(`fits at every size and zoom, to either side, with each control in reach: ${scene}`, async () => {
      const page = await browser.newPage({ reducedMotion: 'reduce' });
      const found: string[] = [];
      page.on('console', (message) => message.type() === 'error' && found.push(message.text()));
      page.on('pageerror', (error) => found.push(error.message));
      try {
        await open(page, scene);
        for (const viewport of sizes[scene.endsWith('@sidebar') ? 'sidebar' : 'editor']) {
          for (const dir of ['ltr', 'rtl'] as const) {
            await lay(page, viewport, dir);
            const lines = [...(await misfits(page)), ...(await unreachable(page))];
            found.push(...lines.map((line) => `${viewport.width} ${dir}: ${line}`));
          }
        }
      } finally {
        await page.close();
      }
      assert.equal(found.join('\n'), '');
    });
  }
});
