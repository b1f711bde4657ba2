import assert from 'node:assert/strict';
import { skipping } from '../../../webview/preview-skip.js';
import { loopAround } from '../../../webview/play-around-join.js';
import { chunks, extended, firstSpan, heardAt } from '../../../webview/sound-spans.js';

const S = 1_000_000;
const CUT = { in: 5 * S, out: 20 * S };
const route = skipping([CUT], 60 * S);
const PIECES = { length: 8 * S, sampleRate: 44_100, speed: 1, until: Infinity };

describe('the plan of a sound that is made in pieces', () => {
  it('goes on behind a removed section at the very moment it leaves off before it', () => {
    const spans = extended([firstSpan(3 * S, 100, route)], route, 110, 1);
    assert.deepEqual(spans, [
      { at: 100, from: 3 * S, to: 5 * S },
      { at: 102, from: 20 * S, to: undefined },
    ]);
    assert.equal(heardAt(spans, 101.5, 1), 4.5 * S);
    assert.equal(heardAt(spans, 102, 1), 20 * S);
    assert.equal(heardAt(spans, 99, 1), undefined);
  });

  it('comes to the jump sooner at a higher speed', () => {
    const spans = extended([firstSpan(3 * S, 100, route)], route, 110, 2);
    assert.equal(spans[1]?.at, 101);
    assert.equal(heardAt(spans, 100.5, 2), 4 * S);
  });

  it('plans a loop only as far ahead as is asked', () => {
    const loop = loopAround(CUT, [CUT], 60 * S);
    const spans = extended([firstSpan(loop.from, 0, loop.route)], loop.route, 5, 1);
    assert.deepEqual(
      spans.map((span) => [span.at, span.from / S]),
      [
        [0, 4],
        [1, 20],
        [2, 4],
        [3, 20],
        [4, 4],
      ],
    );
  });

  it('does not hang on a jump that leads nowhere', () => {
    const nowhere = (time: number): { at: number; to: number } => ({ at: time, to: time });
    assert.equal(extended([firstSpan(0, 0, nowhere)], nowhere, 5, 1).length, 1);
  });

  it('cuts pieces so that they follow each other without a sample between, also at odd times', () => {
    const span = { at: 1, from: 7_654_321, to: 30_123_457 };
    const parts = chunks(span, PIECES);
    assert.deepEqual(
      parts.map((part) => part.piece),
      [0, 1, 2, 3],
    );
    const samples = (seconds: number): number => Math.round(seconds * 44_100 * 1e3) / 1e3;
    for (const [n, part] of parts.entries()) {
      assert.equal(samples(part.offset) % 1, 0);
      assert.equal(samples(part.length) % 1, 0);
      const next = parts[n + 1];
      if (next) assert.equal(samples(next.at), samples(part.at + part.length));
      if (next) assert.equal(next.offset, 0);
    }
    const total = parts.reduce((sum, part) => sum + part.length, 0);
    assert.ok(Math.abs(total - 22.469136) < 1 / 44_100);
  });

  it('leaves for later what begins later', () => {
    const span = { at: 0, from: 0, to: undefined };
    assert.equal(chunks(span, { ...PIECES, until: 20 }).length, 3);
    assert.equal(chunks(span, { ...PIECES, speed: 2, until: 20 }).length, 5);
  });
});
