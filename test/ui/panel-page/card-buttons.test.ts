// Every button that a card of the chat can offer, pressed in a real browser: what the host is asked for.
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { CHAT_ACTIONS, type ChatActionName, type PanelChatEntry } from '../../../src/messages.js';
import { expectSoon, expectValue } from './expect-soon.js';
import { stateOf, usePanelPage } from './panel-page.js';

describe('the buttons of the cards', function () {
  this.timeout(60_000);
  let page: Page;
  const { open, posted, news } = usePanelPage((opened) => (page = opened));

  const LABELS: Record<ChatActionName, string> = {
    export: 'Export',
    undo: 'Undo',
    retry: 'Retry',
    'open-output': 'Open',
    'reveal-output': 'Reveal in Explorer',
    'use-local': 'Cut on this machine instead',
    'use-renamed': 'Use it',
    register: 'Register',
    'set-token': 'Set API Token',
    'open-in-browser': 'Open in Browser',
    'keep-additions': 'Keep',
    'strip-additions': 'Take out',
  };

  const show = async (kind: PanelChatEntry['kind'], action: ChatActionName): Promise<void> => {
    const card: PanelChatEntry = { id: 'card', kind, text: 'It happened.', streaming: false, actions: [action] };
    const state = { ...stateOf('fresh'), chat: [card] };
    await news({ type: 'state', state });
    await page.getByRole('log', { name: 'Chat' }).getByText('It happened.').waitFor();
  };

  it('each ask for their own action, by mouse and by keyboard', async () => {
    await open('fresh');
    for (const [index, action] of CHAT_ACTIONS.entries()) {
      await show(action === 'open-output' ? 'export' : 'error', action);
      const button = page.locator('trimmer-chat-entry').getByRole('button', { name: LABELS[action], exact: true });
      await button.click();
      await expectSoon(async () => (await posted('act')).length === 2 * index + 1);
      await button.focus();
      await page.keyboard.press('Enter');
      await expectSoon(async () => (await posted('act')).length === 2 * index + 2);
      const asked = (await posted('act')).slice(-2).map(({ entry, action: one }) => [entry, one]);
      assert.deepEqual(asked, [
        ['card', action],
        ['card', action],
      ]);
    }
  });

  it('of an error lead with its next step: the first is the button, others stand behind it', async () => {
    await open('failed');
    const error = page.locator('trimmer-chat-entry').last();
    await expectValue(
      async () =>
        (await error.locator('.actions').locator('vscode-button, button.other').allInnerTexts()).map((text) =>
          text.trim(),
        ),
      ['Cut on this machine instead', 'Register', 'Retry'],
    );
    await expectValue(() => error.locator('vscode-button[appearance=primary]').count(), 1);
  });

  it('of an export in the cloud open the file, show it, and open its project in the browser', async () => {
    await open('exported');
    const card = page.locator('trimmer-chat-entry').last();
    for (const name of ['Open', 'Reveal in Explorer', 'Open in Browser']) {
      await card.getByRole('button', { name, exact: true }).click();
    }
    await expectSoon(async () => (await posted('act')).length === 3);
    await expectValue(
      async () => (await posted('act')).map(({ entry, action }) => [entry, action]),
      [
        ['6', 'open-output'],
        ['6', 'reveal-output'],
        ['6', 'open-in-browser'],
      ],
    );
  });
});
