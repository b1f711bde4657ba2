/** Milliseconds. */
const GOOD_FOR = 1000;

const known = new WeakMap<Element, { readonly until: number; readonly inks: Map<string, string> }>();

/**
 * A colour that the styles give a canvas. To ask for it makes the browser work out all styles at once, in the middle of
 * a change, so during a pan or a zoom it is asked for now and then only.
 */
export function inkOf(canvas: HTMLCanvasElement, property: string): string {
  const now = performance.now();
  let kept = known.get(canvas);
  if (!kept || kept.until < now) known.set(canvas, (kept = { until: now + GOOD_FOR, inks: new Map() }));
  let ink = kept.inks.get(property);
  if (ink === undefined) kept.inks.set(property, (ink = getComputedStyle(canvas).getPropertyValue(property)));
  return ink;
}

/** The theme is another one. */
export function forgetInks(canvases: Iterable<HTMLCanvasElement>): void {
  for (const canvas of canvases) known.delete(canvas);
}
