import assert from 'node:assert/strict';
import { composerKey } from '../../../webview/composer-keys.js';
import { stageKey } from '../../../webview/stage-keys.js';

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

  it('leave every chord to VS Code', () => {
    assert.equal(stageKey({ ...plain, ctrlKey: true, key: 'x' }, false), undefined);
    assert.equal(stageKey({ ...plain, metaKey: true, key: 'i' }, false), undefined);
  });

  it('work with caps lock', () => {
    assert.deepEqual(stageKey({ ...plain, key: 'I' }, false), { kind: 'set', point: 'in' });
  });
});
