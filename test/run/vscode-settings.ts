// Settings for a VS Code that runs unattended: nothing that calls out, pops up or moves.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const quietSettings: Readonly<Record<string, unknown>> = {
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
  'git.enabled': false,
  'git.openRepositoryInParentFolders': 'never',
  'security.workspace.trust.startupPrompt': 'never',
};

/** The user's settings file of a server with this user data folder. */
export function settingsFile(userDataDir: string): string {
  return join(userDataDir, 'User', 'settings.json');
}

/** Writes the user settings: the quiet ones, then `settings` over them. */
export async function writeSettings(userDataDir: string, settings: Readonly<Record<string, unknown>>): Promise<void> {
  await mkdir(join(userDataDir, 'User'), { recursive: true });
  await writeFile(settingsFile(userDataDir), JSON.stringify({ ...quietSettings, ...settings }, undefined, 2));
}
