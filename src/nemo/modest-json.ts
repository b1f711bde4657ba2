import { endOfString } from './exact-json.js';

/** Levels of arrays and objects; the drafts that we know have eight. What walks through a value calls itself so often. */
const DEEPEST = 200;
/** Members of arrays and objects together: small ones take more memory than their text by far. */
const MOST_VALUES = 1_000_000;

/**
 * Whether the JSON is of a size that something real may have. A server can write a text that is short and takes
 * gigabytes when it is parsed, or that is too deep for everything that walks through it: that is seen before.
 */
export function isModestJson(text: string): boolean {
  if (text.length <= DEEPEST) return true;
  let depth = 0;
  let values = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case 0x22: // "
        at = endOfString(text, at) - 1;
        break;
      case 0x5b: // [
      case 0x7b: // {
        depth += 1;
        values += 1;
        if (depth > DEEPEST) return false;
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth -= 1;
        break;
      case 0x2c: // ,
        values += 1;
        break;
    }
    if (values > MOST_VALUES) return false;
  }
  return true;
}
