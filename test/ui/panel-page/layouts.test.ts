// The panel for people who read from right to left, zoom in, want less motion or other colours, or use no mouse.
import assert from 'node:assert/strict';
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { eventually } from '../../host/eventually.js';
import { expectSoon, expectValue } from './expect-soon.js';
import type { ThemeName } from './page-server.js';
import { usePanelBrowser } from './panel-page.js';
import { poses } from './poses.js';
import { misfits, unreachable } from './reach.js';
import { scenes } from './scenes.js';
import { settled } from './settled.js';

describe('the layout of the panel', function () {
  this.timeout(60_000);
  const { newPage, load } = usePanelBrowser();
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
  } as const;
  const posed = ['options-refused', 'all-pauses', 'nothing-to-undo', 'zoomed'].flatMap((pose) => [
    pose,
    `${pose}@sidebar`,
  ]);
  describe('fits at every size and zoom, to either side, with each control in reach:', () => {
    let page: Page;
    let found: string[];

    before(async () => {
      page = await newPage({ reducedMotion: 'reduce' });
      await page.addInitScript('sessionStorage.clear()');
      page.on('console', (message) => message.type() === 'error' && found.push(message.text()));
      page.on('pageerror', (error) => found.push(error.message));
    });
    beforeEach(async () => {
      found = [];
      await page.mouse.up();
    });
    after(() => page.close());

    for (const state of [...Object.keys(scenes), ...posed]) {
      it(state, async () => {
        const [name = '', sidebar] = state.split('@');
        const pose = poses[name];
        const viewports = sizes[sidebar ? 'sidebar' : 'editor'];
        await page.setViewportSize(viewports[0]);
        await load(page, pose === undefined ? state : [pose.scene, sidebar].filter(Boolean).join('@'));
        await pose?.strike(page);
        for (const viewport of viewports) {
          for (const dir of ['ltr', 'rtl'] as const) {
            await lay(page, viewport, dir);
            const lines = [...(await misfits(page)), ...(await unreachable(page))];
            found.push(...lines.map((line) => `${viewport.width} ${dir}: ${line}`));
          }
        }
        assert.equal(found.join('\n'), '');
      });
    }
  });

  /** A page of its own for one test, with what the person has set up in the browser or the system. */
  async function withPage(options: BrowserContextOptions, work: (page: Page) => Promise<void>): Promise<void> {
    const page = await newPage({ viewport: { width: 1200, height: 800 }, ...options });
    try {
      await work(page);
    } finally {
      await page.close();
    }
  }

  it('lets time run from left to right where words run from right to left', async () => {
    await withPage({ reducedMotion: 'reduce' }, async (page) => {
      await load(page, 'edited');
      await lay(page, { width: 1200, height: 800 }, 'rtl');
      const left = async (part: Locator): Promise<number> => (await part.boundingBox())?.x ?? assert.fail('not shown');
      const player = page.locator('trimmer-player');
      const button = (name: string): Locator => player.getByRole('button', { name });
      await eventually(async () => {
        assert.ok((await left(page.locator('trimmer-chat'))) < (await left(player)), 'the chat is not on the left');
        assert.ok((await left(button('Previous frame'))) < (await left(button('Next frame'))));
        assert.ok((await left(player.locator('.position'))) > (await left(button('Next frame'))));
      });
      const head = page.getByRole('slider', { name: 'Playhead' });
      const before = await left(head);
      await head.focus();
      for (let times = 0; times < 4; times += 1) await page.keyboard.press('Shift+ArrowRight');
      await expectSoon(async () => (await left(head)) > before + 50);
    });
  });

  /** Names of what moves by itself, pseudo-elements included. */
  const moving = (page: Page): Promise<string[]> =>
    page.locator('trimmer-panel *').evaluateAll((elements) =>
      elements
        .flatMap((element) => element.getAnimations({ subtree: true }))
        .filter((animation) => animation.playState === 'running')
        .map((animation) => ((animation.effect as KeyframeEffect).target as Element).className),
    );

  it('holds still for those who want less motion', async () => {
    const scenesThatMove = ['connecting', 'editing', 'exporting'];
    await withPage({ reducedMotion: 'no-preference' }, async (page) => {
      for (const scene of scenesThatMove.slice(0, 2)) {
        await load(page, scene);
        await eventually(async () =>
          assert.notDeepEqual(await moving(page), [], `nothing moves in ${scene}: then this test proves nothing`),
        );
      }
    });
    await withPage({ reducedMotion: 'reduce' }, async (page) => {
      for (const scene of scenesThatMove) {
        await load(page, scene);
        await expectValue(() => moving(page), [], scene);
      }
    });
  });

  const setups: [title: string, scene: string, theme: ThemeName, options: BrowserContextOptions][] = [
    ['in the dark', 'exported', 'dark-modern', {}],
    ['in the light', 'marked@sidebar', 'light-modern', {}],
    ['in high contrast', 'wrong', 'hc-dark', {}],
    ['in forced colours', 'marked', 'light-modern', { forcedColors: 'active' }],
  ];
  for (const [title, scene, theme, options] of setups) {
    it(`shows where the keyboard is, at every stop of the Tab key: ${title}`, async () => {
      await withPage({ reducedMotion: 'reduce', ...options }, async (page) => {
        await page.setViewportSize({ width: scene.endsWith('@sidebar') ? 300 : 900, height: 800 });
        await load(page, scene, theme);
        const stops: string[] = [];
        for (;;) {
          await page.keyboard.press('Tab');
          const stop = await focused(page);
          if (stop === undefined) break;
          stops.push(stop.name);
          const shown = await page.screenshot({ clip: stop.around, caret: 'hide' });
          // The next Tab goes on from here all the same.
          await stop.blur();
          const plain = await page.screenshot({ clip: stop.around, caret: 'hide' });
          assert.ok(!shown.equals(plain), `it cannot be seen that the keyboard is on ${stop.name}`);
        }
        assert.ok(stops.length > 8, `only ${stops.join(', ')}`);
        assert.equal(new Set(stops).size, stops.length, stops.join(', '));
      });
    });
  }

  it('shows what is marked, what is removed and the time in forced colours', async () => {
    await withPage({ forcedColors: 'active', reducedMotion: 'reduce' }, async (page) => {
      await load(page, 'edited');
      await page.getByRole('textbox', { name: 'In point', exact: true }).fill('0:10');
      await page.getByRole('textbox', { name: 'Out point', exact: true }).fill('0:20');
      await settled(page);
      for (const part of ['.marked', '.removed']) {
        const { borderStyle, borderWidth } = await page
          .locator(part)
          .first()
          .evaluate((box) => {
            const style = getComputedStyle(box);
            return { borderStyle: style.borderTopStyle, borderWidth: parseFloat(style.borderTopWidth) };
          });
        assert.ok(borderStyle !== 'none' && borderWidth >= 1, `${part}: ${borderWidth} ${borderStyle}`);
      }
      const flag = page.locator('trimmer-timeline .flag');
      const box = (await flag.boundingBox()) ?? assert.fail('there is no flag');
      // Inside its edge, where only ground and words are.
      const clip = { x: box.x + 8, y: box.y + 4, width: box.width - 16, height: box.height - 8 };
      const picture = `data:image/png;base64,${(await page.screenshot({ clip })).toString('base64')}`;
      assert.ok((await contrast(page, picture)) > 128, 'the time at the playhead cannot be read');
    });
  });
});

