import * as vscode from 'vscode';

/**
 * A setting as the person made it for themselves or this machine, else its default. What the settings of a workspace or
 * a folder say is passed over, whatever package.json and Restricted Mode let through: a folder that somebody sent must
 * not say where a token, a file or a program goes.
 */
export function ownSetting(section: string, key: string): unknown {
  const found = vscode.workspace.getConfiguration(section).inspect<unknown>(key);
  return found?.globalValue ?? found?.defaultValue;
}
