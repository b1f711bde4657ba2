import assert from 'node:assert/strict';
import { MarkStore } from '../../../src/views/marks.js';

/** VS Code's Memento, as far as it is used: it keeps what JSON can hold. */
class Memento {
  readonly values = new Map<string, string>();

  get(key: string): unknown {
    const text = this.values.get(key);
    return text === undefined ? undefined : JSON.parse(text);
  }

  update(key: string, value: unknown): Promise<void> {
    if (value === undefined) this.values.delete(key);
    else this.values.set(key, JSON.stringify(value));
    return Promise.resolve();
  }
}

const first = { in: '0:45', out: '1:20' };
const second = { in: '1:30', out: '' };

describe('the marked sections', () => {
  it('outlive the window, while the page that counted their revisions does not', () => {
    const store = new Memento();
    new MarkStore(store).set('s1', { sections: [first, second], revision: 9 });
    assert.deepEqual(new MarkStore(store).get('s1'), { sections: [first, second], revision: 0 });
  });

  it('belong to one session', () => {
    const marks = new MarkStore(new Memento());
    marks.set('s1', { sections: [first], revision: 1 });
    assert.deepEqual(marks.get('s2').sections, []);
  });

  it('go when they are removed from the clip; what was marked meanwhile stays', () => {
    const store = new Memento();
    const marks = new MarkStore(store);
    marks.set('s1', { sections: [first], revision: 1 });
    marks.set('s1', { sections: [first, second], revision: 2 });
    marks.takeAway('s1', [first]);
    assert.deepEqual(marks.get('s1'), { sections: [second], revision: 2 });
    marks.takeAway('s1', [second]);
    assert.equal(store.values.size, 0);
  });

  it('tell of every change, for the other panel on the same session', () => {
    const marks = new MarkStore(new Memento());
    const heard: string[] = [];
    const stop = marks.onDidChange((session) => heard.push(session));
    marks.set('s1', { sections: [first], revision: 1 });
    marks.takeAway('s1', [first]);
    stop();
    marks.set('s1', { sections: [second], revision: 2 });
    assert.deepEqual(heard, ['s1', 's1']);
  });

  it('leave nothing behind when their session is deleted', () => {
    const store = new Memento();
    const marks = new MarkStore(store);
    marks.set('s1', { sections: [first], revision: 1 });
    marks.forget('s1');
    assert.deepEqual(marks.get('s1'), { sections: [], revision: 0 });
    assert.equal(store.values.size, 0);
  });

  it('begin empty when what was kept cannot be read', () => {
    const store = new Memento();
    for (const broken of ['x', [{ in: 1, out: 2 }], { sections: [] }]) {
      void store.update('videoTrimmer.marks.s1', broken);
      assert.deepEqual(new MarkStore(store).get('s1'), { sections: [], revision: 0 });
    }
  });
});
