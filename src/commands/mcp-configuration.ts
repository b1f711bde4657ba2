import * as vscode from 'vscode';
import { writeLauncher, type McpCommand } from '../agents/mcp-launcher.js';
import { launcherFolder, mcpServerProgram } from './mcp-provider.js';
import type { CommandDeps } from './deps.js';

type Places = Pick<CommandDeps, 'diagnostics' | 'kept'>;

/** Copy MCP Configuration: puts into the clipboard what another program starts the tools for agents by. */
export async function copyMcpConfiguration(places: Places): Promise<void> {
  const { command, args, env } = await renewLauncher(places);
  const configuration = { mcpServers: { 'video-trimmer': { command, args, ...(env ? { env } : {}) } } };
  await vscode.env.clipboard.writeText(`${JSON.stringify(configuration, undefined, 2)}\n`);
  const copied = vscode.l10n.t(
    "MCP configuration copied. Paste it into your client's, such as .cursor/mcp.json or claude_desktop_config.json; it stays valid through updates.",
  );
  const where = vscode.l10n.t('The client has to run on the machine that this window is connected to.');
  void vscode.window.showInformationMessage(vscode.env.remoteName === undefined ? copied : `${copied} ${where}`);
}

/** Makes the launcher start this version. @throws what the file system throws */
export async function renewLauncher({ diagnostics, kept }: Places): Promise<McpCommand> {
  return await writeLauncher({
    folder: launcherFolder(kept.context),
    node: process.execPath,
    server: mcpServerProgram(diagnostics.extension),
  });
}
