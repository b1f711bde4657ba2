// The doors for agents in a real VS Code: tools, chat participant, MCP server; and editors that lack them.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import { registerAgents, type AgentApi } from '../../src/commands/agents.js';
import type { CommandDeps } from '../../src/commands/deps.js';
import { EditorModel } from '../../src/commands/language-model.js';
import { registerMcpServer } from '../../src/commands/mcp-provider.js';
import { answering } from './answers.js';
import { copiedBy } from './clipboard.js';

const id = 'video-trimmer-in-between.video-trimmer-in-between';
const sample = join(import.meta.dirname, '../../../media/sample.mp4');
const TOOLS = ['trim_video', 'export_video', 'find_pauses', 'probe_video'];

// What the extension registers, caught before it is activated: nobody else can hand a tool or a request to it directly.
const tools = new Map<string, vscode.LanguageModelTool<object>>();
let participant: { id: string; handler: vscode.ChatRequestHandler; made: vscode.ChatParticipant } | undefined;
let mcp: { id: string; provider: vscode.McpServerDefinitionProvider } | undefined;

const lm = vscode.lm as unknown as Record<string, (...args: never[]) => unknown>;
const chat = vscode.chat as unknown as Record<string, (...args: never[]) => unknown>;
function watch(api: typeof lm, name: string, see: (result: unknown, ...args: never[]) => void): void {
  const real = api[name];
  if (!real) return;
  api[name] = (...args) => {
    const result = real.apply(api, args);
    see(result, ...args);
    return result;
  };
}
watch(lm, 'registerTool', (_, name: string, tool: vscode.LanguageModelTool<object>) => tools.set(name, tool));
watch(lm, 'registerMcpServerDefinitionProvider', (_, name: string, provider: vscode.McpServerDefinitionProvider) => {
  mcp = { id: name, provider };
});
watch(chat, 'createChatParticipant', (made, name: string, handler: vscode.ChatRequestHandler) => {
  participant = { id: name, handler, made: made as vscode.ChatParticipant };
});

async function frames(path: string): Promise<number> {
  const args = ['-v', 'error', '-select_streams', 'v:0', '-count_packets', '-show_entries', 'stream=nb_read_packets'];
  const { stdout } = await promisify(execFile)('ffprobe', [...args, '-of', 'csv=p=0', path]);
  return Number.parseInt(stdout, 10);
}

function textOf(result: vscode.LanguageModelToolResult): string[] {
  return result.content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : ''));
}

/** What Show Tracks says of the session that the person has before them. */
async function tracks(): Promise<string[]> {
  const told = await answering({}, () => Promise.resolve(vscode.commands.executeCommand('videoTrimmer.showTracks')));
  return told.map(({ text }) => text);
}

interface Shown {
  readonly words: string;
  readonly buttons: readonly string[];
  readonly references: readonly string[];
  readonly progress: readonly string[];
  readonly result: vscode.ChatResult;
}

/** As a person who writes `@trimmer /command prompt` with these files attached. */
async function ask(
  prompt: string,
  options: { command?: string; files?: readonly vscode.Uri[]; token?: vscode.CancellationToken } = {},
): Promise<Shown> {
  assert.ok(participant, 'no participant is registered');
  const shown = { words: '', buttons: [] as string[], references: [] as string[], progress: [] as string[] };
  const stream = {
    markdown: (text: string) => (shown.words += text),
    button: ({ command, title }: vscode.Command) => shown.buttons.push(`${title} (${command})`),
    reference: (uri: vscode.Uri) => shown.references.push(uri.fsPath),
    progress: (text: string) => shown.progress.push(text),
  };
  const { command, files = [], token = new vscode.CancellationTokenSource().token } = options;
  const request = { prompt, command, references: files.map((value) => ({ id: 'file', value })) };
  const result = await participant.handler(
    request as unknown as vscode.ChatRequest,
    { history: [] },
    stream as unknown as vscode.ChatResponseStream,
    token,
  );
  return { ...shown, result: result ?? {} };
}

/** Starts an MCP server and greets it. @returns how it calls itself */
async function askServer(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, unknown>> = {},
): Promise<{ name: string; version: string }> {
  const asked =
    '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}';
  const run = promisify(execFile)(command, [...args], { env: { ...process.env, ...(env as Record<string, string>) } });
  run.child.stdin?.end(`${asked}\n`);
  const { stdout } = await run;
  const { result } = JSON.parse(stdout) as { result: { serverInfo: { name: string; version: string } } };
  const { name, version } = result.serverInfo;
  return { name, version };
}

