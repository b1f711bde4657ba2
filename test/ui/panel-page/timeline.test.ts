// The timeline alone, in a real browser: what a person does on it by mouse and by keyboard.
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { eventually } from '../../host/eventually.js';
import { expectSoon, expectValue } from './expect-soon.js';

import { stateOf, usePanelPage } from './panel-page.js';

const S = 1_000_000;

describe('the timeline on a page', function () {
  this.timeout(60_000);
  let page: Page;
  const { open: openPage, posted, news } = usePanelPage((opened) => (page = opened));
  const open = async (scene: string): Promise<void> => {
    await openPage(scene);
    await page.locator('.area').waitFor();
  };

  const head = () => page.getByRole('slider', { name: 'Playhead' });
  const field = (name: string) => page.getByRole('textbox', { name, exact: true });
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const press = async (...keys: string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const marks = async (): Promise<string> => {
    const sections = (await posted('mark')).at(-1)?.sections ?? [];
    return sections.map((mark) => `${mark.in}-${mark.out}`).join(' ');
  };
  const marked = (words: string): Promise<void> => expectSoon(async () => (await marks()) === words);
  const looked = async (): Promise<number[]> => {
    const look = (await posted('look')).at(-1);
    return look ? [look.start / S, look.end / S] : [];
  };
  const focused = (name: RegExp): Promise<void> =>
    expectSoon(() =>
      page
        .locator('trimmer-timeline')
        .evaluate(
          (timeline, [source]) =>
            new RegExp(source).test(timeline.shadowRoot?.activeElement?.getAttribute('aria-label') ?? ''),
          [name.source] as const,
        ),
    );
  const lane = async (): Promise<{ at: (seconds: number) => number; y: number }> => {
    const box = await page.locator('.lane').boundingBox();
    assert.ok(box);
    return { at: (seconds) => box.x + (seconds / 120) * box.width, y: box.y + 50 };
  };

  describe('undo and redo', () => {
    it('take back what was marked with keys, by mouse and in a field, step by step, and do it again', async () => {
      await open('fresh');
      const { at, y } = await lane();
      await head().focus();
      await press('i', 'ArrowRight', 'ArrowRight', 'o');
      await page.mouse.move(at(60), y);
      await page.mouse.down();
      await page.mouse.move(at(70), y, { steps: 6 });
      await page.mouse.up();
      await expectSoon(async () => (await posted('mark')).at(-1)?.sections.length === 2);
      const painted = await marks();
      await field('Out point').fill('');
      await field('Out point').pressSequentially('0:03.5');
      const typed = await marks();
      assert.match(typed, /^0:00-0:03\.5 /);
      await head().focus();
      await press('Control+z');
      await marked(painted);
      await press('Control+z');
      await marked('0:00-0:02');
      await press('Control+z', 'Control+z');
      await marked('');
      await expectValue(() => button('Undo').isDisabled(), true);
      await press('Control+Shift+Z', 'Control+y', 'Control+y');
      await marked(painted);
      await button('Redo').click();
      await marked(typed);
      await button('Undo').click();
      await marked(painted);
    });

    it('are not heard by VS Code, and leave a field its own undo', async () => {
      await open('fresh');
      await page.evaluate('window.heard = []; window.addEventListener("keydown", (e) => window.heard.push(e.key))');
      await head().focus();
      await press('i', 'Control+z');
      await expectValue(() => page.evaluate('window.heard'), ['i', 'Control']);
      // The talk has the keyboard, no text: undo is still of the marks.
      await press('i');
      await page.getByRole('log', { name: 'Chat' }).focus();
      await press('Control+z');
      await marked('');
      await field('Message').fill('not sent');
      const before = (await posted('mark')).length;
      await press('Control+z');
      await expectSoon(async () => (await field('Message').inputValue()) === '');
      assert.equal((await posted('mark')).length, before);
    });

    it('go on after the tab was hidden and shown again', async () => {
      await open('marked');
      await head().focus();
      await press('Shift+ArrowRight', 'i', 'ArrowRight', 'o');
      const before = await marks();
      await press('Delete');
      // The host keeps the marks; here it is the page's server that sends the same state again.
      await press('Control+z', 'Control+z', 'Control+z');
      await expectSoon(async () => await button('Redo').isEnabled());
      await page.reload();
      await page.locator('.area').waitFor();
      await expectSoon(async () => await button('Redo').isEnabled());
      await head().focus();
      await press('Control+y', 'Control+y');
      await marked(before);
    });

    it('begin anew after a removal, and offer to undo that instead', async () => {
      await open('fresh');
      await head().focus();
      await press('i', 'ArrowRight', 'o', 'x');
      const [sent] = await posted('remove');
      await news({ type: 'state', state: { ...stateOf('edited'), markedRevision: sent?.revision ?? 0 } });
      await page.getByRole('log').getByText('Removed 0:45–1:20').waitFor();
      await press('Control+z');
      await page.getByText('Nothing more to undo in the marks.').waitFor();
      assert.equal((await posted('act')).length, 0, 'it only offers');
      await expectSoon(() => page.locator('.undo-edit').evaluate((offer) => offer.matches(':focus')));
      await press('Enter');
      await expectSoon(async () => (await posted('act')).length === 1);
      await expectValue(async () => (await posted('act')).map(({ entry, action }) => [entry, action]), [['4', 'undo']]);
      await expectValue(() => marks(), '0:00-0:01', 'no mark came back');
    });
  });

  describe('sections by the keyboard', () => {
    const three = { in: '0:10', out: '0:20' };
    const openThree = async (): Promise<void> => {
      await open('fresh');
      const sections = [three, { in: '0:50', out: '1:00' }, { in: '0:30', out: '0:40' }];
      await news({ type: 'state', state: { ...stateOf('fresh'), marked: sections, markedRevision: 1 } });
      await expectSoon(async () => (await page.locator('.marked').count()) === 3);
    };

    it('are one stop of the Tab key, and arrow keys go from one to the next in order of time', async () => {
      await openThree();
      await head().focus();
      await press('Tab');
      await focused(/^Marked section 1 of 3, 0:10–0:20, 0:10 long$/);
      await press('ArrowRight');
      await focused(/^Marked section 3 of 3/);
      await press('ArrowRight', 'ArrowRight');
      await focused(/^Marked section 2 of 3/);
      await expectSoon(async () => (await head().getAttribute('aria-valuetext')) === '0:50.00, in marked section 2');
      await press('Tab');
      await focused(/^In point of section 2$/);
      await press('Tab', 'Tab');
      await focused(/^Mark the pause/);
      await expectValue(() => page.locator('.marked[tabindex="0"], .edge[tabindex="0"]').count(), 3);
    });

    it('are moved, split and deleted', async () => {
      await openThree();
      await head().focus();
      await press('Tab', 'Alt+Shift+ArrowRight');
      await marked('0:11-0:21 0:50-1:00 0:30-0:40');
      await press('Alt+ArrowRight');
      await marked('0:11.033-0:21.033 0:50-1:00 0:30-0:40');
      await press('Control+z');
      await marked('0:11-0:21 0:50-1:00 0:30-0:40');
      await head().focus();
      await press('ArrowRight', 'ArrowRight', 's');
      await marked('0:11-0:13.033 0:13.033-0:21 0:50-1:00 0:30-0:40');
      await page.getByText('Split.', { exact: true }).waitFor({ state: 'attached' });
      await press('Tab', 'Delete');
      await marked('0:11-0:13.033 0:50-1:00 0:30-0:40');
      await focused(/^Marked section 3 of 3, 0:30/);
      await press('Delete', 'Delete', 'Delete');
      await marked('');
      await focused(/^Playhead$/);
      await press('s');
      await page.getByText('Put the playhead into a marked section').waitFor({ state: 'attached' });
    });
  });

  describe('a drag', () => {
    it('holds on to pauses, cuts, keyframes and the ends, says to what, and not with Alt', async () => {
      await open('edited');
      await news({ type: 'keyframes', times: [0, 10 * S, 20 * S, 30 * S] });
      const { at, y } = await lane();
      const flag = page.locator('.playhead .flag');
      const drag = async (to: number, words: string): Promise<void> => {
        await page.mouse.move(at(to), y, { steps: 4 });
        await expectSoon(async () => (await flag.textContent()) === words);
      };
      await page.mouse.move(at(5), y);
      await page.mouse.down();
      await drag(10.3, '0:10.00 · keyframe');
      await expectValue(() => page.locator('.guide').count(), 1);
      await drag(44.6, '0:45.00 · cut');
      await page.keyboard.down('Alt');
      await page.mouse.move(at(30.3), y, { steps: 3 });
      await expectSoon(async () => /^0:30\.[1-5]\d$/.test((await flag.textContent()) ?? ''));
      await expectValue(() => page.locator('.guide').count(), 0);
      await page.keyboard.up('Alt');
      await drag(20.2, '0:20.00 · keyframe');
      await page.mouse.up();
      await expectSoon(async () => /-0:20$/.test(await marks()));
      await expectValue(() => page.locator('.guide').count(), 0);
      // A whole section holds on with the edge that is nearer to something.
      await page.mouse.move(at(12), y);
      await page.mouse.down();
      await page.mouse.move(at(22.2), y, { steps: 4 });
      await expectSoon(async () => (await flag.textContent())?.endsWith(' · keyframe') === true);
      await page.keyboard.press('Escape');
      await page.mouse.up();
      await expectSoon(async () => (await field('Out point').inputValue()) === '0:20');
    });

    it('beyond the edge takes the window along', async () => {
      await open('fresh');
      await head().focus();
      await press('+', '+', '+');
      await expectSoon(async () => (await looked())[1] !== 120);
      const { at, y } = await lane();
      await page.mouse.move(at(100), y);
      await page.mouse.down();
      await page.mouse.move(at(120) + 120, y, { steps: 3 });
      await expectSoon(async () => (await looked())[1] === 120);
      await page.mouse.up();
      await expectSoon(async () => /-2:00$/.test(await marks()));
    });
  });

  describe('zoom and pan', () => {
    const span = async (): Promise<number> => {
      const [start = 0, end = 0] = await looked();
      return end - start;
    };

    it('follow a pinch, wheels, keys, and the strip of the whole clip', async () => {
      await open('pauses');
      const { at, y } = await lane();
      await page.mouse.move(at(60), y);
      await page.keyboard.down('Control');
      await page.mouse.wheel(0, -6);
      await page.keyboard.up('Control');
      await expectSoon(async () => (await span()) > 110 && (await span()) < 115);
      await head().focus();
      await press('+', '+', '+');
      await expectSoon(async () => (await span()) < 30);
      const [before = 0] = await looked();
      await page.mouse.wheel(0, 100);
      await expectSoon(async () => ((await looked())[0] ?? 0) > before);
      const [panned = 0] = await looked();
      await page.mouse.wheel(-60, 0);
      await expectSoon(async () => ((await looked())[0] ?? 0) < panned);
      // The middle button takes hold of the timeline.
      const [held = 0] = await looked();
      await page.mouse.down({ button: 'middle' });
      await page.mouse.move(at(50), y, { steps: 3 });
      await page.mouse.up({ button: 'middle' });
      await expectSoon(async () => ((await looked())[0] ?? 0) > held);
      const thumb = page.getByRole('scrollbar', { name: 'Part of the clip that is shown' });
      const box = await thumb.boundingBox();
      assert.ok(box);
      await page.mouse.move(box.x + box.width / 2, box.y + 5);
      await page.mouse.down();
      await page.mouse.move(at(119), box.y + 5, { steps: 3 });
      await page.mouse.up();
      await expectSoon(async () => (await looked())[1] === 120);
      await thumb.focus();
      await press('Home');
      await expectSoon(async () => (await looked())[0] === 0);
      await expectValue(() => thumb.getAttribute('aria-valuenow'), '0');
      await eventually(async () => assert.match((await thumb.getAttribute('aria-valuetext')) ?? '', /^0:00 to 0:2\d$/));
      await head().focus();
      await press('0');
      await expectSoon(async () => (await span()) === 120);
      await expectValue(() => thumb.count(), 0);
    });

    it('show a section, by key and by button', async () => {
      await open('pauses');
      await head().focus();
      await press('Shift+Z');
      await expectSoon(async () => Math.abs((await span()) - 6.5 / 0.6) < 0.1);
      await press('0');
      await button('Zoom to the section').click();
      await expectSoon(async () => Math.abs((await span()) - 6.5 / 0.6) < 0.1);
    });
  });

  it('lists all keys, and gives the keyboard back', async () => {
    await open('fresh');
    await head().focus();
    await press('?');
    const list = page.getByRole('dialog', { name: 'Keys' });
    await list.getByText('Split the section at the playhead').waitFor();
    await press('i');
    assert.deepEqual(await posted('mark'), [], 'keys do nothing behind it');
    await press('Escape');
    await list.waitFor({ state: 'hidden' });
    await focused(/^Playhead$/);
    await button('Keys').click();
    await list.waitFor();
    await list.getByRole('button', { name: 'Close' }).click();
    await list.waitFor({ state: 'hidden' });
  });

  it('hears its keys where nothing else has the keyboard', async () => {
    await open('fresh');
    await page.evaluate('document.activeElement?.blur()');
    await press('ArrowRight', 'i');
    await marked('0:01-');
  });

  it('names the tracks of the draft and tells their segments', async () => {
    await open('edited');
    const tracks = page.getByRole('list', { name: 'Tracks of the result' });
    await expectValue(() => tracks.getByRole('listitem').allInnerTexts(), ['Video · interview · 1:25', 'Sound · 1:25']);
    await page.getByRole('img', { name: 'Video: 2 segments' }).hover({ position: { x: 700, y: 8 } });
    await expectSoon(
      async () =>
        (await page.getByRole('img', { name: 'Video: 2 segments' }).getAttribute('title'))?.includes(
          'from 1:20 to 2:00 of the clip',
        ) === true,
    );
  });
});
