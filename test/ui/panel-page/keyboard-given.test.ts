// Where the keyboard goes when a panel opens: never away from what VS Code shows beside it, and without a scroll.
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { expectSoon } from './expect-soon.js';
import { usePanelPage } from './panel-page.js';
import { settled } from './settled.js';

describe('the keyboard of a panel that opens', function () {
  this.timeout(60_000);
  let page: Page;
  const { open, news } = usePanelPage((opened) => (page = opened));
  const hasIt = (label: string): Promise<boolean> =>
    page
      .getByLabel(label, { exact: true })
      .first()
      .evaluate((field) => field.matches(':focus'));
  /** How far any part of the page is scrolled, but for the chat's own log. */
  const scrolled = (): Promise<number> =>
    page.evaluate<number>(`(() => {
      const walk = (node) => Math.max(
        node.classList?.contains('log') ? 0 : (node.scrollTop ?? 0),
        ...[...(node.shadowRoot?.children ?? []), ...node.children].map(walk),
      );
      return walk(document.documentElement);
    })()`);
  /** As where a list of VS Code has the keyboard: `true` gives it back, by a click on a part of the page where one is named. */
  const give = async (given: boolean, part?: string): Promise<void> => {
    await page.evaluate((has) => {
      document.hasFocus = () => has;
    }, given);
    if (!given) return;
    const chosen = part === undefined ? page.locator('body') : page.getByLabel(part, { exact: true }).first();
    await chosen.evaluate((element, isChosen) => {
      window.dispatchEvent(new Event('focus'));
      if (isChosen) element.focus();
    }, part !== undefined);
  };

  for (const target of ['in', 'chat'] as const) {
    const label = target === 'in' ? 'In point' : 'Message';
    it(`stays with VS Code until it gives it to the page: ${target}`, async () => {
      await open('fresh');
      await give(false);
      await news({ type: 'focus', target });
      // A message that comes after it is drawn: so was that one heard.
      await news({ type: 'seek', time: 3_000_000 });
      await expectSoon(
        async () => Number(await page.getByRole('slider', { name: 'Playhead' }).getAttribute('aria-valuenow')) > 0,
      );
      assert.equal(await hasIt(label), false);
      await give(true);
      await expectSoon(() => hasIt(label));
    });

    it(`stays where the person puts it themselves: ${target}`, async () => {
      await open('fresh');
      await give(false);
      await news({ type: 'focus', target });
      await give(true, 'Playhead');
      await settled(page);
      await expectSoon(() => hasIt('Playhead'));
      // It does not come back later either.
      await give(false);
      await give(true);
      await settled(page);
      await expectSoon(() => hasIt('Playhead'));
    });

    for (const [width, height] of [
      [600, 800],
      [600, 400],
      [300, 800],
    ] as const) {
      it(`leaves the panel at its top, ${width} × ${height}: ${target}`, async () => {
        await page.setViewportSize({ width, height });
        await open('edited');
        await news({ type: 'focus', target });
        await expectSoon(() => hasIt(label));
        assert.equal(await scrolled(), 0);
      });
    }
  }
});
