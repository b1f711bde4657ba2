import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import type { PanelChatEntry, PanelState } from '../../../src/messages.js';
import { eventually } from '../../host/eventually.js';
import { entry } from './chat-scenes.js';
import { expectSoon, expectValue } from './expect-soon.js';
import { stateOf, usePanelPage } from './panel-page.js';
import { settled } from './settled.js';

describe('the chat on a page', function () {
  this.timeout(60_000);
  let page: Page;
  const { open, posted, news } = usePanelPage((opened) => (page = opened));

  const show = (scene: string, changes: Partial<PanelState>): Promise<void> =>
    news({ type: 'state', state: { ...stateOf(scene), ...changes } });
  const message = (): Locator => page.getByRole('textbox', { name: 'Message' });
  const log = (): Locator => page.getByRole('log', { name: 'Chat' });
  const button = (name: string | RegExp): Locator => page.getByRole('button', { name, exact: true });

  describe('cards', () => {
    it('say before and after of an edit and undo it, and an older edit is undone no longer', async () => {
      await open('cut-here');
      await log()
        .getByText(/2:00 →\s*to 1:25 \(−0:35\)/u)
        .waitFor();
      await button('Undo').click();
      await expectValue(
        async () => (await posted('act')).map(({ entry: id, action }) => [id, action]),
        [['3', 'undo']],
      );
      const [older] = stateOf('cut-here').chat.slice(-1);
      assert.ok(older);
      const change = { before: 85e6, after: 80e6 };
      await show('cut-here', { chat: [older, { ...older, id: 'newer', text: 'Removed more.', change }] });
      await log()
        .getByText(/1:25 →\s*to 1:20 \(−0:05\)/u)
        .waitFor();
      await expectValue(() => button('Undo').count(), 1);
      await button('Undo').click();
      await expectValue(async () => (await posted('act')).at(-1)?.entry, 'newer');
    });

    it('are whole sentences for a screen reader, and the newest one leads with its one next step', async () => {
      await open('all-cards');
      await log().getByText('Exported interview.trimmed.mp4: 2:00 → 1:25. Only 12 frames were encoded anew.').waitFor();
      const error = page.locator('trimmer-chat-entry').last();
      await eventually(async () =>
        assert.match(
          (await error.locator('.card').innerText()).replaceAll(/\s+/gu, ' '),
          /Error: The free credits are used up\. Register to get more, or cut on this machine instead\./u,
        ),
      );
      await expectValue(() => error.locator('vscode-button').count(), 1);
      await error.getByRole('button', { name: 'Cut on this machine instead' }).click();
      await expectValue(async () => (await posted('act')).at(-1)?.action, 'use-local');
    });

    it('look at files and pages while something runs, and wait with the rest', async () => {
      await open('all-cards');
      await show('all-cards', { activity: { kind: 'connecting' } });
      await expectSoon(() => button('Cut on this machine instead').isDisabled());
      for (const name of ['Open', 'Reveal in Explorer', 'Open in Browser']) {
        await expectValue(() => button(name).isEnabled(), true);
      }
    });
  });

  describe('next steps', () => {
    it('after an edit are to export, the next pause, and softer joins: a click each', async () => {
      await open('cut-here');
      const steps = page.getByRole('group', { name: 'Next steps' }).getByRole('button');
      // One of the two pauses lies in what is removed already.
      await expectSoon(async () => (await steps.count()) === 3);
      await expectValue(
        () => steps.allInnerTexts(),
        ['Export', 'Remove the next pause 1:41–1:45.4', 'Smooth the joins with a dissolve'],
      );
      for (const index of [0, 1, 2]) await steps.nth(index).click();
      await expectValue(async () => (await posted('act')).at(-1)?.action, 'export');
      await expectValue(async () => (await posted('take-out'))[0]?.section, { in: 101e6, out: 105.4e6 });
      await expectValue(async () => (await posted('say'))[0]?.text, 'make every join a 0.5-second dissolve');
    });

    it('are gone while something runs, and when the talk has gone on', async () => {
      await open('cut-here');
      const steps = page.getByRole('group', { name: 'Next steps' });
      await steps.waitFor();
      await show('cut-here', { activity: { kind: 'editing' } });
      await steps.waitFor({ state: 'hidden' });
      await show('cut-here', {});
      await steps.waitFor();
      await show('cut-here', { chat: [...stateOf('cut-here').chat, entry('u', 'user', 'export')] });
      await steps.waitFor({ state: 'hidden' });
    });

    it('of a vague wish is a concrete sentence, to be changed before it is sent', async () => {
      await open('vague');
      await button(/^Try “remove the section between 0:45 and 1:20/u).click();
      const sentence = 'remove the section between 0:45 and 1:20 and join the remaining parts smoothly';
      await expectSoon(async () => (await message().inputValue()) === sentence);
      await expectSoon(() => message().evaluate((area) => area.matches(':focus')));
      assert.deepEqual(await posted('say'), []);
    });
  });

  describe('files', () => {
    it('on their way are chips with how far they are, and each can be called off by itself', async () => {
      await open('uploading-files');
      const files = page.getByRole('list', { name: 'Files of this session' }).getByRole('listitem');
      await expectValue(
        async () => (await files.allInnerTexts()).map((text) => text.replaceAll(/[^\x20-\x7e]/gu, '').trim()),
        ['interview.mp442%', 'music.m4a0%'],
      );
      await button('Cancel the upload of music.m4a').click();
      await expectSoon(async () => (await posted('cancel-upload')).length === 1);
      // The other one goes on.
      await expectValue(async () => (await posted('cancel-upload'))[0]?.upload, 'u2');
      assert.deepEqual(await posted('stop'), []);
      await show('cut-in-cloud', {});
      await expectSoon(async () => (await files.count()) === 3);
    });

    it('are told of with their kinds and sizes where they are chosen, and how to drop them', async () => {
      await open('empty-sidebar');
      await page
        .getByText(
          /hold Shift until you let go\. MP4, MOV, AVI, WebM or MKV up to 500 MB in the cloud; other videos too/u,
        )
        .waitFor();
      await eventually(async () =>
        assert.match(
          (await button('Choose a video').getAttribute('title')) ?? '',
          /500 MB in the cloud; other videos too, of any size, on this machine.*hold Shift/u,
        ),
      );
    });

    const drag = (kind: 'dragenter' | 'dragover' | 'dragleave' | 'drop', data: Record<string, string>): Promise<void> =>
      page.locator('trimmer-panel').evaluate(
        (panel, [type, carried]) => {
          const dataTransfer = new DataTransfer();
          for (const [format, text] of Object.entries(carried)) dataTransfer.setData(format, text);
          const outside = type === 'dragleave' ? -1 : 300;
          panel.dispatchEvent(
            new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true, clientX: outside, clientY: outside }),
          );
        },
        [kind, data] as const,
      );

    it('dropped from the Explorer are taken by VS Code’s own list first, several and remote ones too', async () => {
      await open('fresh');
      const remote = 'vscode-remote://ssh-remote%2Bbox/home/jo/b%20c.mov';
      const list = { 'application/vnd.code.uri-list': `file:///a.mp4\r\n${remote}`, 'text/uri-list': 'file:///a.mp4' };
      await drag('dragenter', list);
      await page.getByText('Drop to open').waitFor();
      await page.getByText(/up to 500 MB in the cloud/u).waitFor();
      await drag('dragleave', list);
      await page.getByText('Drop to open').waitFor({ state: 'hidden' });
      await drag('drop', list);
      await drag('drop', { 'text/uri-list': '# a comment\nfile:///c.mkv' });
      await expectValue(
        async () => (await posted('drop')).map(({ uris }) => uris),
        [['file:///a.mp4', remote], ['file:///c.mkv']],
      );
    });

    const paste = (data: Record<string, string>, file?: string): Promise<boolean> =>
      message().evaluate(
        (area, [carried, name]) => {
          const clipboardData = new DataTransfer();
          for (const [format, text] of Object.entries(carried)) clipboardData.setData(format, text);
          if (name !== undefined) clipboardData.items.add(new File(['x'], name));
          const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true, composed: true });
          return area.dispatchEvent(event);
        },
        [data, file] as const,
      );

    it('pasted as a path or an address are attached; as contents, the dialog opens and says why', async () => {
      await open('fresh');
      assert.equal(await paste({ 'text/plain': '/home/jo/my talk #1.mp4' }), false);
      assert.equal(await paste({ 'text/plain': '"C:\\Users\\jo\\talk.MOV"\r\nC:\\b.mkv' }), false);
      await expectValue(
        async () => (await posted('drop')).map(({ uris }) => uris),
        [['file:///home/jo/my%20talk%20%231.mp4'], ['file:///C%3A/Users/jo/talk.MOV', 'file:///C%3A/b.mkv']],
      );
      assert.equal(await paste({}, 'talk.mp4'), false);
      await page.getByRole('alert').getByText('VS Code does not tell where files from other programs lie').waitFor();
      await expectValue(async () => (await posted('attach')).length, 1);
    });

    it('pasted as a link stay text, and so does all else', async () => {
      await open('fresh');
      for (const text of ['https://example.com/talk.mp4', 'remove /a/b.mp4 please', 'and/or', 'talk.mp4']) {
        assert.equal(await paste({ 'text/plain': text }), true, text);
      }
      assert.equal(await paste({ 'text/plain': 'words of a page' }, 'picture of the words.png'), true);
      assert.deepEqual(await posted('drop'), []);
    });
  });

  describe('an answer that streams in', () => {
    const streamed = (text: string): Promise<void> =>
      show('fresh', { activity: { kind: 'editing' }, chat: [entry('a', 'agent', text, { streaming: true })] });
    const answer = (): Locator => page.locator('trimmer-chat-entry .markdown');

    it('leaves what was there alone: a selection in it stays, and bold is bold before it is closed', async () => {
      await open('fresh');
      await streamed('The first paragraph.\n\nThe second with a **bold');
      await answer().locator('strong').getByText('bold').waitFor();
      await answer().evaluate((box) => {
        const [first] = box.querySelectorAll('p');
        Object.assign(window, { first });
      });
      await streamed('The first paragraph.\n\nThe second with a **bold word** and a [link](https://exa');
      await answer().getByText('and a link').waitFor();
      await expectValue(() => answer().innerText(), 'The first paragraph.\n\nThe second with a bold word and a link');
      await streamed(
        'The first paragraph.\n\nThe second with a **bold word** and a [link](https://example.com).\n\n- one',
      );
      await answer().locator('li').getByText('one').waitFor();
      await expectValue(
        () => answer().evaluate((box) => box.querySelector('p') === (window as unknown as { first: Node }).first),
        true,
      );
    });

    it('is followed to its end, and a reader who scrolled up is told that there is more', async () => {
      await page.setViewportSize({ width: 1200, height: 420 });
      await open('fresh');
      const fromEnd = (): Promise<number> =>
        log().evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight);
      const paragraphs = (count: number): string =>
        Array.from({ length: count }, (_, n) => `Paragraph ${n} of the answer.`).join('\n\n');
      for (const count of [5, 20, 21, 40]) {
        await streamed(paragraphs(count));
        await answer()
          .getByText(`Paragraph ${count - 1} of`)
          .waitFor();
        await expectSoon(async () => (await fromEnd()) < 2);
      }
      await log().hover();
      await page.mouse.wheel(0, -300);
      await button('Newest').waitFor();
      const scrolled = (): Promise<number> => log().evaluate((box) => box.scrollTop);
      // A wheel may glide.
      let top = NaN;
      await expectSoon(async () => {
        const before = top;
        await settled(page);
        top = await scrolled();
        return top === before;
      });
      await streamed(paragraphs(60));
      await button('New messages').waitFor();
      await expectValue(scrolled, top);
      await button('New messages').click();
      await expectSoon(async () => (await fromEnd()) < 2);
      await button('New messages').waitFor({ state: 'hidden' });
      await streamed(paragraphs(70));
      await answer().getByText('Paragraph 69 of').waitFor();
      await expectSoon(async () => (await fromEnd()) < 2);
    });

    it('is stopped by Escape from anywhere in the chat, and by the button in the place of Send', async () => {
      await open('editing');
      await log().focus();
      await page.keyboard.press('Escape');
      await button('Stop').click();
      await message().press('Escape');
      await expectSoon(async () => (await posted('stop')).length === 3);
      await expectValue(() => button('Send').count(), 0);
    });

    it('keeps a message that is written meanwhile, and says that it waits', async () => {
      await open('editing');
      await message().fill('and then export');
      await message().press('Enter');
      await page.getByRole('status').getByText('Your message waits here').waitFor();
      await expectValue(() => message().inputValue(), 'and then export');
      assert.deepEqual(await posted('say'), []);
      await show('fresh', {});
      await page.getByText('Your message waits here').waitFor({ state: 'hidden' });
      await message().press('Enter');
      await expectValue(async () => (await posted('say')).map(({ text }) => text), ['and then export']);
    });

    it('can be copied once it is complete', async () => {
      await open('cut-here');
      await button('Copy this answer').focus();
      await page.keyboard.press('Enter');
      await button('Copied').waitFor();
      await expectValue(async () => (await posted('copy')).map(({ entry: id }) => id), ['3']);
      await open('editing');
      await expectValue(() => button('Copy this answer').count(), 0);
    });
  });

  describe('an input method', () => {
    it('composes, is chosen from, called off and committed, and only then Enter sends', async () => {
      await open('editing');
      await message().focus();
      const session = await page.context().newCDPSession(page);
      const compose = (text: string): Promise<unknown> =>
        session.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
      const key = (name: 'Enter' | 'Escape' | 'ArrowUp'): Promise<unknown> =>
        session.send('Input.dispatchKeyEvent', {
          type: 'rawKeyDown',
          key: name,
          code: name,
          windowsVirtualKeyCode: 229,
        });
      for (const text of ['s', 'sh', 'shan', "shan'chu"]) await compose(text);
      // The host's news draw the panel anew in the middle of the word.
      await show('editing', { activity: { kind: 'editing', note: 'Still at it' } });
      await page.getByText('Still at it').first().waitFor();
      await expectValue(() => message().inputValue(), "shan'chu");
      // In the list of candidates these keys are the input method's: nothing is stopped, recalled or sent.
      for (const name of ['ArrowUp', 'Escape', 'Enter'] as const) await key(name);
      assert.deepEqual([...(await posted('stop')), ...(await posted('say'))], []);
      await session.send('Input.insertText', { text: '删除' });
      await compose('kai');
      await session.send('Input.insertText', { text: '开头' });
      await expectValue(() => message().inputValue(), '删除开头');
      await show('fresh', {});
      await message().press('Enter');
      await expectValue(async () => (await posted('say')).map(({ text }) => text), ['删除开头']);
    });
  });

  describe('the message field', () => {
    it('brings back what was sent with the up arrow, older and newer, and leaves a text being written alone', async () => {
      await open('fresh');
      const chat = [entry('1', 'user', 'first'), entry('2', 'agent', 'done'), entry('3', 'user', 'second\nline')];
      await show('fresh', { chat });
      await log().getByText('first').waitFor();
      await message().focus();
      for (const [key, text] of [
        ['ArrowUp', 'second\nline'],
        ['ArrowUp', 'first'],
        ['ArrowUp', 'first'],
        ['ArrowDown', 'second\nline'],
        ['ArrowDown', ''],
      ] as const) {
        await page.keyboard.press(key);
        await expectSoon(async () => (await message().inputValue()) === text);
      }
      await page.keyboard.type('mine');
      await page.keyboard.press('ArrowUp');
      await expectValue(() => message().inputValue(), 'mine');
    });
  });

  describe('a broken entry', () => {
    it('is shown as its text, and all others as they are', async () => {
      await open('fresh');
      const state = stateOf('cut-here');
      const broken = [
        { id: 'b1', kind: 'hologram', text: 'From a later version.', streaming: false, actions: [] },
        { id: 'b2', kind: 'status', text: 'With an unknown button.', streaming: false, actions: ['fly'] },
        { id: 'b3', kind: 'agent', streaming: 'yes' },
        null,
        null,
        { ...state.chat[0], id: state.chat[1]?.id },
      ];
      const chat = [...broken, ...state.chat] as PanelChatEntry[];
      await news({ type: 'state', state: { ...state, chat } });
      await log().getByText('Removed 0:45–1:20 and joined the rest.').waitFor();
      for (const text of ['From a later version.', 'With an unknown button.']) await log().getByText(text).waitFor();
      await expectValue(() => log().getByText('This entry cannot be shown.').count(), 3);
      await expectValue(() => page.locator('trimmer-chat-entry').count(), chat.length);
    });

    it('with markdown that no parser can take is readable, quick, and loads nothing', async () => {
      const asked: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      await open('fresh');
      const hostile = [
        '>'.repeat(20_000) + ' deep',
        '['.repeat(20_000) + ' open',
        '*a **b '.repeat(5000) + ' marks',
        '![x](https://example.com/x.png) ![y](data:image/png;base64,AAAA) <img src="https://example.com/y.png"> pictures',
        '- '.repeat(5000) + 'list',
        '|a'.repeat(3000) + '|\n' + '|-'.repeat(3000) + '|\ntable',
      ];
      const before = Date.now();
      await show('fresh', {
        chat: [
          ...hostile.map((text, index) => entry(`h${index}`, 'agent', text, { streaming: index % 2 === 0 })),
          entry('ok', 'agent', 'The **next** one.'),
        ],
      });
      await log().locator('strong').getByText('next', { exact: true }).waitFor();
      const took = Date.now() - before;
      console.log(`        ${took} ms`);
      // Not minutes.
      assert.ok(took < 20_000, `${took} ms`);
      for (const text of ['deep', 'open', 'marks', 'pictures', 'list', 'table']) {
        await eventually(async () =>
          assert.ok(
            (await page.locator('trimmer-chat-entry .markdown').allInnerTexts()).some((said) => said.includes(text)),
            text,
          ),
        );
      }
      assert.deepEqual(
        asked.filter((url) => !url.startsWith(new URL(page.url()).origin)),
        [],
      );
      await message().fill('still alive');
      await message().press('Enter');
      await expectValue(async () => (await posted('say')).length, 1);
    });
  });

  describe('the menu', () => {
    it('offers what concerns the whole session, by keyboard alone', async () => {
      await open('cut-here');
      const opener = button('More about this session');
      await opener.focus();
      await page.keyboard.press('Enter');
      const items = page.getByRole('menuitem');
      await expectSoon(async () => (await items.count()) === 5);
      await expectSoon(() => items.first().evaluate((item) => item.matches(':focus')));
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await expectValue(async () => (await posted('session-menu')).at(-1)?.item, 'rename');
      await expectSoon(() => opener.evaluate((element) => element.matches(':focus')));
      await page.keyboard.press('Enter');
      await items.first().waitFor();
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('Enter');
      await expectValue(async () => (await posted('session-menu')).at(-1)?.item, 'delete');
      await page.keyboard.press('Enter');
      await items.first().click();
      await expectValue(async () => (await posted('copy')).map(({ entry: id }) => id), [undefined]);
      await page.keyboard.press('Enter');
      await items.first().waitFor();
      await page.keyboard.press('Escape');
      await items.first().waitFor({ state: 'hidden' });
      assert.deepEqual(await posted('stop'), []);
    });

    it('without a session offers to look for one or begin one', async () => {
      await open('empty-sidebar');
      await button('More about this session').click();
      await expectValue(
        async () => (await page.getByRole('menuitem').allInnerTexts()).map((text) => text.trim()),
        ['Search sessions…', 'New session'],
      );
    });
  });
});
