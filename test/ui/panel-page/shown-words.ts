// What words a page shows and speaks, found by looking through every shadow root.
import type { Page } from 'playwright-core';

/**
 * Words outside of the brackets that the made-up language puts around every sentence, each as one line: they went past
 * the translation. Texts of the person and the agent, names of keys, formats and units are the same in every language.
 */
export function forgottenWords(page: Page): Promise<string[]> {
  return page.locator('trimmer-panel, trimmer-panel *').evaluateAll((elements) => {
    const chat = '.markdown, .user, .card .text';
    const spoken = ['aria-label', 'title', 'placeholder', 'aria-valuetext', 'aria-description', 'aria-roledescription'];
    const same =
      /Ctrl|Shift|Alt|Home|End|Delete|Escape|Enter|MP4|MOV|MKV|WebM|\d+p\b|[kMG]B(\/s)?|Video Trimmer|\b[A-Z]\b|\d+ s\b/g;
    const flat = {
      /** A text without what stands in brackets, also within each other, and what is the same everywhere. */
      rest(text: string): string {
        let left = text;
        for (let before = ''; before !== left;) {
          before = left;
          left = left.replaceAll(/⟦[^⟦⟧]*⟧/g, '');
        }
        return left.replaceAll(same, '').trim();
      },
    };
    const lines: string[] = [];
    for (const element of elements) {
      if (element.closest(chat) || element.localName === 'style' || !element.checkVisibility()) continue;
      const own = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
      const texts = own.map((node) => ['text', node.textContent ?? '']);
      for (const name of spoken) texts.push([name, element.getAttribute(name) ?? '']);
      for (const [where, text = ''] of texts) {
        if (/\p{L}/u.test(flat.rest(text))) lines.push(`${where} of ${element.localName}: "${text.trim()}"`);
      }
    }
    return lines;
  });
}

/**
 * Texts that lie over each other, or of which a part is cut off where nothing can be scrolled, each as one line. Names
 * that end in an ellipsis, the timeline and what only screen readers hear do not count.
 */
export function collisions(page: Page): Promise<string[]> {
  return page.locator('trimmer-panel, trimmer-panel *').evaluateAll((elements) => {
    interface Box {
      left: number;
      top: number;
      right: number;
      bottom: number;
    }
    const onPurpose = '.lane, .ruler, .playhead, .spoken, trimmer-tracks, .drop, [popover]:not(:popover-open)';
    const flat = {
      above(node: Element): Element | null {
        const root = node.getRootNode();
        return node.assignedSlot ?? node.parentElement ?? (root instanceof ShadowRoot ? root.host : null);
      },
      within(element: Element, selector: string): boolean {
        for (let node: Element | null = element; node; node = this.above(node)) if (node.matches(selector)) return true;
        return false;
      },
      cut(box: Box, by: Box): Box {
        return {
          left: Math.max(box.left, by.left),
          top: Math.max(box.top, by.top),
          right: Math.min(box.right, by.right),
          bottom: Math.min(box.bottom, by.bottom),
        };
      },
      /** What is left of a text within all that scrolls or clips around it; `lost`: for good. */
      seen(element: Element, text: Box): { box: Box; lost: boolean } {
        let box = text;
        let lost = false;
        for (let node: Element | null = element; node; node = this.above(node)) {
          const { overflowX, textOverflow } = getComputedStyle(node);
          if (overflowX === 'visible') continue;
          const left = this.cut(box, node.getBoundingClientRect());
          const narrower =
            left.right - left.left < box.right - box.left - 1 || left.bottom - left.top < box.bottom - box.top - 1;
          if (narrower && !/auto|scroll/.test(overflowX) && textOverflow !== 'ellipsis') lost = true;
          box = left;
        }
        return { box, lost };
      },
      width(element: Element, text: string): number {
        const ruler = document.createElement('span');
        const { fontFamily, fontSize, fontWeight, fontVariantNumeric } = getComputedStyle(element);
        Object.assign(ruler.style, { fontFamily, fontSize, fontWeight, fontVariantNumeric });
        ruler.style.whiteSpace = 'pre';
        ruler.style.position = 'absolute';
        ruler.textContent = text;
        document.body.append(ruler);
        const { width } = ruler.getBoundingClientRect();
        ruler.remove();
        return width;
      },
    };
    const lines: string[] = [];
    const shown: { text: string; box: Box; floats: boolean }[] = [];
    const floating = '[role=menu], [popover], .newest, .said, .notice';
    for (const element of elements) {
      if (!element.checkVisibility({ visibilityProperty: true }) || flat.within(element, onPurpose)) continue;
      if (element instanceof HTMLSelectElement || element instanceof HTMLInputElement) {
        const text =
          element instanceof HTMLSelectElement ? element.selectedOptions[0]?.textContent?.trim() : element.value;
        const { paddingLeft, paddingRight } = getComputedStyle(element);
        const room = element.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
        if (flat.width(element, text ?? '') > room + 1) lines.push(`"${text}" is cut off in its field`);
        continue;
      }
      if (element instanceof HTMLOptionElement) continue;
      for (const node of element.childNodes) {
        const text = node.textContent?.trim() ?? '';
        if (node.nodeType !== Node.TEXT_NODE || text === '') continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        for (const line of range.getClientRects()) {
          const { box, lost } = flat.seen(element, line);
          if (lost) lines.push(`"${text}" is cut off`);
          // Boxes of letters are higher than the letters.
          const inner = { ...box, top: box.top + 3, bottom: box.bottom - 3 };
          if (inner.right - inner.left < 1 || inner.bottom - inner.top < 1) continue;
          shown.push({ text, box: inner, floats: flat.within(element, floating) });
        }
      }
    }
    for (const [index, one] of shown.entries()) {
      for (const other of shown.slice(index + 1)) {
        if (one.text === other.text || one.floats !== other.floats) continue;
        const both = flat.cut(one.box, other.box);
        if (both.right - both.left > 1 && both.bottom - both.top > 1)
          lines.push(`"${one.text}" lies over "${other.text}"`);
      }
    }
    return [...new Set(lines)];
  });
}
