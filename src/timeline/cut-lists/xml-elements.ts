import { XMLParser } from 'fast-xml-parser';
import { CutListError } from './cut-list.js';

/** Deeper than any project; a file that is made to exhaust a reader is refused. */
const MOST_NESTED = 60;

export interface Element {
  readonly tag: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly Element[];
}

/** @returns the outermost elements @throws CutListError for what is no XML */
export function parseXml(text: string): Element[] {
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    // Entities that a file declares are left alone: nothing here needs them, and they can be made to grow without end.
    processEntities: false,
    parseTagValue: false,
    parseAttributeValue: false,
    ignoreDeclaration: true,
    ignorePiTags: true,
    maxNestedTags: MOST_NESTED,
  });
  try {
    return elements(parser.parse(text.replace(/^\ufeff/u, '')), 0);
  } catch {
    throw new CutListError('not-this');
  }
}

/** The parser's own form: an array of objects with the tag as a key beside `:@`, the attributes. */
function elements(value: unknown, depth: number): Element[] {
  if (!Array.isArray(value) || depth > MOST_NESTED) return [];
  return value.flatMap((node: unknown): Element[] => {
    if (typeof node !== 'object' || node === null) return [];
    const entries = Object.entries(node);
    const tag = entries.find(([key]) => key !== ':@' && key !== '#text');
    if (!tag) return [];
    const attributes: unknown = entries.find(([key]) => key === ':@')?.[1];
    const pairs = typeof attributes === 'object' && attributes !== null ? Object.entries(attributes) : [];
    const known = pairs.flatMap(([key, text]): [string, string][] =>
      typeof text === 'string' ? [[key, decodeEntities(text)]] : [],
    );
    return [{ tag: tag[0], attributes: new Map(known), children: elements(tag[1], depth + 1) }];
  });
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(amp|lt|gt|quot|apos));/giu,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? whole;
      const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}
