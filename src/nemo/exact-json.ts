/**
 * JSON that comes back as it was, also where a number has more digits than a JavaScript number holds.
 *
 * A session id looks like a 19-digit integer, and a draft must go back to the render route verbatim. `JSON.parse` with
 * access to the source text needs Node 21, which the oldest VS Code we support has but the command line may not.
 */

// Which properties of a parsed object were written as numbers that JavaScript cannot hold: their text.
const exactNumbers = new WeakMap<object, Map<string, string>>();

// An inexact number has at least 16 digits; most texts have none, and need no scan.
const MAY_BE_INEXACT = /[\d.]{16}/;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/**
 * Parses JSON. An integer beyond 2^53 becomes a string of its digits; every other value is as `JSON.parse` gives it.
 *
 * @throws SyntaxError when the text is not JSON
 */
export function parseExactJson(text: string): unknown {
  if (!MAY_BE_INEXACT.test(text)) return JSON.parse(text);
  // Unlikely to stand in the text by chance, and not by intent: it is new each time.
  const mark = `${crypto.randomUUID()}:`;
  const quoted = quoteInexactNumbers(text, mark);
  if (quoted === text) return JSON.parse(text);
  return JSON.parse(quoted, function (this: object, key: string, value: unknown): unknown {
    if (typeof value !== 'string' || !value.startsWith(mark)) return value;
    const digits = value.slice(mark.length);
    const known = exactNumbers.get(this) ?? new Map<string, string>();
    exactNumbers.set(this, known.set(key, digits));
    return inMemory(digits);
  });
}

/** Writes JSON; numbers of objects that {@link parseExactJson} made are written with all their digits. */
export function stringifyExactJson(value: unknown): string {
  const mark = `${crypto.randomUUID()}:`;
  let marked = false;
  const text = JSON.stringify(value, function (this: object, key: string, item: unknown): unknown {
    const digits = exactNumbers.get(this)?.get(key);
    // Whoever changed the value since meant the new one.
    if (digits === undefined || item !== inMemory(digits)) return item;
    marked = true;
    return mark + digits;
  });
  return marked ? text.replace(new RegExp(`"${mark}([^"]*)"`, 'g'), '$1') : text;
}

/** Long integers are ids, whose digits count; long fractions are measures, whose size counts. */
function inMemory(digits: string): string | number {
  return /^-?\d+$/.test(digits) ? digits : Number(digits);
}

function quoteInexactNumbers(text: string, mark: string): string {
  const pieces: string[] = [];
  let copied = 0;
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      at = endOfString(text, at);
    } else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) {
      NUMBER.lastIndex = at;
      const number = NUMBER.exec(text)?.[0];
      if (number === undefined) return text;
      if (isInexact(number)) {
        pieces.push(text.slice(copied, at), `"${mark}${number}"`);
        copied = at + number.length;
      }
      at += number.length;
    } else {
      at += 1;
    }
  }
  return pieces.length === 0 ? text : pieces.join('') + text.slice(copied);
}

/** Index after the closing quote of the string that opens at `start`. */
function endOfString(text: string, start: number): number {
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
