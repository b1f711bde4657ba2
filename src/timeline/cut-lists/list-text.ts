import { decodeText } from '../subtitles/text-encoding.js';

/**
 * The text of a list. Programs of old fill the last block of a file up, with the mark that ended a text in DOS and with
 * zeros; both are left out.
 *
 * @returns undefined for bytes that are no text
 */
export function textOfList(bytes: Uint8Array): string | undefined {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0 || bytes[end - 1] === 0x1a)) end -= 1;
  return (decodeText(bytes) ?? decodeText(bytes.subarray(0, end)))?.text;
}
