import { join } from 'node:path';
import * as vscode from 'vscode';
import { ownSetting } from '../views/own-setting.js';
import type { AgentApi } from './agents.js';

/** Offers the MCP server to the editor, while the folder is trusted and the person has not said otherwise. */
export function registerMcpServer(api: AgentApi, extension: vscode.Extension<unknown>): vscode.Disposable | undefined {
  const { McpStdioServerDefinition: Definition, lm } = api;
  if (!Definition || !lm?.registerMcpServerDefinitionProvider) return undefined;
  const changed = new vscode.EventEmitter<void>();
  const provider = lm.registerMcpServerDefinitionProvider('videoTrimmer.mcp', {
    onDidChangeMcpServerDefinitions: changed.event,
    provideMcpServerDefinitions: () => {
      // The server is a process of its own and knows nothing of Restricted Mode.
      if (!vscode.workspace.isTrusted || ownSetting('videoTrimmer', 'agents.mcpServer') === false) return [];
      const program = join(extension.extensionPath, 'dist/mcp-server.mjs');
      const { version } = extension.packageJSON as { version: string };
      // In desktop VS Code the running program is Electron, which acts as Node with this.
      const env = { ELECTRON_RUN_AS_NODE: '1' };
      return [new Definition('Video Trimmer', process.execPath, [program], env, version)];
    },
  });
  return vscode.Disposable.from(
    provider,
    changed,
    vscode.workspace.onDidGrantWorkspaceTrust(() => changed.fire()),
    vscode.workspace.onDidChangeConfiguration(
      (change) => change.affectsConfiguration('videoTrimmer.agents.mcpServer') && changed.fire(),
    ),
  );
}
