// The buttons of the chat's cards from the press in the page to what they do: real sessions, real commands' code.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { AccountCommands } from '../../src/commands/account.js';
import { panelActions } from '../../src/commands/panel-requests.js';
import type { SessionListCommands } from '../../src/commands/session-list.js';
import { SessionCommands } from '../../src/commands/session.js';
import type { CommandDeps } from '../../src/commands/deps.js';
import type { TrimCommands } from '../../src/commands/trim.js';
import type { ChatActionName } from '../../src/messages.js';
import type { PanelActions } from '../../src/views/panel-actions.js';
import { nemoError, say, scene, SECOND, type Scene } from '../unit/session/scripted-cloud.js';
import { answering } from './answers.js';
import { eventually } from './eventually.js';

const removed = { in: 45 * SECOND, out: 80 * SECOND };
const REMOVAL = 'remove the section between 0:45 and 1:20 and join the remaining parts smoothly';

describe('the buttons of the chat’s cards', function () {
  this.timeout(60_000);
  let folder: string;
  let s: Scene;
  let actions: PanelActions;
  let exports: number;
  let tokens: number;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trim-cards-'));
    await writeFile(join(folder, 'talk.mp4'), 'the source');
    s = scene({ clip: join(folder, 'talk.mp4') });
    exports = tokens = 0;
    const trim = {} as TrimCommands;
    const session = new SessionCommands({ book: s.book } as unknown as CommandDeps, trim);
    const account = { setToken: () => Promise.resolve(void (tokens += 1)) } as Partial<AccountCommands>;
    actions = panelActions(
      () => ({
        trim,
        session,
        list: {} as SessionListCommands,
        account: account as AccountCommands,
        export: () => Promise.resolve(void (exports += 1)),
      }),
      () => undefined,
    );
  });
  afterEach(async () => {
    s.book.dispose();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await rm(folder, { recursive: true, force: true });
  });

  /** Presses the button on the newest card that has it. */
  const press = async (action: ChatActionName): Promise<void> => {
    const card = s.session.snapshot.chat.findLast(({ actions: offered }) => offered?.includes(action));
    assert.ok(card, `no card offers ${action}`);
    await s.clock.run(actions.act(s.session, card.id, action));
  };
  const removeMiddle = async (): Promise<void> => {
    s.cloud.scripts.push([say('Gone.'), { cut: removed }]);
    await s.clock.run(s.session.remove([removed]));
  };
  /** Addresses that VS Code was asked to open outside of it. */
  const opening = async (run: () => Promise<unknown>): Promise<string[]> => {
    const opened: string[] = [];
    const env = vscode.env as { openExternal: (uri: vscode.Uri) => Thenable<boolean> };
    const real = env.openExternal;
    env.openExternal = (uri) => Promise.resolve(opened.push(uri.toString(true)) > 0);
    try {
      await run();
    } finally {
      env.openExternal = real;
    }
    return opened;
  };

  it('of an edit: Undo takes it back, Export exports', async () => {
    await removeMiddle();
    assert.equal(s.session.snapshot.draft.duration, 145 * SECOND);
    await press('export');
    assert.equal(exports, 1);
    s.cloud.scripts.push([say('Undone.')]);
    await press('undo');
    assert.deepEqual(s.cloud.messages, [REMOVAL, 'undo']);
  });

  it('of an export: Open and Reveal show the file, Open in Browser its project; a file that is gone is said so', async () => {
    await removeMiddle();
    await s.clock.run(s.session.export());
    const link = s.session.snapshot.chat.at(-1)?.link ?? '';
    assert.match(link, /^https:\/\/web\.example\/workspace\/claim/u);
    assert.deepEqual(await opening(() => press('open-in-browser')), [link]);
    await press('open-output');
    await eventually(() => {
      const labels = vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ label }) => label));
      assert.ok(labels.includes('talk.trimmed.mp4'), labels.join());
    });
    await rm(join(folder, 'talk.trimmed.mp4'));
    for (const action of ['open-output', 'reveal-output'] as const) {
      await assert.rejects(press(action), /talk\.trimmed\.mp4 is no longer there\. Export it again\./u);
    }
  });

  it('of an export that the plan blocks: Register opens the page, and this machine does it instead', async () => {
    await removeMiddle();
    s.cloud.register = 'https://web.example/register?bind=t1';
    s.cloud.fail('submit', nemoError('export-blocked'));
    await assert.rejects(s.clock.run(s.session.export()));
    assert.deepEqual(await opening(() => press('register')), ['https://web.example/register?bind=t1']);
    s.local.scripts.push([say('Gone.'), { cut: removed }]);
    const told = await answering({}, () => press('use-local'));
    assert.equal(s.session.snapshot.engine, 'local');
    assert.equal(s.local.renders.length, 1);
    assert.match(told.at(-1)?.text ?? '', /^Exported talk\.trimmed\.mp4/u);
  });

  it('of a failure: Retry does the same again', async () => {
    s.cloud.fail('upload', nemoError('unreachable'));
    await assert.rejects(s.clock.run(s.session.remove([removed])));
    assert.deepEqual(s.cloud.messages, []);
    s.cloud.scripts.push([say('Gone.'), { cut: removed }]);
    await press('retry');
    assert.deepEqual(s.cloud.messages, [REMOVAL]);
    assert.equal(s.session.snapshot.draft.duration, 145 * SECOND);
  });

  it('of a refused token: Set API Token asks for another', async () => {
    s.cloud.fail('createSession', nemoError('unauthorized'));
    await assert.rejects(s.clock.run(s.session.connect()));
    await press('set-token');
    assert.equal(tokens, 1);
  });

  it('that are no longer offered are refused in words', async () => {
    await removeMiddle();
    const [first] = s.session.snapshot.chat;
    await assert.rejects(actions.act(s.session, first?.id ?? '', 'undo'), /That is no longer offered\./u);
    await assert.rejects(actions.act(s.session, 'no such card', 'export'), /That is no longer offered\./u);
  });
});