describe('agents', function () {
  this.timeout(120_000);
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
  const clips = join(folder, 'agents');
  const clip = join(clips, 'talk.mp4');
  let extension: vscode.Extension<unknown>;

  before(async () => {
    const found = vscode.extensions.getExtension(id);
    assert.ok(found && folder);
    extension = found;
    await mkdir(clips, { recursive: true });
    await copyFile(sample, clip);
    const settings = vscode.workspace.getConfiguration('videoTrimmer');
    await settings.update('engine', 'local', vscode.ConfigurationTarget.Global);
    await extension.activate();
  });

  after(async () => {
    await rm(clips, { recursive: true, force: true });
  });

  describe('the tools', () => {
    it('are registered, with the words and the schema of the manifest', () => {
      assert.deepEqual([...tools.keys()], TOOLS);
      const known = vscode.lm.tools.filter(({ name }) => TOOLS.includes(name));
      assert.deepEqual(known.map(({ name }) => name).sort(), TOOLS.toSorted());
      for (const { description, inputSchema } of known) {
        assert.match(description, /absolute path/iu);
        assert.deepEqual((inputSchema as { required: string[] }).required, ['path']);
      }
    });

    it('read a clip, by way of VS Code', async () => {
      const input = { path: clip };
      const result = await vscode.lm.invokeTool('probe_video', { input, toolInvocationToken: undefined });
      assert.match(textOf(result)[0] ?? '', /^2:00 long; mp4;/u);
    });

    it('cut exactly what an agent asks for, by way of VS Code, and leave no session in the person’s list', async () => {
      const before = await tracks();
      const input = { path: clip, sections: [{ in: '0:45', out: 80 }] };
      const result = await vscode.lm.invokeTool('trim_video', { input, toolInvocationToken: undefined });
      const [words = '', json = ''] = textOf(result);
      const { output, removed } = JSON.parse(json) as { output: string; removed: unknown };
      assert.equal(output, join(clips, 'talk.trimmed.mp4'));
      assert.deepEqual(removed, [{ in: 45, out: 80 }]);
      assert.equal(await frames(output), 3600 - 35 * 30);
      assert.deepEqual(await tracks(), before);
      assert.match(words, /^Wrote .*talk\.trimmed\.mp4, 1:25 long\..* Removed 0:45–1:20\.$/u);
    });

    it('say before, in words, which file, which sections and where the result goes', async () => {
      const tool = tools.get('trim_video');
      const input = {
        path: clip,
        sections: [{ in: 45, out: '1:20' }],
        instruction: 'remove *all* pauses',
        resolution: '720p',
      };
      const token = new vscode.CancellationTokenSource().token;
      const prepared = await tool?.prepareInvocation?.({ input }, token);
      const { title = '', message = '' } = prepared?.confirmationMessages ?? {};
      assert.equal(title, 'Trim talk.mp4?');
      const said = typeof message === 'string' ? message : message.value;
      const lines = said.replaceAll('\\', '').split('\n\n');
      assert.deepEqual(lines, [
        `The video: ${clip}`,
        'Removed: 0:45–1:20',
        'In words: remove *all* pauses',
        'Scaled down to: 720p',
        'The result goes beside it, as talk.trimmed.mp4 or the next free name.',
        'The video itself stays as it is, and nothing is overwritten.',
      ]);
      const wrong = await tool?.prepareInvocation?.({ input: { path: 7 } }, token);
      const told = wrong?.confirmationMessages?.message;
      assert.match(typeof told === 'string' ? told : (told?.value ?? ''), /path is missing or not as described/u);
      const reading = await tools.get('probe_video')?.prepareInvocation?.({ input: { path: clip } }, token);
      assert.deepEqual(reading, { invocationMessage: 'Reading talk.mp4' });
    });

    it('refuse, in words for the model, relative paths and what the person has not open', async () => {
      const token = new vscode.CancellationTokenSource().token;
      const invoke = (name: string, input: object): Promise<unknown> =>
        Promise.resolve(tools.get(name)?.invoke({ input, toolInvocationToken: undefined }, token));
      await assert.rejects(invoke('probe_video', { path: 'talk.mp4' }), /must be an absolute path/u);
      await assert.rejects(invoke('probe_video', { path: sample }), /lies outside what may be opened from here/u);
      const output = join(folder, '../elsewhere.mp4');
      await assert.rejects(
        invoke('trim_video', { path: clip, sections: [{ in: 1, out: 2 }], output }),
        /elsewhere\.mp4 lies outside/u,
      );
    });

    it('end with their token, and leave nothing', async () => {
      const before = await readdir(clips);
      const source = new vscode.CancellationTokenSource();
      const input = { path: clip, sections: [{ in: 1, out: 2 }], resolution: '240p' };
      const running = Promise.resolve(
        tools.get('trim_video')?.invoke({ input, toolInvocationToken: undefined }, source.token),
      );
      setTimeout(() => source.cancel(), 300);
      await assert.rejects(running, (error) => error instanceof vscode.CancellationError);
      assert.deepEqual(await readdir(clips), before);
    });
  });

  describe('@trimmer', () => {
    const files = [vscode.Uri.file(clip)];

    it('is registered under the id of the manifest', () => {
      assert.equal(participant?.id, 'videoTrimmer.trimmer');
    });

    it('tells pauses and what a clip is', async () => {
      const probed = await ask('', { command: 'probe', files });
      assert.match(probed.words, /2:00 long; mp4; .*h264/u);
      assert.deepEqual(probed.references, [clip]);
      const pauses = await ask('', { command: 'pauses', files });
      assert.match(pauses.words, /pause/u);
      assert.deepEqual(pauses.buttons, ['Open in Video Trimmer (videoTrimmer.trimMiddleSection)']);
    });

    it('cuts by the same session as the panel, answers as it does, and exports', async () => {
      const cut = await ask('remove the section between 0:45 and 1:20', { files });
      assert.match(cut.words, /Removed 0:45–1:20/u);
      assert.ok(cut.progress.length > 0);
      const followups = await participant?.made.followupProvider?.provideFollowups(
        cut.result,
        { history: [] },
        new vscode.CancellationTokenSource().token,
      );
      assert.deepEqual(
        (followups ?? []).map(({ prompt, command }) => command ?? prompt),
        ['export', 'undo'],
      );
      assert.match((await tracks()).join(), /talk\.mp4 \(0-85s\)/u);
      const exported = await ask('', { command: 'export' });
      assert.match(exported.words, /Exported .*\(1:25\)/u);
      assert.ok(
        exported.buttons.some((button) => button.includes('(vscode.open)')),
        exported.buttons.join(),
      );
      assert.equal(await frames(exported.references.at(-1) ?? ''), 3600 - 35 * 30);
    });

    it('says what is wrong in a sentence, and asks for what it needs', async () => {
      assert.match((await ask('remove 5:00 to 6:00', { files })).words, /past its end|ends at/u);
      assert.match((await ask('', { files })).words, /^Say what to remove/u);
    });

    it('ends when it is cancelled', async () => {
      const source = new vscode.CancellationTokenSource();
      source.cancel();
      const before = await readdir(clips);
      await ask('undo', { files, token: source.token });
      assert.deepEqual(await readdir(clips), before);
    });
  });

  describe('the MCP server', () => {
    const setting = vscode.workspace.getConfiguration('videoTrimmer');
    const choose = (value: string | undefined): Thenable<void> =>
      setting.update('agents.mcpServer', value, vscode.ConfigurationTarget.Global);
    const offered = async (
      provider = mcp?.provider,
    ): Promise<readonly vscode.McpServerDefinition[] | null | undefined> =>
      await provider?.provideMcpServerDefinitions(new vscode.CancellationTokenSource().token);
    afterEach(() => choose(undefined));

    it('is not offered beside the language-model tools: agent mode would show each tool twice', async () => {
      assert.equal(mcp?.id, 'videoTrimmer.mcp');
      assert.deepEqual(await offered(), []);
    });

    it('is offered by itself in an editor that has no language-model tools, unless the person says no', async () => {
      const providers: vscode.McpServerDefinitionProvider[] = [];
      const registerMcpServerDefinitionProvider = (
        _: string,
        provider: vscode.McpServerDefinitionProvider,
      ): vscode.Disposable => {
        providers.push(provider);
        return new vscode.Disposable(() => undefined);
      };
      const { McpStdioServerDefinition } = vscode;
      registerMcpServer({ lm: { registerMcpServerDefinitionProvider }, McpStdioServerDefinition }, extension);
      assert.equal((await offered(providers[0]))?.length, 1);
      await choose('off');
      assert.deepEqual(await offered(providers[0]), []);
    });

    it('is offered when the person wants it, as a program that VS Code’s own Node can run', async () => {
      await choose('on');
      const [definition, ...more] = (await offered()) ?? [];
      assert.ok(definition instanceof vscode.McpStdioServerDefinition && more.length === 0);
      const { command, args, env } = definition;
      assert.deepEqual(await askServer(command, args, env), {
        name: 'video-trimmer-in-between',
        version: definition.version,
      });
    });

    it('is started by the configuration that is copied for other programs', async () => {
      let text = '';
      const told = await answering({}, async () => (text = await copiedBy('videoTrimmer.copyMcpConfiguration')));
      assert.match(told[0]?.text ?? '', /^MCP configuration copied\. Paste it into your client's/u);
      const { mcpServers, ...rest } = JSON.parse(text) as {
        mcpServers: Record<string, { command: string; args: string[]; env?: Record<string, string> }>;
      };
      assert.deepEqual([Object.keys(mcpServers), rest], [['video-trimmer'], {}]);
      const { command = '', args = [], env } = mcpServers['video-trimmer'] ?? {};
      assert.ok(!text.includes(JSON.stringify(extension.extensionPath).slice(1, -1)), 'an update would break it');
      const { version } = extension.packageJSON as { version: string };
      assert.equal((await askServer(command, args, env)).version, version);
    });
  });

  describe('an editor that lacks the doors, or refuses them', () => {
    const warned: string[] = [];
    const deps = (): CommandDeps =>
      ({
        diagnostics: { extension, journal: { log: (line: string) => warned.push(line) } },
      }) as unknown as CommandDeps;
    const refusing = (): never => {
      throw new Error('not here');
    };
    const editors: [string, AgentApi][] = [
      ['has none of them', {}],
      ['has namespaces with nothing in them', { lm: {}, chat: {} }],
      [
        'throws at each',
        {
          lm: { registerTool: refusing, registerMcpServerDefinitionProvider: refusing },
          chat: { createChatParticipant: refusing },
          McpStdioServerDefinition: vscode.McpStdioServerDefinition,
        },
      ],
    ];
    for (const [what, api] of editors) {
      it(`has the extension without them, where it ${what}`, () => {
        registerAgents(api, deps()).dispose();
      });
    }
    it('and the log says why', () => assert.equal(warned.length, TOOLS.length + 2));
  });

  describe('the language model for free speech', () => {
    const setting = vscode.workspace.getConfiguration('videoTrimmer');
    const put = (value: string | undefined): Thenable<void> =>
      setting.update('agents.askModel', value, vscode.ConfigurationTarget.Global);
    const answer = (text: string): Partial<typeof vscode.lm> => ({
      selectChatModels: () =>
        Promise.resolve([
          {
            sendRequest: () =>
              Promise.resolve({
                text: (async function* () {
                  yield await Promise.resolve(text.slice(0, 3));
                  yield text.slice(3);
                })(),
              }),
          },
        ] as unknown as vscode.LanguageModelChat[]),
    });
    after(() => put(undefined));

    it('is asked for once, and only where there is one', async () => {
      const none = await answering({}, async () => {
        assert.equal(await new EditorModel({ selectChatModels: () => Promise.resolve([]) }).ready(), false);
        assert.equal(await new EditorModel({}).ready(), false);
      });
      assert.deepEqual(none, []);
      const model = new EditorModel(answer('{"a": 1}'));
      const asked = await answering({ showInformationMessage: (...given) => given[2] }, async () => {
        assert.equal(await model.ready(), true);
        assert.equal(await model.ready(), true);
      });
      assert.deepEqual(
        asked.map(({ text }) => text),
        ["May the editor's language model read what the engine on this machine cannot?"],
      );
      assert.equal(await model.ask('?', new AbortController().signal), '{"a": 1}');
    });

    it('is never asked after a no, and not again in this window after a closed question', async () => {
      await put(undefined);
      const model = new EditorModel(answer(''));
      const closed = await answering({}, async () => {
        assert.equal(await model.ready(), false);
        assert.equal(await model.ready(), false);
      });
      assert.equal(closed.length, 1);
      const refused = await answering({ showInformationMessage: (...given) => given[3] }, async () => {
        assert.equal(await new EditorModel(answer('')).ready(), false);
        assert.equal(await new EditorModel(answer('')).ready(), false);
      });
      assert.equal(refused.length, 1);
    });
  });

  it('the source is as it was after all that', async () => {
    assert.ok((await readFile(sample)).equals(await readFile(clip)));
  });
});
