// The panel alone, in a real browser under the content policy of a webview: what a person does and what the host hears.
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { eventually } from '../../host/eventually.js';
import { expectSoon, expectValue } from './expect-soon.js';
import { stateOf, usePanelPage } from './panel-page.js';

describe('the panel on a page', function () {
  this.timeout(60_000);
  let page: Page;
  const { open, posted, news } = usePanelPage((opened) => (page = opened));

  const field = (name: string) => page.getByRole('textbox', { name, exact: true });

  it('sends all marked sections in one message', async () => {
    await open('fresh');
    await field('In point').fill('0:45');
    await field('Out point').fill('1:20');
    await page.getByRole('button', { name: 'Add section' }).click();
    await page.keyboard.type('100');
    await field('Out point 2').fill('1:45.5');
    await page.getByRole('button', { name: 'Remove 2 sections' }).click();
    const sections = [
      { in: '0:45', out: '1:20' },
      { in: '100', out: '1:45.5' },
    ];
    await expectValue(async () => (await posted('remove')).map((message) => message.sections), [sections]);
    await expectValue(async () => (await posted('mark')).at(-1)?.sections, sections);
  });

  it('says what is wrong at the field, for screen readers too, and lets nothing be sent', async () => {
    await open('fresh');
    await field('In point').fill('1:20');
    await field('Out point').fill('0:45');
    await page.getByText('The out point is before the in point (1:20).').waitFor();
    const out = field('Out point');
    await expectValue(() => out.getAttribute('aria-invalid'), 'true');
    await expectValue(
      () => out.evaluate((input) => input.ariaDescribedByElements?.map((part) => part.textContent)),
      ['The out point is before the in point (1:20).'],
    );
    const remove = page.getByRole('button', { name: 'Remove section' });
    await expectSoon(() => remove.isDisabled());
    await out.fill('1:30');
    await page.getByText('The out point is before').waitFor({ state: 'hidden' });
    await expectSoon(() => remove.isEnabled());
  });

  it('does not let the host overwrite what is being typed, but takes its empty list after the removal', async () => {
    await open('fresh');
    await field('In point').fill('0:45');
    const echo = (await posted('mark')).at(-1);
    await field('In point').fill('0:45.5');
    await field('Out point').fill('1:20');
    await news({
      type: 'state',
      state: {
        ...stateOf('fresh'),
        title: 'echo',
        marked: [{ in: '0:45', out: '' }],
        markedRevision: echo?.revision ?? 0,
      },
    });
    await page.getByRole('button', { name: 'Remove section' }).click();
    const sent = (await posted('remove'))[0];
    assert.deepEqual(sent?.sections, [{ in: '0:45.5', out: '1:20' }]);
    await news({ type: 'state', state: { ...stateOf('edited'), markedRevision: sent?.revision ?? 0 } });
    await page.getByRole('log').getByText('Removed 0:45–1:20').waitFor();
    await expectSoon(async () => (await field('In point').inputValue()) === '');
    await expectSoon(() => page.getByRole('button', { name: 'Export', exact: true }).first().isEnabled());
  });

  it('asks for a dissolve at the joins, with the keyboard alone, and shows what the joins are', async () => {
    await open('fresh');
    const menu = page.getByRole('combobox', { name: 'Join' });
    await expectValue(() => menu.count(), 0, 'no joins yet');
    await open('edited');
    await expectValue(
      async () => (await menu.getByRole('option').allTextContents()).map((text) => text.trim()),
      ['Cut', 'Dissolve 0.25 s', 'Dissolve 0.5 s', 'Dissolve 1 s'],
    );
    await expectValue(() => menu.inputValue(), '0');
    await menu.focus();
    await page.keyboard.type('Dissolve 0.5');
    await page.keyboard.press('Enter');
    await expectSoon(async () => (await posted('join')).length > 0);
    await expectValue(async () => (await posted('join')).at(-1)?.dissolve, 500_000);
    await news({ type: 'state', state: { ...stateOf('edited'), join: 500_000 } });
    await expectSoon(async () => (await menu.inputValue()) === '500000');
    await news({ type: 'state', state: { ...stateOf('edited'), join: 0 } });
    await expectSoon(async () => (await menu.inputValue()) === '0');
    // A length that only words ask for is shown too.
    await news({ type: 'state', state: { ...stateOf('edited'), join: 750_000 } });
    await expectSoon(async () => (await menu.inputValue()) === '750000');
  });

  it('puts the keyboard into the in point when the host asks', async () => {
    await open('fresh');
    await news({ type: 'focus', target: 'in' });
    await expectSoon(async () => (await field('In point').evaluate((input) => input.matches(':focus'))) === true);
    await page.keyboard.type('0:45');
    await expectValue(() => field('In point').inputValue(), '0:45');
  });

  it('shows the text of the agent without letting it run, load or dress up as anything', async () => {
    await open('edited');
    const text = [
      '**bold** <b onclick="window.hit=1">x</b> <img src="https://example.com/x.png" onerror="window.hit=1">',
      '<script>window.hit=1</script><style>*{display:none}</style><form><input value="token"><button>Pay</button></form>',
      '[bad](javascript:window.hit=1) [file](file:///etc/passwd) [data](data:text/html,x) ![p](https://example.com/p.png)',
      '[fine](https://example.com/ok) <a href="https://example.com/no" target="_top">no</a> <iframe src="https://example.com"></iframe>',
    ].join('\n\n');
    const state = stateOf('edited');
    await news({
      type: 'state',
      state: { ...state, chat: [{ id: 'x', kind: 'agent', text, streaming: false, actions: [] }] },
    });
    const entry = page.locator('trimmer-chat-entry .markdown');
    await entry.getByText('bold').waitFor();
    const found = await entry.evaluate((box) =>
      [...box.querySelectorAll('*')].map((part) => [part.localName, ...part.getAttributeNames()].join(' ')),
    );
    const allowed = ['p', 'strong', 'br', 'a', 'a href'];
    assert.deepEqual(
      found.filter((part) => !allowed.includes(part)),
      [],
    );
    const addresses = await entry
      .locator('a[href]')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href')));
    assert.deepEqual(addresses, ['https://example.com/ok']);
    // What was HTML is there to be read.
    await entry.getByText('<script>window.hit=1</script>').waitFor();
    await expectValue(() => page.evaluate('window.hit'), undefined);
  });

  it('gives a clicked link to the host once and stays where it is', async () => {
    await open('edited');
    await page.evaluate('document.addEventListener("click", () => { window.reachedPage = true; })');
    await page.getByRole('link', { name: 'read how joins work' }).click();
    const links = await posted('open-link');
    assert.deepEqual(
      links.map((message) => message.url),
      ['https://example.com/joins'],
    );
    await expectValue(() => page.evaluate('window.reachedPage'), undefined);
    assert.match(page.url(), /scene=edited/);
  });

  it('sends a message with Enter, breaks the line with Shift+Enter, and stops with Escape', async () => {
    await open('fresh');
    await field('Message').fill('cut the');
    await field('Message').press('Shift+Enter');
    await page.keyboard.type('pause');
    await field('Message').press('Enter');
    await expectValue(async () => (await posted('say')).map((message) => message.text), ['cut the\npause']);
    await expectValue(() => field('Message').inputValue(), '');
    await news({ type: 'state', state: stateOf('editing') });
    await page.getByRole('button', { name: 'Stop', exact: true }).waitFor();
    await field('Message').press('Escape');
    await expectValue(async () => (await posted('stop')).length, 1);
  });

  it('does not send while an input method composes', async () => {
    await open('fresh');
    await field('Message').focus();
    const session = await page.context().newCDPSession(page);
    await session.send('Input.imeSetComposition', { text: 'daochu', selectionStart: 6, selectionEnd: 6 });
    const enter = { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 229 };
    await session.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...enter });
    await session.send('Input.insertText', { text: '导出' });
    await expectValue(() => field('Message').inputValue(), '导出');
    assert.deepEqual(await posted('say'), []);
    await field('Message').press('Enter');
    await expectValue(async () => (await posted('say')).map((message) => message.text), ['导出']);
  });

  it('keeps the message and shows the sentence of the host when it is refused', async () => {
    await open('fresh');
    await page.evaluate('window.answers = { say: "You are offline. Nothing was sent; try again." }');
    await field('Message').fill('remove the pause');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByRole('alert').getByText('You are offline. Nothing was sent; try again.').waitFor();
    await expectValue(() => field('Message').inputValue(), 'remove the pause');
  });

  it('sends a suggestion when there is a clip, and lets it wait in the message field when there is none', async () => {
    const sentence = 'remove the section between 0:45 and 1:20 and join the remaining parts smoothly';
    await open('empty-sidebar');
    await page.getByRole('button', { name: sentence }).click();
    await expectValue(() => field('Message').inputValue(), sentence);
    assert.deepEqual(await posted('say'), []);
    await open('fresh@sidebar');
    await page.getByRole('button', { name: sentence }).click();
    await expectValue(async () => (await posted('say')).map((message) => message.text), [sentence]);
  });

  it('offers to choose a clip in the empty sidebar', async () => {
    await open('empty-sidebar');
    await page.getByText('Ready when you are. Drop your video clips here or describe what you want to make.').waitFor();
    await page.getByRole('button', { name: 'Choose a video…' }).click();
    await expectValue(async () => (await posted('attach')).length, 1);
  });

  it('carries out what a card offers', async () => {
    await open('failed');
    await page.getByRole('button', { name: 'Cut on this machine instead' }).click();
    await expectValue(
      async () => (await posted('act')).map(({ entry, action }) => [entry, action]),
      [['3', 'use-local']],
    );
  });

  const video = () => page.getByTestId('picture');
  const position = () => video().evaluate((element) => (element as HTMLVideoElement).currentTime);
  const seekable = async (): Promise<void> => {
    await expectSoon(() => video().evaluate((element) => (element as HTMLVideoElement).readyState >= 2));
  };

  it('marks with I and O at the playhead, frame by frame, and removes with X', async () => {
    await open('fresh');
    await seekable();
    await page.getByRole('slider', { name: 'Playhead' }).focus();
    for (const key of ['ArrowRight', '.', '.', '.', 'i', 'ArrowRight', 'o']) await page.keyboard.press(key);
    await expectSoon(async () => (await field('In point').inputValue()) === '0:01.1');
    await expectSoon(async () => (await field('Out point').inputValue()) === '0:02.1');
    await page.keyboard.press('x');
    await expectValue(async () => (await posted('remove'))[0]?.sections, [{ in: '0:01.1', out: '0:02.1' }]);
  });

  it('paints a section by dragging, adjusts it by its edge, and accepts a pause by a click', async () => {
    await open('fresh');
    await seekable();
    const lane = page.locator('.lane');
    const box = await lane.boundingBox();
    assert.ok(box);
    const at = (seconds: number): number => box.x + (seconds / 120) * box.width;
    const y = box.y + box.height / 2;
    await page.mouse.move(at(10), y);
    await page.mouse.down();
    await page.mouse.move(at(20), y, { steps: 4 });
    assert.deepEqual(await posted('mark'), []);
    await page.mouse.up();
    await expectValue(
      () => page.getByRole('slider', { name: 'Playhead' }).evaluate((head) => head.matches(':focus')),
      true,
    );
    const [painted] = (await posted('mark')).at(-1)?.sections ?? [];
    assert.match(painted?.in ?? '', /^0:(09\.[89]|10)/);
    assert.match(painted?.out ?? '', /^0:(19\.[89]|20)/);
    await page.getByRole('slider', { name: 'Out point of section 1' }).focus();
    await page.keyboard.press('Shift+ArrowRight');
    // The toolkit's field shows its value with the next picture of the browser.
    await expectSoon(async () => /^0:(20\.[89]|21)/.test(await field('Out point').inputValue()));
    await page.getByRole('button', { name: 'Mark the pause 0:45.2–1:19.8, 1 of 2' }).click();
    await expectSoon(async () => (await field('In point 2').inputValue()) === '0:45.2');
    await page.getByRole('button', { name: 'Remove 2 sections' }).waitFor();
  });

  it('shows pauses that touch no mark, accepts one by the keyboard, and goes on to the next', async () => {
    await open('pauses');
    await news({
      type: 'pauses',
      sections: [
        { in: 10e6, out: 15e6 },
        { in: 22e6, out: 30e6 },
        { in: 40e6, out: 50e6 },
        { in: 90e6, out: 95e6 },
      ],
    });
    const ghosts = page.locator('.pause');
    await expectSoon(async () => (await ghosts.count()) === 3);
    // Of 22–30 a mark has a part already.
    await expectValue(
      () => ghosts.evaluateAll((buttons) => buttons.map((button) => button.ariaLabel)),
      ['Mark the pause 0:10–0:15, 1 of 3', 'Mark the pause 0:40–0:50, 2 of 3', 'Mark the pause 1:30–1:35, 3 of 3'],
    );
    await expectValue(() => ghosts.evaluateAll((buttons) => buttons.map((button) => button.tabIndex)), [0, -1, -1]);
    await ghosts.first().focus();
    await page.keyboard.press('ArrowRight');
    await expectSoon(() => ghosts.nth(1).evaluate((button) => button.matches(':focus')));
    await page.keyboard.press('Enter');
    await expectSoon(async () => (await ghosts.count()) === 2);
    await expectValue(
      async () => (await posted('mark')).at(-1)?.sections,
      [
        { in: '0:20', out: '0:26.5' },
        { in: '0:40', out: '0:50' },
      ],
    );
    // The last one of two now; another Enter takes it too, and then there is one left.
    await expectSoon(() => ghosts.nth(1).evaluate((button) => button.matches(':focus')));
    await page.keyboard.press('Enter');
    await page.getByText('Pause marked. 1 pause left.').waitFor({ state: 'attached' });
    await expectSoon(async () => (await ghosts.count()) === 1);
    // An ordinary section: it has edges that can be moved.
    await page.getByRole('slider', { name: 'In point of section 2' }).focus();
    await page.keyboard.press('Shift+ArrowRight');
    await expectSoon(async () => (await field('In point 2').inputValue()) === '0:41');
  });

  it('accepts all pauses at once and takes them back', async () => {
    await open('pauses');
    await page.getByRole('button', { name: 'Mark all 7 pauses (0:31)' }).click();
    await page.getByRole('button', { name: 'Remove 8 sections' }).waitFor();
    await expectValue(() => page.locator('.pause').count(), 0);
    const marked = (await posted('mark')).at(-1)?.sections ?? [];
    assert.deepEqual(marked[1], { in: '0:04', out: '0:05.2' });
    assert.equal(marked.length, 8);
    await page.getByRole('button', { name: 'Take back' }).click();
    await page.getByRole('button', { name: 'Mark all 7 pauses (0:31)' }).waitFor();
    await expectValue(async () => (await posted('mark')).at(-1)?.sections, [{ in: '0:20', out: '0:26.5' }]);
    await expectValue(() => page.locator('.pause').count(), 7);
  });

  it('marks no more than the host takes, the longest first', async () => {
    await open('fresh');
    const sections = Array.from({ length: 510 }, (_, n) => ({
      in: n * 200_000,
      out: n * 200_000 + (n < 10 ? 10_000 : 50_000),
    }));
    await news({ type: 'pauses', sections });
    await page.getByRole('button', { name: 'Mark the 500 longest pauses (0:25)' }).click();
    await page.getByRole('button', { name: 'Remove 500 sections' }).waitFor();
    const marked = (await posted('mark')).at(-1)?.sections ?? [];
    assert.deepEqual([marked.length, marked[0]?.in], [500, '0:02']);
  });

  it('tells the host what it looks at, and draws what it gets', async () => {
    await open('fresh');
    await expectSoon(async () => (await posted('look')).length === 1);
    const [whole] = await posted('look');
    assert.deepEqual([whole?.start, whole?.end], [0, 120e6]);
    assert.ok((whole?.tiles ?? 0) >= 3 && (whole?.tiles ?? 0) < 40);
    const painted = (): Promise<number> =>
      page.locator('canvas.sound').evaluate((canvas: HTMLCanvasElement) => {
        const data = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
        return data.filter((_, n) => n % 4 === 3).filter((alpha) => alpha > 0).length / (canvas.width * canvas.height);
      });
    await expectValue(() => painted(), 0);
    const loud = Array.from({ length: 600 }, () => 255);
    await news({ type: 'peaks', layer: 'whole', step: 100_000, offset: 0, values: loud });
    await expectSoon(async () => Math.abs((await painted()) - 0.47) < 0.05);
    await page.getByRole('slider', { name: 'Playhead' }).focus();
    await page.keyboard.press('+');
    await page.keyboard.press('+');
    await eventually(async () => {
      const near = (await posted('look')).at(-1);
      assert.ok(near && near.end - near.start < 50e6 && near.tiles > (whole?.tiles ?? 0) * 2, JSON.stringify(near));
    });
    await expectSoon(async () => (await painted()) > 0.9);
    const quiet = Array.from({ length: 10_000 }, () => 0);
    await news({ type: 'peaks', layer: 'near', step: 10_000, offset: 0, values: quiet });
    await expectSoon(async () => (await painted()) < 0.1);
    await news({ type: 'drawings-gone' });
    await expectSoon(async () => (await painted()) === 0);
    await expectValue(() => page.locator('.pause').count(), 0);
  });

  it('stays quick with four hours and 500 sections', async () => {
    await open('long');
    const lane = page.locator('.lane');
    const box = await lane.boundingBox();
    assert.ok(box);
    // The whole clip: hundreds of sections are drawn, not built.
    await eventually(async () => assert.ok((await lane.locator('.section').count()) < 20));
    const times = await page.evaluate(
      async (middle) => {
        const area = document
          .querySelector('trimmer-panel')
          ?.shadowRoot?.querySelector('trimmer-timeline')
          ?.shadowRoot?.querySelector('.area');
        if (!area) throw new Error('no timeline');
        const spent: number[] = [];
        for (let n = 0; n < 60; n += 1) {
          const zoom = n < 12;
          const before = performance.now();
          area.dispatchEvent(
            new WheelEvent('wheel', {
              ctrlKey: zoom,
              deltaY: zoom ? -100 : 0,
              deltaX: zoom ? 0 : n % 20 < 10 ? 30 : -30,
              clientX: middle.x,
              clientY: middle.y,
              cancelable: true,
            }),
          );
          // The work of a frame: ours in microtasks, then the browser's style and layout, which this reading forces.
          await Promise.resolve();
          await new Promise<void>((resolve) => queueMicrotask(resolve));
          area.getBoundingClientRect();
          spent.push(performance.now() - before);
          await new Promise((resolve) => requestAnimationFrame(resolve));
        }
        return spent.sort((a, b) => a - b);
      },
      { x: box.x + box.width / 2, y: box.y + 20 },
    );
    const median = times[Math.floor(times.length / 2)] ?? 0;
    console.log(`      median ${median.toFixed(1)} ms, worst ${times.at(-1)?.toFixed(1) ?? ''} ms of work a frame`);
    assert.ok(median < 16, `${median} ms`);
  });

  it('follows the talk to its end, except for a reader who scrolled up', async () => {
    await page.setViewportSize({ width: 1200, height: 420 });
    await open('exported');
    const log = page.getByRole('log', { name: 'Chat' });
    const fromEnd = () => log.evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight);
    const state = stateOf('exported');
    const say = (id: string): Promise<void> =>
      news({
        type: 'state',
        state: {
          ...state,
          chat: [...state.chat, { id, kind: 'agent', text: `${id}\n\n`.repeat(30), streaming: true, actions: [] }],
        },
      });
    await expectSoon(async () => (await fromEnd()) < 2);
    await say('first');
    await page.getByText('first').first().waitFor();
    await expectSoon(async () => (await fromEnd()) < 2);
    await log.evaluate((box) => (box.scrollTop = 0));
    await page.getByRole('button', { name: 'Newest' }).waitFor();
    await say('second');
    await page.getByText('second').first().waitFor();
    await expectValue(() => log.evaluate((box) => box.scrollTop), 0);
    await page.getByRole('button', { name: 'New messages' }).click();
    await expectSoon(async () => (await fromEnd()) < 2);
  });

  it('remembers playhead and unsent text over a reload', async () => {
    await open('fresh');
    await seekable();
    await field('Message').fill('not yet sent');
    await page.getByRole('slider', { name: 'Playhead' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await expectSoon(() => page.evaluate<boolean>('JSON.parse(sessionStorage.state).playhead === 2e6'));
    await page.reload();
    await expectSoon(async () => (await field('Message').inputValue()) === 'not yet sent');
    await seekable();
    await expectSoon(async () => Math.abs((await position()) - 2) < 0.05);
  });
});
