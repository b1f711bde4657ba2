// What a machine can find out about the panel for people who see, hear or move differently: axe in every state, place
// and theme, under the content policy of a webview.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type axe from 'axe-core';
import type { Page } from 'playwright-core';
import { changeTheme, THEMES } from './page-server.js';
import { usePanelBrowser } from './panel-page.js';
import { poses } from './poses.js';
import { scenes } from './scenes.js';
import { settled } from './settled.js';

/** The rules of axe's category `cat.color`. */
const ABOUT_COLOURS = ['color-contrast', 'link-in-text-block'];
const WIDTH = { editor: 900, sidebar: 300 };

describe('the panel under axe', function () {
  this.timeout(60_000);
  const { newPage, load } = usePanelBrowser();
  let page: Page;
  let source: string;

  before(async () => {
    source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    page = await newPage({ reducedMotion: 'reduce' });
    await page.addInitScript('sessionStorage.clear()');
  });

  /** What axe objects to, one line a rule and element. @param rules all that axe knows where none is named */
  async function findings(rules?: readonly string[]): Promise<string[]> {
    const options = { resultTypes: ['violations'], ...(rules ? { runOnly: [...rules] } : {}) } as const;
    const { violations } = await page.evaluate<axe.AxeResults, axe.RunOptions>(
      (wanted) => (window as unknown as { axe: typeof axe }).axe.run(document, wanted),
      options as unknown as axe.RunOptions,
    );
    return violations.flatMap(({ id, impact, nodes }) =>
      nodes.map((node) => {
        const why = node.failureSummary?.replaceAll(/\s+/g, ' ') ?? '';
        return `${impact} ${id}: ${node.target.flat().join(' > ')}: ${why}`;
      }),
    );
  }

  for (const state of [...Object.keys(scenes), ...Object.keys(poses)]) {
    const place = state.endsWith('@sidebar') || poses[state]?.place === 'sidebar' ? 'sidebar' : 'editor';
    it(`finds nothing in ${state}, in any theme`, async () => {
      await page.mouse.up();
      await page.setViewportSize({ width: WIDTH[place], height: 800 });
      await load(page, poses[state]?.scene ?? state);
      await poses[state]?.strike(page);
      await settled(page);
      // The policy of the page does not hold for what the debugger runs in it.
      await page.evaluate(source);
      const found: string[] = [];
      for (const theme of THEMES) {
        await changeTheme(page, theme);
        // A theme changes colours and nothing else, so the other rules say the same in each.
        const lines = await findings(theme === THEMES[0] ? undefined : ABOUT_COLOURS);
        for (const line of lines) found.push(`${theme}: ${line}`);
      }
      assert.equal(found.join('\n'), '');
    });
  }
});
