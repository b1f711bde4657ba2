/** Bytes of a text file as characters, and the way back, which changes nothing that was not changed. */
export interface DecodedText {
  /** A byte order mark is its first character. */
  readonly text: string;
  readonly encode: (text: string) => Uint8Array;
}

/**
 * Reads a subtitle file: UTF-8, UTF-16 with or without a byte order mark, and any encoding that has ASCII in it, such as
 * Windows-1252, GBK or Shift JIS. Of the last kind each byte becomes one character: numbers and arrows can be read,
 * and the words, which cannot, go back byte by byte.
 *
 * @returns undefined for bytes that are no text
 */
export function decodeText(bytes: Uint8Array): DecodedText | undefined {
  const wide = wideOrder(bytes);
  if (wide) return decodeWide(bytes, wide);
  if (bytes.includes(0)) return undefined;
  const text = decoded(bytes, 'utf-8');
  if (text !== undefined) return { text, encode: (words) => new TextEncoder().encode(words) };
  return { text: fromBytes(bytes), encode: toBytes };
}

function decodeWide(bytes: Uint8Array, order: 'le' | 'be'): DecodedText | undefined {
  const text = decoded(bytes, `utf-16${order}`);
  return text === undefined ? undefined : { text, encode: (words) => encodeWide(words, order === 'le') };
}

function decoded(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** By the byte order mark, else by where the zeros of the numbers and line ends lie. */
function wideOrder(bytes: Uint8Array): 'le' | 'be' | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'be';
  const zeros = [0, 0];
  const look = Math.min(bytes.length, 1000);
  for (let at = 0; at < look; at += 1) if (bytes[at] === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  if (Math.max(even, odd) * 8 < look || Math.min(even, odd) > 0) return undefined;
  return odd > 0 ? 'le' : 'be';
}

function encodeWide(text: string, little: boolean): Uint8Array {
  const bytes = new Uint8Array(text.length * 2);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < text.length; at += 1) view.setUint16(at * 2, text.charCodeAt(at), little);
  return bytes;
}

function fromBytes(bytes: Uint8Array): string {
  const CHUNK = 8192;
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return text;
}

function toBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
