import assert from 'node:assert/strict';
import type { PlayablePiece, PlayableWish } from '../../../src/media/media.js';
import { parseToPanel } from '../../../src/messages.js';
import { PlayablePieces } from '../../../src/views/playable-pieces.js';

const S = 1_000_000;

/** The media part, whose work ends when the test says so. */
class Making {
  readonly asked: { wish: PlayableWish; signal: AbortSignal; give: () => void }[] = [];

  make = (_path: string, wish: PlayableWish, signal: AbortSignal): Promise<PlayablePiece> =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error));
      const { start, length: duration } = wish;
      // A view into a larger pool of bytes, as Node hands them over.
      const data = Buffer.from(new Uint8Array(64).fill(7).buffer, 8, 16);
      const give = (): void => resolve({ start, duration, mime: 'audio/flac', data });
      this.asked.push({ wish, signal, give });
    });

  /** Seconds at which the pieces asked for so far begin. */
  get starts(): number[] {
    return this.asked.map(({ wish }) => wish.start / S);
  }

  async finish(n: number): Promise<void> {
    this.asked[n]?.give();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('playable pieces for a page', () => {
  it('reach it as bytes of their own, in a message that it understands', async () => {
    const making = new Making();
    const given = new PlayablePieces(making.make).make('/a.mp4', 'sound', 3);
    await making.finish(0);
    const segment = await given;
    assert.deepEqual(segment, {
      type: 'segment',
      track: 'sound',
      start: 24 * S,
      duration: 8 * S,
      mime: 'audio/flac',
      data: new Uint8Array(16).fill(7),
    });
    // VS Code sends the buffer behind an array of bytes, all of it, and anything else as JSON.
    assert.equal(segment.data.constructor, Uint8Array);
    assert.equal(segment.data.buffer.byteLength, 16);
    assert.deepEqual(parseToPanel(structuredClone(segment)), segment);
  });

  it('are made two at a time of each track, where the page looked last first, and there in order', async () => {
    const making = new Making();
    const pieces = new PlayablePieces(making.make);
    const indices = [0, 1, 2, 3, 50, 51];
    const all = indices.map((index) => pieces.make('/a.mp4', 'picture', index));
    assert.deepEqual(making.starts, [0, 4]);
    void pieces.make('/a.mp4', 'sound', 0);
    assert.deepEqual(making.starts, [0, 4, 0], 'the picture does not keep the sound waiting');
    for (const n of [0, 1, 3, 4, 5, 6]) await making.finish(n);
    assert.deepEqual(making.starts, [0, 4, 0, 200, 204, 8, 12]);
    assert.deepEqual(
      (await Promise.all(all)).map(({ start }) => start / 4 / S),
      indices,
    );
  });

  it('are not made any more when the page jumped on many times', async () => {
    const making = new Making();
    const pieces = new PlayablePieces(making.make);
    const refused: number[] = [];
    for (let jump = 0; jump < 30; jump++) {
      pieces.make('/a.mp4', 'picture', jump * 10).catch(() => refused.push(jump));
    }
    for (let n = 0; n < 30; n++) await making.finish(n);
    // Two were begun, and eight wait at most.
    assert.equal(making.asked.length, 10);
    assert.deepEqual(
      refused,
      Array.from({ length: 20 }, (_, n) => n + 2),
    );
  });

  it('are given up when the page or its clip is gone; the next page gets its own', async () => {
    const making = new Making();
    const pieces = new PlayablePieces(making.make);
    const gone = [0, 1, 2].map((index) => pieces.make('/a.mp4', 'sound', index));
    pieces.stop();
    const ends = await Promise.allSettled(gone);
    assert.deepEqual(
      ends.map(({ status }) => status),
      ['rejected', 'rejected', 'rejected'],
    );
    assert.ok(making.asked.every(({ signal }) => signal.aborted));
    const next = pieces.make('/b.mp4', 'sound', 0);
    await making.finish(2);
    assert.equal((await next).start, 0);
    assert.equal(making.asked.length, 3);
  });

  it('are made on when one of them fails', async () => {
    let fails = true;
    const pieces = new PlayablePieces((_path, { start, length }) => {
      if (fails) return Promise.reject(new Error('This clip has no sound.'));
      return Promise.resolve({ start, duration: length, mime: '', data: new Uint8Array() });
    });
    await assert.rejects(pieces.make('/a.mp4', 'sound', 0), /no sound/);
    await assert.rejects(pieces.make('/a.mp4', 'sound', 1), /no sound/);
    await assert.rejects(pieces.make('/a.mp4', 'sound', 2), /no sound/);
    fails = false;
    assert.equal((await pieces.make('/a.mp4', 'sound', 3)).start, 24 * S);
  });
});
