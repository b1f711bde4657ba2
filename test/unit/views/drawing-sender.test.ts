import assert from 'node:assert/strict';
import { PeakPyramid } from '../../../src/media/looking/pyramid.js';
import { parseToPanel, type PanelPicture, type ToPanel } from '../../../src/messages.js';
import { DrawingSender, type Drawings, type Look } from '../../../src/views/drawing-sender.js';

const S = 1_000_000;
const HOUR = 3600 * S;

function clip(known: number): Drawings & { sound: PeakPyramid; pictures: PanelPicture[] } {
  const sound = new PeakPyramid(2500, (4 * HOUR) / 2500);
  sound.add(0, new Uint8Array(known / 2500).fill(9));
  return { duration: 4 * HOUR, sound, pictures: [], pauses: undefined, keyframes: undefined };
}

const picture = (time: number): PanelPicture => ({ time, width: 156, height: 88, dataUri: 'data:image/jpeg;base64,' });
const look = (start: number, end: number): Look => ({ type: 'look', start, end, width: 1000, tiles: 20 });
const kinds = (messages: readonly ToPanel[]): string[] =>
  messages.map((message) => (message.type === 'peaks' ? `${message.type} ${message.layer}` : message.type));

describe('what a page is sent to draw', () => {
  it('is each thing once, and everything again for a new page or another clip', () => {
    const sender = new DrawingSender();
    const first = clip(HOUR);
    first.pictures.push(picture(0));
    assert.deepEqual(kinds(sender.messages(first, undefined)), ['drawings-gone', 'thumbnails', 'peaks whole']);
    assert.deepEqual(sender.messages(first, undefined), []);
    first.pictures.push(picture(S));
    const [more] = sender.messages(first, undefined);
    assert.deepEqual(more, { type: 'thumbnails', pictures: [picture(S)] });
    sender.reset();
    assert.deepEqual(kinds(sender.messages(first, undefined)), ['drawings-gone', 'thumbnails', 'peaks whole']);
    const other = { ...clip(HOUR), pauses: [{ in: 0, out: S }], keyframes: [0, S] };
    assert.deepEqual(kinds(sender.messages(other, undefined)), ['drawings-gone', 'peaks whole', 'pauses', 'keyframes']);
  });

  it('grows with the sound, and is small whatever the clip', () => {
    const sender = new DrawingSender();
    const growing = clip(HOUR);
    const lengths: number[] = [];
    const take = (): void => {
      for (const message of sender.messages(growing, undefined)) {
        assert.deepEqual(parseToPanel(structuredClone(message)), message);
        if (message.type === 'peaks') lengths.push(message.values.length);
      }
    };
    take();
    growing.sound.add(HOUR / 2500, new Uint8Array(HOUR / 2500));
    take();
    growing.sound.add((2 * HOUR) / 2500, new Uint8Array((2 * HOUR) / 2500));
    take();
    const [quarter = 0, half = 0, all = 0] = lengths;
    assert.ok(all <= 4096 && all >= 1024, String(all));
    assert.ok(Math.abs(half / all - 0.5) < 0.01 && Math.abs(quarter / all - 0.25) < 0.01, lengths.join(' '));
  });

  it('is finer near what the page looks at, at least a value a pixel, and not finer than it shows', () => {
    const sender = new DrawingSender();
    const heard = clip(4 * HOUR);
    sender.messages(heard, undefined);
    assert.deepEqual(kinds(sender.messages(heard, look(HOUR, HOUR + 100 * S))), ['peaks near']);
    const [near] = sender.messages(heard, look(HOUR, HOUR + 20 * S));
    assert.ok(near?.type === 'peaks' && near.layer === 'near');
    assert.ok(near.step <= 20_000 && near.step > 5000);
    assert.ok(near.offset * near.step <= HOUR && (near.offset + near.values.length) * near.step >= HOUR + 20 * S);
    assert.ok(near.values.length <= 8000);
    assert.deepEqual(sender.messages(heard, look(HOUR, HOUR + 20 * S)), []);
    // The whole clip again: that is there already.
    assert.deepEqual(sender.messages(heard, look(0, 4 * HOUR)), []);
  });
});
