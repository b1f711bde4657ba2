// What a press on the timeline begins, where the tracks lie, and what leaving the full width leaves behind.
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { eventually } from '../../host/eventually.js';
import { expectSoon, expectValue } from './expect-soon.js';
import { usePanelPage } from './panel-page.js';
import { settled } from './settled.js';

const S = 1_000_000;

describe('pressing and looking on a page', function () {
  this.timeout(60_000);
  let page: Page;
  const { open, posted, news } = usePanelPage((opened) => (page = opened));

  describe('a pause that was found', () => {
    const pauses = [
      { in: 30 * S, out: 50 * S },
      { in: 80 * S, out: 90 * S },
    ];
    const openPauses = async (): Promise<{ at: (seconds: number) => number; y: number }> => {
      await open('fresh');
      await news({ type: 'pauses', sections: pauses });
      await expectSoon(async () => (await page.locator('.pause').count()) === 2);
      const box = await page.locator('.lane').boundingBox();
      assert.ok(box);
      return { at: (seconds) => box.x + (seconds / 120) * box.width, y: box.y + box.height / 2 };
    };
    const sections = async (): Promise<number[][]> => {
      const marked = (await posted('mark')).at(-1)?.sections ?? [];
      return marked.map((mark) => [mark.in, mark.out].map((text) => Math.round(seconds(text))));
    };

    it('is painted over by a drag that begins on it, and not accepted', async () => {
      const { at, y } = await openPauses();
      await page.mouse.move(at(35), y);
      await page.mouse.down();
      await page.mouse.move(at(40), y, { steps: 3 });
      await page.mouse.move(at(60), y, { steps: 3 });
      await page.mouse.up();
      await expectSoon(async () => (await sections()).length === 1);
      await expectValue(() => sections(), [[35, 60]]);
      await expectValue(() => page.locator('.pause').count(), 1);
      const head = page.getByRole('slider', { name: 'Playhead' });
      await expectValue(() => head.evaluate((element) => element.matches(':focus')), true);
      await page.keyboard.press('Control+z');
      await expectSoon(async () => (await page.locator('.pause').count()) === 2);
      await expectValue(() => sections(), []);
    });

    it('is accepted by a click, also where the hand trembles', async () => {
      const { at, y } = await openPauses();
      await page.mouse.move(at(40), y);
      await page.mouse.down();
      await page.mouse.move(at(40) + 2, y + 1);
      await page.mouse.up();
      await expectSoon(async () => (await sections()).length === 1);
      await expectValue(() => sections(), [[30, 50]]);
      // The press is over: the pointer paints nothing.
      await page.mouse.move(at(70), y, { steps: 3 });
      await expectValue(() => sections(), [[30, 50]]);
    });

    it('is left as it is by a drag that is called off with Escape', async () => {
      const { at, y } = await openPauses();
      await page.mouse.move(at(85), y);
      await page.mouse.down();
      await page.mouse.move(at(100), y, { steps: 3 });
      await expectSoon(async () => (await page.locator('.marked').count()) === 1);
      await page.keyboard.press('Escape');
      await page.mouse.up();
      await expectSoon(async () => (await page.locator('.pause').count()) === 2);
      await expectValue(() => page.locator('.marked').count(), 0);
      await expectValue(() => sections(), []);
    });
  });

  describe('the full width', () => {
    const button = (name: string) => page.getByRole('button', { name, exact: true });
    const isFolded = (): Promise<boolean> => button('Show the chat').isVisible();

    for (const folded of [true, false]) {
      it(`leaves the chat ${folded ? 'closed' : 'open'} when it was so before, over a reload too`, async () => {
        await open('fresh');
        if (folded) await button('Hide the chat').click();
        await expectSoon(async () => (await isFolded()) === folded);
        await button('Full width').click();
        await expectSoon(isFolded);
        await page.reload();
        await expectSoon(async () => (await button('Full width').getAttribute('aria-pressed')) === 'true');
        await button('Full width').click();
        await expectSoon(async () => (await button('Full width').getAttribute('aria-pressed')) === 'false');
        await expectSoon(async () => (await isFolded()) === folded);
      });
    }

    it('leaves the chat open that was opened meanwhile', async () => {
      await open('fresh');
      await button('Hide the chat').click();
      await button('Full width').click();
      await expectSoon(async () => (await button('Full width').getAttribute('aria-pressed')) === 'true');
      await button('Show the chat').click();
      await button('Full width').click();
      await expectSoon(async () => (await button('Full width').getAttribute('aria-pressed')) === 'false');
      await expectValue(() => isFolded(), false);
    });
  });

  describe('the tracks where words run from right to left', () => {
    it('lie under the ruler, from left to right, with their names before them', async () => {
      await open('edited');
      await page.evaluate('document.documentElement.dir = "rtl"');
      await settled(page);
      const lane = await page.locator('.lane').boundingBox();
      const track = page.getByRole('img', { name: 'Video: 2 segments' });
      const drawn = await track.boundingBox();
      const name = await page.locator('trimmer-tracks .name').first().boundingBox();
      assert.ok(lane && drawn && name);
      assert.ok(Math.abs(drawn.x - lane.x) <= 1 && Math.abs(drawn.width - lane.width) <= 2);
      assert.ok(name.x - drawn.x < 10, 'the name is at the beginning of time');
      await eventually(async () =>
        assert.match(await page.locator('trimmer-tracks .name').first().innerText(), /^Video · interview · 1:25$/),
      );
      // 0:45–1:20 is removed: what is under the pointer there and beside it.
      for (const [time, words] of [
        [20, 'from 0:00 to 0:45 of the clip'],
        [60, ''],
        [100, 'from 1:20 to 2:00 of the clip'],
      ] as const) {
        await track.hover({ position: { x: (time / 120) * drawn.width, y: 8 } });
        await expectSoon(async () => ((await track.getAttribute('title')) ?? '').endsWith(words));
      }
      const filled = await track.evaluate((canvas: HTMLCanvasElement) => {
        const row = canvas.getContext('2d')?.getImageData(0, 4, canvas.width, 1).data ?? [];
        return [20, 60, 100].map((time) => (row[Math.round((time / 120) * canvas.width) * 4 + 3] ?? 0) > 0);
      });
      assert.deepEqual(filled, [true, false, true]);
    });
  });
});

function seconds(text: string): number {
  return text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}
