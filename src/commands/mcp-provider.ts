import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { ownSetting } from '../views/own-setting.js';
import type { AgentApi } from './agents.js';
import type { CommandDeps } from './deps.js';

const SETTING = 'agents.mcpServer';

/**
 * Offers the MCP server to the editor, while the folder is trusted and the setting wants it. By itself the setting wants
 * it only where there are no language-model tools: an agent that has both would see each tool twice.
 */
export function registerMcpServer(api: AgentApi, extension: vscode.Extension<unknown>): vscode.Disposable | undefined {
  const { McpStdioServerDefinition: Definition, lm } = api;
  if (!Definition || !lm?.registerMcpServerDefinitionProvider) return undefined;
  const changed = new vscode.EventEmitter<void>();
  const provider = lm.registerMcpServerDefinitionProvider('videoTrimmer.mcp', {
    onDidChangeMcpServerDefinitions: changed.event,
    provideMcpServerDefinitions: () => {
      const setting = ownSetting('videoTrimmer', SETTING);
      const wanted = setting === 'on' || (setting !== 'off' && !lm.registerTool);
      // The server is a process of its own and knows nothing of Restricted Mode.
      if (!wanted || !vscode.workspace.isTrusted) return [];
      const { version } = extension.packageJSON as { version: string };
      // In desktop VS Code the running program is Electron, which acts as Node with this.
      const env = { ELECTRON_RUN_AS_NODE: '1' };
      return [new Definition('Video Trimmer', process.execPath, [mcpServerProgram(extension)], env, version)];
    },
  });
  return vscode.Disposable.from(
    provider,
    changed,
    vscode.workspace.onDidGrantWorkspaceTrust(() => changed.fire()),
    vscode.workspace.onDidChangeConfiguration(
      (change) => change.affectsConfiguration(`videoTrimmer.${SETTING}`) && changed.fire(),
    ),
  );
}

/** The program that other clients start, too. */
export function mcpServerProgram(extension: vscode.Extension<unknown>): string {
  return join(extension.extensionPath, 'dist/mcp-server.mjs');
}

/** Where the launcher for other clients lies, once somebody has copied their configuration. */
export function launcherFolder({ globalStorageUri }: Pick<vscode.ExtensionContext, 'globalStorageUri'>): string {
  return join(globalStorageUri.fsPath, 'mcp');
}

/** Brings that launcher up to date, where there is one: it may have been written by another version. */
export function keepLauncher(deps: Pick<CommandDeps, 'diagnostics' | 'kept'>): void {
  if (!existsSync(launcherFolder(deps.kept.context))) return;
  import('./mcp-configuration.js')
    .then(({ renewLauncher }) => renewLauncher(deps))
    .catch((error: unknown) => deps.diagnostics.journal.failed('the launcher of the MCP server', error));
}
