// The panel in another language than English: every word of it, from the first moment, and nothing cut off by it.
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { readMessage } from '../../../src/local/grammar.js';
import { wordsBlock } from '../../../src/views/words-block.js';
import { expectSoon, expectValue } from './expect-soon.js';
import { readWords } from './languages.js';
import { usePanelBrowser } from './panel-page.js';
import { poses } from './poses.js';
import { misfits } from './reach.js';
import { settled } from './settled.js';
import { collisions, forgottenWords } from './shown-words.js';

describe('the words of the panel', function () {
  this.timeout(60_000);
  const { newPage, load } = usePanelBrowser();
  let page: Page;
  let problems: string[];

  beforeEach(async () => {
    problems = [];
    page = await newPage({ viewport: { width: 300, height: 800 }, reducedMotion: 'reduce' });
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
  });
  afterEach(async () => {
    await page.close();
    assert.deepEqual(problems, []);
  });

  it('are English, and the page says so, where the host gives it none', async () => {
    await load(page, 'marked@sidebar');
    await expectValue(() => page.locator('html').getAttribute('lang'), 'en');
    await page.getByRole('button', { name: 'Remove 2 sections' }).waitFor();
  });

  it('are Chinese, and the page says so, where VS Code speaks Chinese', async () => {
    await load(page, 'marked@sidebar', 'dark-modern', 'zh-cn');
    await expectValue(() => page.locator('html').getAttribute('lang'), 'zh-cn');
    await page.getByRole('button', { name: '剪掉 2 个片段' }).waitFor();
    await page.getByRole('textbox', { name: '入点', exact: true }).waitFor();
    await page.getByRole('textbox', { name: '出点 2' }).waitFor();
    await page.getByRole('button', { name: '入点 2: 设为播放头位置' }).waitFor();
    await page.getByRole('slider', { name: '片段 1 的入点' }).waitFor();
  });

  it('are Chinese for a screen reader too, in what is told of a change', async () => {
    await load(page, 'marked@sidebar', 'dark-modern', 'zh-cn');
    await page.locator('.playhead').focus();
    await page.keyboard.press('s');
    const told = page.locator('trimmer-panel > .spoken, trimmer-panel .page + .spoken');
    await expectSoon(async () => (await told.textContent()) === '要拆分片段，请将播放头放到已标记的片段中。');
    await page.keyboard.press('Control+z');
    await expectSoon(async () => (await told.textContent()) === '没有可撤消的操作。');
  });

  it('say in Chinese what is wrong with a time', async () => {
    await load(page, 'wrong@sidebar', 'dark-modern', 'zh-cn');
    await page.getByText('出点早于入点 (1:20)。').waitFor();
    await page.getByText('视频在 2:00 结束。请选择不晚于此的出点。').waitFor();
  });

  it('offer examples that mean the same to the engine in both languages', async () => {
    const chinese = await readWords('zh-cn');
    for (const english of [
      'edit a 3-minute interview clip with a long pause in the middle into a 1080p MP4',
      'remove the section between 0:45 and 1:20 and join the remaining parts smoothly',
      'cutting out unwanted middle sections from a video and rejoining the remaining parts for content creators',
    ]) {
      const { language: _, ...meant } = readMessage(english);
      const { language, ...read } = readMessage(chinese?.[english] ?? '');
      assert.equal(language, 'zh');
      assert.deepEqual(read, meant, chinese?.[english]);
    }
  });

  it('send the example that was clicked as it is shown', async () => {
    await load(page, 'fresh@sidebar', 'dark-modern', 'zh-cn');
    const sentence = '删除 0:45 到 1:20 之间的部分，并把剩余部分平滑拼接起来';
    await page.getByRole('button', { name: sentence }).click();
    await expectSoon(async () => {
      const posted = await page.evaluate<{ type: string; text?: string }[]>('window.posted');
      return posted.some(({ type, text }) => type === 'say' && text === sentence);
    });
  });

  it('leave the page whole, whatever a sentence has in it', () => {
    const block = wordsBlock({ '</script><script>alert(1)</script>': '<!-- {0}' });
    assert.equal(block.match(/</g)?.length, 2);
    assert.deepEqual(JSON.parse(block.replace(/^<[^>]+>/, '').replace('</script>', '')), {
      '</script><script>alert(1)</script>': '<!-- {0}',
    });
  });

  it('stay English where those of the host cannot be read', async () => {
    await page.route(/scene=/, async (route) => {
      const response = await route.fetch();
      const html = await response.text();
      await route.fulfill({
        response,
        body: html.replace('<script type="application/json" id="words">', '$&not JSON'),
      });
    });
    await load(page, 'marked@sidebar', 'dark-modern', 'zh-cn');
    await page.getByRole('button', { name: 'Remove 2 sections' }).waitFor();
  });

  describe('in a language that is longer by two fifths', () => {
    /** So many that each word of the panel is seen in one of them. */
    const sidebar = [
      ...[
        'empty-sidebar',
        'marked',
        'pauses',
        'wrong',
        'uploading-files',
        'editing',
        'starting',
        'exporting',
        'queued',
      ],
      ...['marked-again', 'exported', 'in-cloud', 'all-cards', 'vague', 'cut-in-cloud', 'broken-entries'],
      ...['options-open', 'options-refused', 'menu-open', 'keys-shown', 'dropping', 'notice', 'waits', 'scrolled-up'],
      ...['zoomed', 'all-pauses', 'nothing-to-undo', 'painting', 'stopping'],
    ];
    const editor = [
      ...['edited', 'tracks', 'no-picture', 'opening', 'folded', 'wide', 'making-picture', 'no-made-picture'],
      ...['no-sound', 'no-clip'],
    ];
    const places = [
      { place: 'sidebar', width: 300, states: sidebar },
      { place: 'editor', width: 600, states: editor },
    ];
    for (const { place, width, states } of places) {
      it(`forgets no word, cuts none off and lays none over another: ${place}`, async () => {
        await page.setViewportSize({ width, height: 800 });
        await page.addInitScript('sessionStorage.clear()');
        const found: string[] = [];
        for (const state of states) {
          await page.mouse.up();
          const pose = poses[state];
          const scene = pose?.scene ?? state;
          await load(page, place === 'sidebar' ? `${scene}@sidebar` : scene, 'dark-modern', 'pseudo');
          await pose?.strike(page);
          await settled(page);
          const lines = [...(await forgottenWords(page)), ...(await collisions(page)), ...(await misfits(page))];
          found.push(...lines.map((line) => `${state}: ${line}`));
        }
        assert.equal(found.join('\n'), '');
      });
    }

    it('shows no word in English before its own', async () => {
      await page.addInitScript(`
        const seen = (window.seen = []);
        const attach = Element.prototype.attachShadow;
        Element.prototype.attachShadow = function (init) {
          const root = attach.call(this, init);
          const look = new MutationObserver((changes) => {
            for (const { target, addedNodes } of changes) {
              seen.push(...[...addedNodes, target].map((node) => node.textContent ?? ''));
            }
          });
          look.observe(root, { childList: true, characterData: true, subtree: true });
          return root;
        };
      `);
      await load(page, 'connecting@sidebar', 'dark-modern', 'pseudo');
      const seen = await page.evaluate<string[]>('window.seen');
      assert.ok(
        seen.some((text) => text.includes('⟦Connneectiingg')),
        'nothing was seen: then this proves nothing',
      );
      assert.deepEqual(
        seen.filter((text) => /(?<!⟦)Connecting|(?<!⟦)Remove section/.test(text)),
        [],
      );
    });
  });
});
