import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { Pieces } from '../../../webview/pieces.js';

interface Asked {
  readonly index: number;
  readonly made: () => Promise<void>;
  readonly refuse: (sentence: string) => Promise<void>;
}

describe('pieces of a track that the host makes playable', () => {
  const setup = (room = 3): { pieces: Pieces<string>; asked: Asked[] } => {
    const asked: Asked[] = [];
    const pieces = new Pieces<string>({
      track: 'sound',
      room,
      ask: (index) =>
        new Promise<void>((resolve, reject) => {
          const start = index * 8_000_000;
          const made = (): Promise<void> => {
            const data = new TextEncoder().encode(`piece ${index}`);
            pieces.take({ type: 'segment', track: 'sound', start, duration: 8_000_000, mime: 'audio/flac', data });
            resolve();
            return turn();
          };
          const refuse = (sentence: string): Promise<void> => {
            reject(new Error(sentence));
            return turn();
          };
          asked.push({ index, made, refuse });
        }),
      open: (data) => Promise.resolve(new TextDecoder().decode(data)),
    });
    return { pieces, asked };
  };
  const indexes = (asked: readonly Asked[]): number[] => asked.map(({ index }) => index);

  it('asks for two at a time, the most urgent first, and for each once', async () => {
    const { pieces, asked } = setup();
    pieces.want([4, 5, 6]);
    pieces.want([4, 5, 6]);
    assert.deepEqual(indexes(asked), [4, 5]);
    await asked[0]?.made();
    assert.equal(pieces.get(4), 'piece 4');
    assert.deepEqual(indexes(asked), [4, 5, 6]);
  });

  it('forgets what waited when the person goes elsewhere', async () => {
    const { pieces, asked } = setup();
    pieces.want([0, 1, 2]);
    pieces.want([90, 91]);
    await asked[0]?.made();
    await asked[1]?.made();
    assert.deepEqual(indexes(asked), [0, 1, 90, 91]);
  });

  it('keeps the pieces that were used last', async () => {
    const { pieces, asked } = setup(2);
    pieces.want([0, 1]);
    await asked[0]?.made();
    await asked[1]?.made();
    pieces.get(0);
    pieces.want([2]);
    await asked[2]?.made();
    assert.deepEqual(
      [0, 1, 2].map((index) => pieces.get(index)),
      ['piece 0', undefined, 'piece 2'],
    );
  });

  it('tells the sentence of the host while that piece is wanted, and asks again only when told to', async () => {
    const { pieces, asked } = setup();
    let changes = 0;
    pieces.addEventListener('change', () => (changes += 1));
    pieces.want([0]);
    await asked[0]?.refuse('The clip is gone.');
    assert.equal(changes, 1);
    assert.equal(pieces.problem, 'The clip is gone.');
    pieces.want([0]);
    assert.equal(asked.length, 1);
    pieces.want([1]);
    assert.equal(pieces.problem, undefined);
    pieces.want([0]);
    pieces.retry();
    assert.deepEqual(indexes(asked), [0, 1, 0]);
  });

  it('takes no piece that it did not ask for', () => {
    const { pieces } = setup();
    const data = new TextEncoder().encode('x');
    pieces.take({ type: 'segment', track: 'sound', start: 0, duration: 1, mime: 'audio/flac', data });
    assert.equal(pieces.get(0), undefined);
  });
});
