import assert from 'node:assert/strict';
import fc from 'fast-check';
import { checkRows } from '../../../webview/sections-form.js';
import { dragTo, type DragScene, type DragStart } from '../../../webview/timeline-drag.js';

const S = 1_000_000;
const DURATION = 120 * S;

function scene(rows: { in: string; out: string }[], removed: DragScene['removed'] = []): DragScene {
  return { rows, sections: checkRows(rows, DURATION).sections, removed, duration: DURATION };
}

describe('dragging on the timeline', () => {
  it('paints a section into the blank row, in either direction', () => {
    const empty = scene([{ in: '', out: '' }]);
    const expected = [{ in: '0:45', out: '1:20' }];
    assert.deepEqual(dragTo({ kind: 'paint', anchor: 45 * S }, 80 * S, empty).rows, expected);
    assert.deepEqual(dragTo({ kind: 'paint', anchor: 80 * S }, 45 * S, empty).rows, expected);
  });

  it('stops painting at the next mark and at what is removed already', () => {
    const busy = scene([{ in: '1:00', out: '1:10' }], [{ in: 10 * S, out: 20 * S }]);
    const result = dragTo({ kind: 'paint', anchor: 30 * S }, 90 * S, busy);
    assert.deepEqual(result.rows[1], { in: '0:30', out: '1:00' });
    assert.deepEqual(dragTo({ kind: 'paint', anchor: 30 * S }, 0, busy).rows[1], { in: '0:20', out: '0:30' });
  });

  it('shows the frame at the edge that moves and leaves the other point as it was typed', () => {
    const typed = scene([{ in: '45', out: '80' }]);
    const result = dragTo({ kind: 'edge', row: 0, edge: 'out' }, 90 * S, typed);
    assert.deepEqual(result, { rows: [{ in: '45', out: '1:30' }], row: 0, show: 90 * S });
  });

  it('does not let an edge pass the other one', () => {
    const result = dragTo({ kind: 'edge', row: 0, edge: 'in' }, 100 * S, scene([{ in: '0:45', out: '1:20' }]));
    assert.deepEqual(result.rows, [{ in: '1:19.99', out: '1:20' }]);
  });

  it('moves a section with its length, up to the end of the clip', () => {
    const start: DragStart = { kind: 'move', row: 0, grabbed: 50 * S };
    assert.deepEqual(dragTo(start, 500 * S, scene([{ in: '0:45', out: '1:20' }])).rows, [{ in: '1:25', out: '2:00' }]);
  });

  it('never makes a section that the fields would call wrong', () => {
    const rows = [
      { in: '0:10', out: '0:20' },
      { in: '0:45', out: '1:20' },
    ];
    const time = fc.integer({ min: -10 * S, max: 130 * S });
    const inside = fc.integer({ min: 0, max: DURATION });
    const row = fc.constantFrom(0, 1);
    const start = fc.oneof(
      fc.record({ kind: fc.constant('paint' as const), anchor: inside }),
      fc.record({ kind: fc.constant('edge' as const), row, edge: fc.constantFrom('in' as const, 'out' as const) }),
      fc.record({ kind: fc.constant('move' as const), row, grabbed: inside }),
    );
    fc.assert(
      fc.property(start, time, (from, to) => {
        assert.deepEqual(checkRows(dragTo(from, to, scene(rows)).rows, DURATION).problems, []);
      }),
    );
  });
});
