import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseToPanel, type PanelChatEntry, type PanelState } from '../../../src/messages.js';
import { ComposerHistory } from '../../../webview/composer-history.js';
import { composerKey } from '../../../webview/composer-keys.js';
import { pasted } from '../../../webview/composer-paste.js';
import { nextSteps } from '../../../webview/next-steps.js';
import { closedSoFar } from '../../../webview/streaming-markdown.js';

describe('markdown of which the end is still to come', () => {
  for (const [so, shown] of [
    ['a **bold', 'a **bold**'],
    ['a **bold** and **', 'a **bold** and '],
    ['a `code', 'a `code`'],
    ['a `co**de', 'a `co**de`'],
    ['a ~~gone', 'a ~~gone~~'],
    ['see [the manual](https://exa', 'see the manual'],
    ['see [the man', 'see the man'],
    ['see [the manual](https://example.com/x) and', 'see [the manual](https://example.com/x) and'],
    ['Steps:\n-', 'Steps:'],
    ['Steps:\n- one\n2', 'Steps:\n- one'],
    ['Title\n==', 'Title'],
    ['done.\n\n**first paragraph\n\nnext', 'done.\n\n**first paragraph\n\nnext'],
    ['```\na **b', '```\na **b'],
    ['plain text', 'plain text'],
  ] as const) {
    it(`${JSON.stringify(so)} is shown as ${JSON.stringify(shown)}`, () => assert.equal(closedSoFar(so), shown));
  }

  it('is never longer by more than a mark, and what is complete is left as it is', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-c*`~[\]()\n #-]*$/), (text) => {
        assert.ok(closedSoFar(text).length <= text.length + 2);
      }),
    );
  });
});

describe('what was sent before', () => {
  it('comes back as in a shell, and never over a text that is being written', () => {
    const sent = ['one', 'two', 'two'];
    const history = new ComposerHistory(() => sent);
    assert.equal(history.recall('ArrowDown', ''), undefined);
    assert.equal(history.recall('ArrowUp', 'typed'), undefined);
    assert.equal(history.recall('ArrowUp', ''), 'two');
    assert.equal(history.recall('ArrowUp', 'two'), 'one');
    assert.equal(history.recall('ArrowUp', 'one'), undefined);
    assert.equal(history.recall('ArrowDown', 'one, changed'), undefined);
    assert.equal(history.recall('ArrowDown', 'one'), 'two');
    assert.equal(history.recall('ArrowDown', 'two'), '');
    assert.equal(history.recall('ArrowUp', ''), 'two');
    history.forget();
    assert.equal(history.recall('ArrowUp', ''), 'two');
    assert.equal(new ComposerHistory(() => []).recall('ArrowUp', ''), undefined);
  });

  it('is asked for by the arrow keys alone, and not while an input method has a list open', () => {
    const press = { key: 'ArrowUp', keyCode: 38, isComposing: false, shiftKey: false, altKey: false };
    assert.equal(composerKey(press), 'older');
    assert.equal(composerKey({ ...press, key: 'ArrowDown' }), 'newer');
    assert.equal(composerKey({ ...press, shiftKey: true }), 'type');
    assert.equal(composerKey({ ...press, isComposing: true }), 'type');
    assert.equal(composerKey({ ...press, keyCode: 229 }), 'type');
  });
});

describe('a paste into the message field', () => {
  const paste = (data: Record<string, string>, ...more: string[]): unknown =>
    pasted({ types: [...Object.keys(data), ...more], getData: (type) => data[type] ?? '' });

  it('of file addresses attaches them, whichever list they come in', () => {
    const uris = ['file:///a.mp4', 'vscode-remote://ssh-remote%2Bbox/b.mp4'];
    for (const type of ['application/vnd.code.uri-list', 'text/uri-list']) {
      assert.deepEqual(paste({ [type]: uris.join('\r\n') }), { kind: 'uris', uris });
    }
    assert.deepEqual(paste({ 'text/plain': uris.join('\n') }), { kind: 'uris', uris });
  });

  it('of a link that a browser copied is text', () => {
    const link = 'https://example.com/talk.mp4';
    assert.deepEqual(paste({ 'text/uri-list': link, 'text/plain': link }), { kind: 'text' });
  });
});

describe('next steps', () => {
  const edit: PanelChatEntry = { id: 'e', kind: 'agent', text: 'Cut.', streaming: false, actions: ['export', 'undo'] };
  const state: PanelState = {
    place: 'editor',
    title: '',
    activity: { kind: 'idle' },
    clip: { name: 'talk.mp4' },
    marked: [],
    markedRevision: 0,
    removed: [{ in: 10e6, out: 20e6 }],
    tracks: [],
    canExport: true,
    join: 0,
    chat: [edit],
  };
  const labels = (changes: Partial<PanelState>, ...given: [pauses?: number[][], marked?: number[][]]): string[] => {
    const [pauses, marked] = given.map((list = []) =>
      list.map(([from = 0, to = 0]) => ({ in: from * 1e6, out: to * 1e6 })),
    );
    return nextSteps({ ...state, ...changes }, pauses ?? [], marked).map(({ label }) => label);
  };

  it('are two or three, by what there is to do', () => {
    assert.deepEqual(labels({}), ['Export', 'Smooth the joins with a dissolve']);
    assert.deepEqual(labels({ join: 500_000 }), ['Export', 'Back to plain cuts']);
    assert.deepEqual(labels({ clip: { name: 'talk.mkv' } }, [[30, 31.5]]), [
      'Export',
      'Remove the next pause 0:30–0:31.5',
      'Smooth the joins with a dissolve',
    ]);
    assert.deepEqual(labels({ clip: { name: 'talk.mkv' } }).at(-1), 'Export as MP4, which plays everywhere');
  });

  it('name no pause that is removed or marked already', () => {
    const pauses = [
      [12, 13],
      [30, 31],
      [40, 42],
    ];
    assert.equal(labels({}, pauses)[1], 'Remove the next pause 0:30–0:31');
    assert.equal(labels({}, pauses, [[29, 35]])[1], 'Remove the next pause 0:40–0:42');
  });

  it('are none without an edit, while something runs, and once the talk is about something else', () => {
    assert.deepEqual(labels({ chat: [] }), []);
    assert.deepEqual(labels({ canExport: false }), []);
    assert.deepEqual(labels({ activity: { kind: 'connecting' } }), []);
    for (const kind of ['user', 'error', 'export'] as const) {
      assert.deepEqual(labels({ chat: [edit, { ...edit, id: 'x', kind, actions: [] }] }), []);
    }
    const quiet = { ...edit, id: 'x', kind: 'status', actions: [] } as const;
    assert.equal(labels({ chat: [edit, { ...quiet, actions: [] }] })[0], 'Export');
  });

  it('a state with entries that cannot be read is a state still', () => {
    const broken = [{ id: 'x', kind: 'agent', text: 'still there', streaming: false, actions: ['fly'] }, 7];
    const message = parseToPanel({ type: 'state', state: { ...state, chat: [...broken, edit] } });
    assert.ok(message?.type === 'state');
    assert.deepEqual(
      message.state.chat.map(({ kind, text }) => [kind, text]),
      [
        ['status', 'still there'],
        ['status', 'This entry cannot be shown.'],
        ['agent', 'Cut.'],
      ],
    );
  });
});
