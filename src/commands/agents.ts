import * as vscode from 'vscode';
import { TOOL_NAMES } from '../agents/tool-names.js';
import type { AgentCalls } from './agent-calls.js';
import type { ChatRequests } from './chat-requests.js';
import type { CommandDeps } from './deps.js';
import { registerMcpServer } from './mcp-provider.js';

/** The parts of VS Code that its relatives may lack, or have in part. */
export interface AgentApi {
  readonly lm?: Partial<typeof vscode.lm> | undefined;
  readonly chat?: Partial<typeof vscode.chat> | undefined;
  readonly McpStdioServerDefinition?: typeof vscode.McpStdioServerDefinition | undefined;
}

/**
 * Opens the doors for agents: the language-model tools, the chat participant and the MCP server. What lies behind a door
 * is loaded when the first one comes through it; an editor without a door has the extension without it.
 */
export function registerAgents(api: AgentApi, deps: CommandDeps): vscode.Disposable {
  const { extension, journal } = deps.diagnostics;
  let calls: Promise<AgentCalls> | undefined;
  const toolCalls = (): Promise<AgentCalls> =>
    (calls ??= import('./agent-calls.js').then(({ AgentCalls }) => new AgentCalls(deps)));
  let requests: Promise<ChatRequests> | undefined;
  const chatRequests = (): Promise<ChatRequests> =>
    (requests ??= Promise.all([import('./chat-requests.js'), toolCalls()]).then(
      ([{ ChatRequests }, tools]) => new ChatRequests(deps, tools),
    ));
  const opened: vscode.Disposable[] = [];
  const open = (door: string, register: () => vscode.Disposable | undefined): void => {
    try {
      const disposable = register();
      if (disposable) opened.push(disposable);
    } catch (error) {
      // An editor may refuse what VS Code takes; the rest of the extension does not depend on it.
      journal.log(`agents: no ${door} here (${error instanceof Error ? error.name : 'unknown'})`, 'warn');
    }
  };
  for (const name of TOOL_NAMES) {
    open(name, () =>
      api.lm?.registerTool?.(name, {
        prepareInvocation: async ({ input }) => (await toolCalls()).prepare(name, input),
        invoke: async ({ input }, token) => await (await toolCalls()).invoke(name, input, token),
      }),
    );
  }
  open('chat participant', () => {
    const participant = api.chat?.createChatParticipant?.('videoTrimmer.trimmer', async (request, _, stream, token) =>
      (await chatRequests()).answer(request, stream, token),
    );
    if (!participant) return undefined;
    participant.iconPath = vscode.Uri.joinPath(extension.extensionUri, 'media/icon.png');
    participant.followupProvider = {
      provideFollowups: async ({ metadata }) => (await chatRequests()).followups(metadata),
    };
    return participant;
  });
  open('MCP server', () => registerMcpServer(api, extension));
  return new vscode.Disposable(() => {
    for (const disposable of opened) disposable.dispose();
    void calls?.then((all) => all.close());
  });
}
