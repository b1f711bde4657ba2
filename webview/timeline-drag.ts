import type { Section, TypedSection } from '../src/timeline/sections.js';
import type { Microseconds } from '../src/timeline/timecode.js';
import { dragEdge, moveSection, paintSection } from './section-drag.js';
import { addSection, fieldText } from './sections-form.js';

/** What the pointer began on. Rows and sections are as they were when it went down. */
export type DragStart =
  | { readonly kind: 'scrub' }
  | { readonly kind: 'paint'; readonly anchor: Microseconds }
  | { readonly kind: 'edge'; readonly row: number; readonly edge: 'in' | 'out' }
  | { readonly kind: 'move'; readonly row: number; readonly grabbed: Microseconds };

export interface DragScene {
  readonly rows: readonly TypedSection[];
  /** Aligned with the rows. */
  readonly sections: readonly (Section | undefined)[];
  readonly removed: readonly Section[];
  readonly duration: Microseconds;
}

/** What the drag has made so far: the rows, the one it works on, and the time that the picture should show. */
export interface DragResult {
  readonly rows: readonly TypedSection[];
  readonly row: number | undefined;
  readonly show: Microseconds;
}

/** The scene after a drag from `start` to the time `to`. */
export function dragTo(start: DragStart, to: Microseconds, scene: DragScene): DragResult {
  const { rows, duration } = scene;
  switch (start.kind) {
    case 'scrub':
      return { rows, row: undefined, show: to };
    case 'paint': {
      const section = paintSection(start.anchor, to, neighbours(scene, undefined), duration);
      if (!section) return { rows, row: undefined, show: to };
      const added = addSection(rows, section);
      return { rows: added.rows, row: added.index, show: to < start.anchor ? section.in : section.out };
    }
    case 'edge': {
      const section = scene.sections[start.row];
      if (!section) return { rows, row: start.row, show: to };
      const dragged = dragEdge(section, start.edge, to, neighbours(scene, start.row), duration);
      return { rows: replace(rows, start.row, section, dragged), row: start.row, show: dragged[start.edge] };
    }
    case 'move': {
      const section = scene.sections[start.row];
      if (!section) return { rows, row: start.row, show: to };
      const moved = moveSection(section, to - start.grabbed, neighbours(scene, start.row), duration);
      return { rows: replace(rows, start.row, section, moved), row: start.row, show: moved.in };
    }
  }
}

/** A point that was not moved keeps the text the person typed. */
function replace(rows: readonly TypedSection[], row: number, before: Section, after: Section): readonly TypedSection[] {
  const typed = rows[row];
  if (!typed) return rows;
  const text = (field: 'in' | 'out'): string =>
    after[field] === before[field] ? typed[field] : fieldText(after[field]);
  return rows.with(row, { in: text('in'), out: text('out') });
}

function neighbours(scene: DragScene, own: number | undefined): Section[] {
  const marked = scene.sections.filter((section, row): section is Section => section !== undefined && row !== own);
  return [...marked, ...scene.removed];
}
