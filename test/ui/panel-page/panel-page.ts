import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { PanelState, ToHost, ToPanel } from '../../../src/messages.js';
import { openChromium } from '../../run/chromium.js';
import { repository } from '../../run/paths.js';
import type { Language } from './languages.js';
import { startPageServer, type PageServer, type ThemeName } from './page-server.js';
import { scenes } from './scenes.js';
import { settled } from './settled.js';

/** A browser, and a server of the panel's page. */
export interface PanelBrowser {
  /** A new page, with what the person has set up in the browser or the system. To be closed. */
  readonly newPage: (options?: BrowserContextOptions) => Promise<Page>;
  /** Loads a scene into a page and waits until it is drawn. */
  readonly load: (page: Page, scene: string, theme?: ThemeName, language?: Language) => Promise<void>;
}

/** For all tests of a `describe`, inside of which it is to be called. */
export function usePanelBrowser(): PanelBrowser {
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

  return {
    newPage: (options) => browser.newPage(options),
    load: async (page, scene, theme = 'dark-modern', language = 'en') => {
      await page.goto(`${server.url}?scene=${scene}&theme=${theme}&language=${language}`);
      await page.locator('trimmer-composer textarea').waitFor();
      await settled(page);
    },
  };
}

/** What a test of the panel on a page does as its host. */
export interface PanelPage {
  /** Loads a scene and waits until it is drawn. */
  readonly open: (scene: string) => Promise<void>;
  /** The messages of a type that the panel has sent, once it has worked through what was done to it. */
  readonly posted: <Type extends ToHost['type']>(type: Type) => Promise<Extract<ToHost, { type: Type }>[]>;
  /** Sends the panel a message and waits until it has drawn it. */
  readonly news: (message: ToPanel) => Promise<void>;
}

/**
 * A browser with a new page for each test, which fails when the page reports an error: blocked styles and scripts are
 * reported too. To be called inside `describe`.
 *
 * @param take given the page before each test
 */
export function usePanelPage(take: (page: Page) => void): PanelPage {
  const browser = usePanelBrowser();
  let page: Page;
  let problems: string[];

  beforeEach(async () => {
    problems = [];
    page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
    take(page);
  });
  afterEach(async () => {
    await page.close();
    assert.deepEqual(problems, []);
  });

  return {
    open: (scene) => browser.load(page, scene),
    posted: async <Type extends ToHost['type']>(type: Type) => {
      await settled(page);
      const all = await page.evaluate<ToHost[]>('window.posted');
      return all.filter((message): message is Extract<ToHost, { type: Type }> => message.type === type);
    },
    news: async (message) => {
      await page.evaluate((data) => {
        window.postMessage(data, '*');
      }, message);
      await settled(page);
    },
  };
}

/** The state that a scene begins with. */
export function stateOf(scene: string): PanelState {
  const message = scenes[scene]?.[0];
  assert.ok(message?.type === 'state');
  return message.state;
}