/** Between the darkest and the brightest pixel of a picture, of 255. */
function contrast(page: Page, dataUri: string): Promise<number> {
  return page.evaluate(async (src) => {
    const picture = new Image();
    picture.src = src;
    await picture.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [picture.width, picture.height];
    const context = canvas.getContext('2d');
    context?.drawImage(picture, 0, 0);
    const pixels = context?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
    const greens = [...pixels.filter((_, index) => index % 4 === 1)];
    return Math.max(...greens) - Math.min(...greens);
  }, dataUri);
}

interface FocusStop {
  readonly name: string;
  /** A little more than the element takes, within the window. */
  readonly around: { x: number; y: number; width: number; height: number };
  blur(): Promise<void>;
}

/** The element that has the keyboard, through all shadow roots; undefined when it is none of the page's. */
async function focused(page: Page): Promise<FocusStop | undefined> {
  const handle = await page.evaluateHandle(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return element instanceof HTMLElement && element !== document.body ? element : undefined;
  });
  const element = handle.asElement();
  if (!element) return undefined;
  const { name, box, view } = await element.evaluate((part) => {
    const { x, y, right, bottom } = part.getBoundingClientRect();
    const label = part.getAttribute('aria-label') ?? part.getAttribute('title') ?? part.textContent?.trim();
    return {
      name: `${part.localName}.${part.className} "${label ?? ''}" at ${Math.round(x)},${Math.round(y)}`,
      box: { x, y, right, bottom },
      view: { width: innerWidth, height: innerHeight },
    };
  });
  const margin = 8;
  const x = Math.max(0, box.x - margin);
  const y = Math.max(0, box.y - margin);
  const around = {
    x,
    y,
    width: Math.min(view.width, box.right + margin) - x,
    height: Math.min(view.height, box.bottom + margin) - y,
  };
  return { name, around, blur: () => element.evaluate((part) => part.blur()) };
}
