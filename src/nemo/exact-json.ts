/**
 * JSON that comes back as it was: numbers with more digits than a JavaScript number holds, and a draft to the last byte.
 *
 * A session id looks like a 19-digit integer, and a draft must go back to the render route verbatim: its number
 * spelling (`1.0`), its escapes, the order of its keys. `JSON.parse` with access to the source text needs Node 21, which
 * the oldest VS Code we support has but the command line may not.
 */

// Which properties of a parsed object were written as numbers that JavaScript cannot hold: their text.
const exactNumbers = new WeakMap<object, Map<string, string>>();
// The text of objects that stood under the key `draft`.
const sources = new WeakMap<object, string>();

// An inexact number has at least 16 characters; most texts have none and no draft, and need no scan.
const NEEDS_SCAN = /[-+.\deE]{16}|"draft"/;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const OBJECT_FOLLOWS = /\s*:\s*(?=\{)/y;
const EMPTY_OBJECT = /\{\s*\}/y;

/**
 * Parses JSON. An integer beyond 2^53 becomes a string of its digits; every other value is as `JSON.parse` gives it.
 *
 * @throws SyntaxError when the text is not JSON
 */
export function parseExactJson(text: string): unknown {
  if (!NEEDS_SCAN.test(text)) return JSON.parse(text);
  // Unlikely to stand in the text by chance, and not by intent: it is new each time.
  const mark = `${crypto.randomUUID()}:`;
  const { marked, drafts } = markText(text, mark);
  if (marked === text) return JSON.parse(text);
  return JSON.parse(marked, function (this: object, key: string, value: unknown): unknown {
    if (key === mark) {
      sources.set(this, drafts[value as number] ?? '');
      // Takes the mark out of the object again.
      return undefined;
    }
    if (typeof value !== 'string' || !value.startsWith(mark)) return value;
    const digits = value.slice(mark.length);
    const known = exactNumbers.get(this) ?? new Map<string, string>();
    exactNumbers.set(this, known.set(key, digits));
    return inMemory(digits);
  });
}

/** A draft from its JSON text, to be written again as it stands there; text that is no JSON is given back as it is. */
export function parseExactDraft(text: string): unknown {
  try {
    return (parseExactJson(`{"draft":${text}}`) as { draft?: unknown }).draft;
  } catch {
    return text;
  }
}

/**
 * Writes JSON. Of what {@link parseExactJson} made, numbers are written with all their digits, and a draft that nobody
 * changed as it came.
 */
export function stringifyExactJson(value: unknown): string {
  return write(value, true);
}

function write(value: unknown, verbatim: boolean): string {
  const mark = `${crypto.randomUUID()}:`;
  const kept: string[] = [];
  const keep = (text: string): string => `${mark}${kept.push(text) - 1}`;
  const text = JSON.stringify(value, function (this: object, key: string, item: unknown): unknown {
    const source = verbatim && typeof item === 'object' && item !== null ? sources.get(item) : undefined;
    if (source !== undefined && write(item, false) === write(parseExactJson(source), false)) return keep(source);
    const digits = exactNumbers.get(this)?.get(key);
    // Whoever changed the value since meant the new one.
    return digits === undefined || item !== inMemory(digits) ? item : keep(digits);
  });
  if (kept.length === 0) return text;
  return text.replace(new RegExp(`"${mark}(\\d+)"`, 'g'), (_, index) => kept[Number(index)] ?? '');
}

/** Long integers are ids, whose digits count; long fractions are measures, whose size counts. */
function inMemory(digits: string): string | number {
  return /^-?\d+$/.test(digits) ? digits : Number(digits);
}

/**
 * Puts inexact numbers into quotes, behind the mark, and a first member named by the mark into every draft: its value
 * is the index of the draft's text.
 */
function markText(text: string, mark: string): { marked: string; drafts: string[] } {
  const pieces: string[] = [];
  const drafts: string[] = [];
  // Where the drafts around the current place begin, and how deep; mostly none or one.
  const open: { start: number; depth: number; index: number }[] = [];
  let depth = 0;
  let copied = 0;
  let at = 0;
  const insert = (piece: string, from: number, to: number): void => {
    pieces.push(text.slice(copied, from), piece);
    copied = to;
  };
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      const end = endOfString(text, at);
      OBJECT_FOLLOWS.lastIndex = end;
      const isDraft = end - at === 7 && text.startsWith('"draft"', at) && OBJECT_FOLLOWS.test(text);
      at = isDraft ? OBJECT_FOLLOWS.lastIndex : end;
      EMPTY_OBJECT.lastIndex = at;
      if (isDraft) {
        open.push({ start: at, depth, index: drafts.push('') - 1 });
        insert(`{"${mark}":${drafts.length - 1}${EMPTY_OBJECT.test(text) ? '' : ','}`, at, at + 1);
      }
    } else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) {
      NUMBER.lastIndex = at;
      const number = NUMBER.exec(text)?.[0];
      if (number === undefined) return { marked: text, drafts };
      if (isInexact(number)) insert(`"${mark}${number}"`, at, at + number.length);
      at += number.length;
    } else {
      if (code === 0x7b) depth += 1;
      at += 1;
      if (code === 0x7d) {
        depth -= 1;
        const draft = open.at(-1);
        if (draft?.depth === depth) drafts[draft.index] = text.slice(open.pop()?.start, at);
      }
    }
  }
  return { marked: pieces.length === 0 ? text : pieces.join('') + text.slice(copied), drafts };
}

/** Index after the closing quote of the string that opens at `start`. */
export function endOfString(text: string, start: number): number {
  let end = start + 1;
  for (;;) {
    end = text.indexOf('"', end);
    if (end < 0) return text.length;
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === 0x5c) backslashes += 1;
    end += 1;
    if (backslashes % 2 === 0) return end;
  }
}

function isInexact(number: string): boolean {
  if (number.length < 16) return false;
  if (/^-?\d+$/.test(number)) return !Number.isSafeInteger(Number(number));
  return String(Number(number)) !== number;
}
