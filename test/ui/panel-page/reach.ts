// What of the panel cannot be seen or reached, found by looking through every shadow root.
import type { Page } from 'playwright-core';

/**
 * Elements that stick out at a side, parts that would have to be scrolled sideways, and words that are cut off, each as
 * one line. What is clipped on purpose does not count: the timeline, spoken words, ellipses, code and tables of the agent.
 */
export function misfits(page: Page): Promise<string[]> {
  return page.locator('trimmer-panel *').evaluateAll((elements) => {
    const onPurpose = '.lane, .ruler, .playhead, .spoken, .bars, .track, pre, table';
    const { clientWidth } = document.documentElement;
    const lines: string[] = [];
    for (const element of elements) {
      const box = element.getBoundingClientRect();
      if (box.width === 0 || box.height === 0 || element.closest(onPurpose)) continue;
      const name = `${element.localName}.${element.className} "${element.textContent?.trim().slice(0, 30) ?? ''}"`;
      if (box.left < -1 || box.right > clientWidth + 1) {
        lines.push(`${name} reaches from ${Math.round(box.left)} to ${Math.round(box.right)} of ${clientWidth}`);
      }
      const { overflowX, textOverflow, display } = getComputedStyle(element);
      if (overflowX === 'visible' || textOverflow === 'ellipsis' || display === 'inline') continue;
      if (element.scrollWidth > element.clientWidth + 1 && !element.matches('input, textarea')) {
        lines.push(`${name} is ${element.scrollWidth} wide in ${element.clientWidth}`);
      }
    }
    return lines;
  });
}

/**
 * Controls that no click can hit, wherever the person scrolls to; those of the timeline lie over each other on purpose.
 */
export function unreachable(page: Page): Promise<string[]> {
  const controls = page.locator(
    'trimmer-panel :is(button:not(.control), vscode-button, input, textarea, select, a[href])',
  );
  return controls.evaluateAll(async (elements) => {
    // Methods, because tsx gives other functions a helper for their names, which the page does not have.
    const flat = {
      deepestAt(x: number, y: number): Element | undefined {
        let found: Element | undefined;
        for (let root: DocumentOrShadowRoot | null = document; root; root = found?.shadowRoot ?? null) {
          const next: Element | null = root.elementFromPoint(x, y);
          if (!next || next === found) break;
          found = next;
        }
        return found;
      },
      above(node: Node): Node | null {
        if (node instanceof ShadowRoot) return node.host;
        return (node as Element).assignedSlot ?? node.parentNode;
      },
      within(part: Node | undefined, whole: Element): boolean {
        for (let node: Node | null = part ?? null; node; node = this.above(node)) if (node === whole) return true;
        return false;
      },
      /** What a click on the control would hit instead of it. */
      cover(control: Element): string | undefined {
        control.scrollIntoView({ block: 'center', inline: 'nearest' });
        // The first line, where words go on in a second.
        const { left, top, width, height } = control.getClientRects()[0] ?? control.getBoundingClientRect();
        const hit = this.deepestAt(left + width / 2, top + height / 2);
        if (width > 0 && height > 0 && this.within(hit, control)) return undefined;
        return `${hit?.localName ?? 'nothing'}.${hit?.className ?? ''}`;
      },
    };
    const lines: string[] = [];
    for (const control of elements.filter(
      (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest('.lane'),
    )) {
      if (flat.cover(control) === undefined) continue;
      // What floats over the talk goes when its end is reached, a frame later.
      await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
      const cover = flat.cover(control);
      const words = control.getAttribute('aria-label') ?? control.textContent?.trim() ?? '';
      if (cover !== undefined) lines.push(`${control.localName} "${words}" lies under ${cover}`);
    }
    return lines;
  });
}
