import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { PanelClip, PanelState } from '../../../../src/messages.js';
import { openChromium } from '../../../run/chromium.js';
import { startPageServer, type PageServer } from '../page-server.js';
import { stateOf } from '../panel-page.js';
import { settled } from '../settled.js';

/** What a test of the player on a page does as its host. */
export interface PlayerPage {
  /** Loads the panel's page, to which this clip is served until the end of the test. */
  readonly open: (clip: string) => Promise<void>;
  /** Shows the panel a state that differs from a fresh one in this, and waits until it is drawn. */
  readonly tell: (about: Partial<PanelClip>, state?: Partial<PanelState>) => Promise<void>;
}

/**
 * A browser and a folder for clips for all tests of a suite, inside of which it is to be called, and a new page for each.
 *
 * @param take given the folder before the first test, and the page before each
 */
export function usePlayerPage(
  viewport: { readonly width: number; readonly height: number },
  take: { readonly folder: (path: string) => void; readonly page: (page: Page) => void | Promise<void> },
): PlayerPage {
  let folder: string;
  let browser: Browser;
  let server: PageServer | undefined;
  let page: Page;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'player-'));
    take.folder(folder);
    browser = await openChromium();
  });
  after(async () => {
    await browser?.close();
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    page = await browser.newPage({ viewport });
    await take.page(page);
  });
  afterEach(async () => {
    await page.close();
    await server?.close();
    server = undefined;
  });

  return {
    open: async (clip) => {
      server = await startPageServer({ clip, media: [] });
      await page.goto(`${server.url}?scene=empty-sidebar`);
    },
    tell: async (about, more = {}) => {
      const fresh = stateOf('fresh');
      if (!fresh.clip) throw new Error('The fresh panel has no clip.');
      const state = { ...fresh, ...more, clip: { ...fresh.clip, ...about } };
      await page.evaluate((message) => window.postMessage(message, '*'), { type: 'state', state });
      await settled(page);
    },
  };
}
