// Pan and zoom cost the same with 500 sections as with five. What the browser does is counted, not timed: times tell of
// the machine and of what else runs on it; `npm run bench -- panel` has them.
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { ToPanel } from '../../../src/messages.js';
import { expectSoon } from './expect-soon.js';
import { usePanelBrowser } from './panel-page.js';
import { scenes } from './scenes.js';

const STEPS = 24;

describe('the work of the timeline', function () {
  this.timeout(60_000);
  const { newPage, load } = usePanelBrowser();

  /** The most elements at any step, and style and layout runs a step, of a clip of four hours with so many sections. */
  async function cost(sections: number): Promise<{ elements: number; layouts: number; styles: number }> {
    const page = await newPage({ viewport: { width: 1200, height: 800 }, reducedMotion: 'reduce' });
    try {
      await load(page, 'long');
      await show(page, sections);
      const session = await page.context().newCDPSession(page);
      await session.send('Performance.enable');
      const counts = async (): Promise<Map<string, number>> => {
        const { metrics } = await session.send('Performance.getMetrics');
        return new Map(metrics.map(({ name, value }) => [name, value]));
      };
      let elements = 0;
      // In to where single sections are seen, across, and out again.
      for (let step = 0; step < 8; step += 1) elements = Math.max(elements, await turn(page, { zoom: -100 }));
      const before = await counts();
      for (let step = 0; step < STEPS; step += 1) elements = Math.max(elements, await turn(page, { pan: 40 }));
      const after = await counts();
      for (let step = 0; step < 8; step += 1) elements = Math.max(elements, await turn(page, { zoom: 100 }));
      const perStep = (name: string): number => ((after.get(name) ?? NaN) - (before.get(name) ?? NaN)) / STEPS;
      return { elements, layouts: perStep('LayoutCount'), styles: perStep('RecalcStyleCount') };
    } finally {
      await page.close();
    }
  }

  it('does not grow with the number of sections', async () => {
    const few = await cost(5);
    const many = await cost(500);
    const told = `five: ${JSON.stringify(few)}, five hundred: ${JSON.stringify(many)}`;
    assert.ok(few.layouts > 0 && many.elements > few.elements, `nothing was counted: ${told}`);
    // The frames of one step may be counted with the next: a tenth of a run.
    assert.ok(many.layouts <= few.layouts * 1.1 + 0.1, `layout: ${told}`);
    assert.ok(many.styles <= few.styles * 1.1 + 0.1, `style: ${told}`);
    assert.ok(many.elements < 200, `elements: ${told}`);
  });
});

/** Leaves the scene only so many marks, and as many pauses and removed sections. */
async function show(page: Page, sections: number): Promise<void> {
  const messages = (scenes['long'] ?? []).map((message): ToPanel => {
    if (message.type === 'pauses') return { ...message, sections: message.sections.slice(0, sections) };
    if (message.type !== 'state') return message;
    const { state } = message;
    const marked = state.marked.slice(0, sections);
    return {
      ...message,
      state: { ...state, marked, markedRevision: state.markedRevision + 1, removed: state.removed.slice(0, sections) },
    };
  });
  await page.evaluate((all) => {
    for (const message of all) window.postMessage(message, '*');
  }, messages);
  await expectSoon(async () => (await page.getByRole('button', { name: `Remove ${sections} sections` }).count()) > 0);
}

/** Turns the wheel over the beginning of the timeline once, waits for the picture, and counts the timeline's elements. */
function turn(page: Page, by: { zoom?: number; pan?: number }): Promise<number> {
  return page.locator('trimmer-timeline .area').evaluate(async (area, { zoom, pan }) => {
    const { x, y, width } = area.getBoundingClientRect();
    const at = { clientX: x + width * 0.02, clientY: y + 40, cancelable: true };
    const deltas = zoom === undefined ? { deltaX: pan ?? 0 } : { ctrlKey: true, deltaY: zoom };
    area.dispatchEvent(new WheelEvent('wheel', { ...at, ...deltas }));
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    return area.querySelectorAll('*').length;
  }, by);
}
