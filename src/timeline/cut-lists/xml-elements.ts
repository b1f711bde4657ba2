import { XMLParser } from 'fast-xml-parser';
import { CutListError } from './cut-list.js';

/** Deeper than any project; a file that is made to exhaust a reader is refused. */
const MOST_NESTED = 60;

export interface Element {
  readonly tag: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly Element[];
  /** What stands between its tags, beside its elements. */
  readonly text: string;
}

/** Whether a text begins as XML with this element does. @param name of letters only */
export function hasRoot(text: string, name: string): boolean {
  const begin = String.raw`^\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!doctype ${name}[^>]{0,200}>\s*)?<${name}[\s>]`;
  return new RegExp(begin, 'iu').test(text.slice(0, 2000));
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
    const children = elements(tag[1], depth + 1);
    return [{ tag: tag[0], attributes: new Map(known), children, text: decodeEntities(textIn(tag[1])) }];
  });
}

function textIn(value: unknown): string {
  if (!Array.isArray(value)) return '';
  const texts = value.map((node: unknown) =>
    typeof node === 'object' && node !== null && '#text' in node && typeof node['#text'] === 'string'
      ? node['#text']
      : '',
  );
  return texts.join('').trim();
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

/** The outermost elements of a kind, in order of the file. */
export function* findElements(from: Element, isWanted: (tag: string) => boolean): Generator<Element> {
  for (const child of from.children) {
    if (isWanted(child.tag)) yield child;
    else yield* findElements(child, isWanted);
  }
}

export function childOf(element: Element | undefined, tag: string): Element | undefined {
  return element?.children.find((child) => child.tag === tag);
}

/** Of the first child of a name; undefined where there is none, or nothing in it. */
export function textOf(element: Element | undefined, tag: string): string | undefined {
  const text = childOf(element, tag)?.text;
  return text === '' ? undefined : text;
}
