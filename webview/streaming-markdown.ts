/**
 * The beginning of a markdown text, closed so that it looks as it will when the rest has come: a `**` that waits for
 * its partner is bold already, half a link is its text, and a line that may become a list, a rule or the underline of a
 * heading is left out until it says what it is.
 */
export function closedSoFar(text: string): string {
  const fences = text.match(/^ {0,3}(?:```|~~~)/gmu) ?? [];
  // Within a block of code nothing else is a mark, and the parser ends the block by itself.
  if (fences.length % 2 === 1) return text;
  const lines = text.split('\n');
  if (/^\s*(?:[-=+*_#>|\s]+|\d+[.)]?\s*|`{1,3})$/u.test(lines.at(-1) ?? '')) lines.pop();
  const start = lines.findLastIndex((line) => line.trim() === '') + 1;
  const paragraph = lines.slice(start).join('\n');
  return [...lines.slice(0, start), closeMarks(halfLink(paragraph))].join('\n');
}

/** `see [the manual](https://exa` → `see the manual` */
function halfLink(text: string): string {
  return text.replace(/!?\[(?<label>[^\]\n]*)(?:\](?:\([^)\s]*)?)?$/u, '$<label>');
}

function closeMarks(text: string): string {
  const ticks = text.match(/`/gu)?.length ?? 0;
  if (ticks % 2 === 1) return `${text}\``;
  const words = text.replace(/`[^`]*`/gu, '');
  const ending = /\s*$/u.exec(text)?.[0] ?? '';
  const body = text.slice(0, text.length - ending.length);
  for (const mark of ['**', '~~']) {
    if ((words.split(mark).length - 1) % 2 === 0) continue;
    // An opening mark with nothing behind it yet shows nothing.
    return body.endsWith(mark) ? body.slice(0, -mark.length) : `${body}${mark}${ending}`;
  }
  return text;
}

/**
 * Puts new nodes in the place of old ones, but leaves the first ones alone that are the same: a selection in them stays,
 * and nothing above the growing end is laid out anew.
 */
export function replaceFromFirstChange(box: ParentNode & Node, fresh: DocumentFragment): void {
  const nodes = [...fresh.childNodes];
  let same = 0;
  for (; same < nodes.length; same += 1) {
    const [old, next] = [box.childNodes[same], nodes[same]];
    if (!old || !next || !old.isEqualNode(next)) break;
  }
  while (box.childNodes.length > same) box.lastChild?.remove();
  box.append(...nodes.slice(same));
}
