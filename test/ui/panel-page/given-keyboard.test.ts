import assert from 'node:assert/strict';
import type { Frame, Page } from 'playwright-core';
import { expectValue } from './expect-soon.js';
import { usePanelBrowser } from './panel-page.js';
import { settled } from './settled.js';

describe('The keyboard, which VS Code shares out among the panel and its own lists', function () {
  this.timeout(30_000);
  const browser = usePanelBrowser();
  let page: Page;
  let panel: Frame;

  before(async () => {
    page = await browser.newPage();
    await browser.load(page, 'fresh');
    const url = page.url();
    const around = new URL('/around', url).href;
    // A page of the same origin, so that a test may take the keyboard away at the very moment that it is given.
    // Asked for before the panel's own script is there: its turn comes first.
    await page.addInitScript(() => {
      const panelOf = window as unknown as { taken?: boolean };
      window.addEventListener('focus', () => {
        if (!panelOf.taken) return;
        panelOf.taken = false;
        setTimeout(() => window.parent.document.querySelector('input')?.focus());
      });
    });
    await page.route(around, (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<input><iframe src="${url.replaceAll('&', '&amp;')}"></iframe>`,
      }),
    );
    await page.goto(around);
    const frame = await (await page.locator('iframe').elementHandle())?.contentFrame();
    assert.ok(frame);
    panel = frame;
    await panel.locator('trimmer-composer textarea').waitFor();
  });
  after(() => page.close());

  /** Which element of the page around has the keyboard. */
  const holder = (): Promise<string> => page.evaluate(() => document.activeElement?.tagName ?? '');

  it('stays with a list that opens at the moment the panel is given it, and is used the next time', async () => {
    await page.locator('input').focus();
    await panel.evaluate(() => {
      window.postMessage({ type: 'focus', target: 'chat' }, '*');
    });
    await settled(panel);
    await panel.evaluate('taken = true');
    await page.locator('iframe').focus();
    await settled(panel);
    assert.equal(await holder(), 'INPUT');
    await page.keyboard.type('name of a video');
    await expectValue(() => page.locator('input').inputValue(), 'name of a video');

    await page.locator('iframe').focus();
    await panel.locator('trimmer-composer textarea:focus').waitFor();
    assert.equal(await holder(), 'IFRAME');
  });
});
