import { nothing } from 'lit';
import { Directive, directive, type ElementPart, type PartInfo, PartType } from 'lit/directive.js';

/** Style properties by their name in CSS. */
export type StyleProperties = Readonly<Record<string, string>>;

/**
 * Sets style properties on an element through the style object: `<div ${placed({ width: '3px' })}>`.
 * Lit's own `styleMap` begins with a `style` attribute, which the content policy of a webview blocks.
 */
class PlacedDirective extends Directive {
  #names: readonly string[] = [];

  constructor(part: PartInfo) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new Error('placed() belongs on an element, not in an attribute.');
  }

  override render(_properties: StyleProperties): typeof nothing {
    return nothing;
  }

  override update(part: ElementPart, [properties]: [StyleProperties]): typeof nothing {
    const { style } = part.element as HTMLElement;
    for (const name of this.#names) if (!(name in properties)) style.removeProperty(name);
    for (const [name, value] of Object.entries(properties)) style.setProperty(name, value);
    this.#names = Object.keys(properties);
    return nothing;
  }
}

export const placed = directive(PlacedDirective);
