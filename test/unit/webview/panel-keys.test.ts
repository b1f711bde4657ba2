import assert from 'node:assert/strict';
import { composerKey } from '../../../webview/composer-keys.js';
import { KEY_LIST } from '../../../webview/key-list.js';
import { historyKey, stageKey } from '../../../webview/stage-keys.js';

const press = { key: 'Enter', keyCode: 13, isComposing: false, shiftKey: false, altKey: false };
const plain = { shiftKey: false, ctrlKey: false, metaKey: false, altKey: false };

describe('keys in the message field', () => {
  it('Enter sends, Shift+Enter breaks the line, Escape stops', () => {
    assert.equal(composerKey(press), 'send');
    assert.equal(composerKey({ ...press, shiftKey: true }), 'type');
    assert.equal(composerKey({ ...press, key: 'Escape', keyCode: 27 }), 'stop');
  });

  it('Enter that ends an input method composition never sends half a word', () => {
    assert.equal(composerKey({ ...press, isComposing: true }), 'type');
    // Safari and some input methods report the composition as over and only keyCode tells.
    assert.equal(composerKey({ ...press, keyCode: 229 }), 'type');
    assert.equal(composerKey({ ...press, key: 'Escape', isComposing: true }), 'type');
  });
});

describe('keys over the timeline', () => {
  it('leave Space and Enter to a focused button', () => {
    assert.equal(stageKey({ ...plain, key: ' ' }, true), undefined);
    assert.equal(stageKey({ ...plain, key: 'Enter' }, true), undefined);
    assert.deepEqual(stageKey({ ...plain, key: ' ' }, false), { kind: 'play' });
  });

  it('undo and redo as everywhere else, on both kinds of keyboards', () => {
    const kinds = [
      { ...plain, ctrlKey: true, key: 'z' },
      { ...plain, metaKey: true, shiftKey: true, key: 'Z' },
      { ...plain, ctrlKey: true, key: 'y' },
    ].map((chord) => [stageKey(chord, true)?.kind, historyKey(chord)?.kind]);
    assert.deepEqual(kinds, [
      ['undo', 'undo'],
      ['redo', 'redo'],
      ['redo', 'redo'],
    ]);
    assert.equal(historyKey({ ...plain, key: 'z' }), undefined);
    assert.equal(historyKey({ ...plain, ctrlKey: true, altKey: true, key: 'z' }), undefined);
  });

  it('leave every other chord to VS Code', () => {
    assert.equal(stageKey({ ...plain, ctrlKey: true, key: 'x' }, false), undefined);
    assert.equal(stageKey({ ...plain, metaKey: true, key: 'i' }, false), undefined);
  });

  it('work with caps lock', () => {
    assert.deepEqual(stageKey({ ...plain, key: 'I' }, false), { kind: 'set', point: 'in' });
  });

  it('are all in the list that the person can read', () => {
    const listed = KEY_LIST.flatMap(({ keys }) => keys.map(([key]) => key)).join(' ');
    const letters = [...'abcdefghijklmnopqrstuvwxyz0123456789?,.'];
    const understood = letters.filter((key) => stageKey({ ...plain, key }, false));
    assert.ok(understood.length > 8);
    assert.deepEqual(
      understood.filter((key) => !listed.split(' ').includes(key.toUpperCase())),
      [],
    );
  });
});
