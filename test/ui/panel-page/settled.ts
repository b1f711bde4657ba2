import type { Frame, Page } from 'playwright-core';

/**
 * Waits until the panel has worked through what was done to it: all messages to it have been delivered, and what they
 * and the events before them changed is drawn. Lit draws at once, the toolkit's controls take their attributes with the
 * next picture of the browser; what that leads to comes with the one after.
 */
export async function settled(page: Page | Frame): Promise<void> {
  await page.evaluate(async () => {
    const { posted, unheard } = window as unknown as { posted: unknown[]; unheard: () => number };
    for (let pictures = 0; pictures < 2;) {
      await new Promise((drawn) => requestAnimationFrame(drawn));
      // The first that the panel posts says that it is ready.
      pictures = posted.length > 0 && unheard() === 0 ? pictures + 1 : 0;
    }
  });
}
