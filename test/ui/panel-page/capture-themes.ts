// Writes themes.json: the variables that VS Code itself gives to a webview, in its four default themes.
//
//   node esbuild.mjs && node --import=tsx test/ui/panel-page/capture-themes.ts
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freshFolder, repository } from '../../run/paths.js';
import { startWorkbench, type Theme } from '../workbench.js';
import { BODY_CLASS, type ThemeName } from './page-server.js';

const themes: Record<ThemeName, Theme> = {
  'dark-modern': 'Default Dark Modern',
  'light-modern': 'Default Light Modern',
  'hc-dark': 'Default High Contrast',
  'hc-light': 'Default High Contrast Light',
};
/** The families of colours and fonts that a panel draws with; VS Code has four times as many for parts of its own. */
const families = [
  'badge button charts chat checkbox contrast descriptionForeground disabledForeground dropdown editor-background',
  'editor-font editor-foreground editorHoverWidget editorWarning editorWidget errorForeground focusBorder font foreground icon input',
  'keybinding list menu panel progressBar radio sash scrollbar selection settings sideBar testing-icon text toolbar',
  'toolbar widget',
];
const drawnWith = new RegExp(`^--vscode-(${families.join('|').replaceAll(' ', '|')})`);

const folder = await freshFolder('themes');
const workbench = await startWorkbench({ extensionDevelopmentPath: repository, folder });
try {
  await workbench.runCommand('View: Show Video Trimmer');
  const page = workbench.webview('sidebar').locator('html');
  const captured: Partial<Record<ThemeName, Record<string, string>>> = {};
  for (const [name, theme] of Object.entries(themes) as [ThemeName, Theme][]) {
    await workbench.setTheme(theme);
    await page.locator(`body[data-vscode-theme-kind="${BODY_CLASS[name].split(' ')[0]}"]`).waitFor();
    captured[name] = await page.evaluate(
      (html, names) =>
        Object.fromEntries(
          [...html.style]
            .filter((variable) => names.test(variable))
            .sort()
            .map((variable) => [variable, html.style.getPropertyValue(variable).trim()]),
        ),
      drawnWith,
    );
  }
  await writeFile(join(import.meta.dirname, 'themes.json'), `${JSON.stringify(captured, undefined, 2)}\n`);
} finally {
  await workbench.close();
  await rm(folder, { recursive: true, force: true });
}
