// A real VS Code window for UI tests: the VS Code server, headless Chromium, the packed extension, a folder.
//
//   const workbench = await startWorkbench({ vsix, folder });
//   await workbench.explorerMenu(['interview.mp4'], 'Trim Middle Section');
//   const panel = workbench.webview('editor');
//   await panel.getByLabel('In').fill('0:45');
//   await workbench.screenshot('trim');
//   await workbench.close();
//
// Every step waits for what it needs (20 s at most) and fails with the sentence of what was missing. Nothing sleeps.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ConsoleMessage, type FrameLocator, type Locator, type Page, errors } from 'playwright-core';
import { openChromium } from '../run/chromium.js';
import { freshFolder, testOutput } from '../run/paths.js';
import { onStop } from '../run/processes.js';
import { writeLanguagePack } from '../run/vscode-language.js';
import { startServer } from '../run/vscode-server.js';
import { settingsFile, writeSettings } from '../run/vscode-settings.js';
import { ensureVscode, type VscodeVersion } from '../run/vscode-setup.js';
import { installPacked } from './installed-extension.js';

export type Theme =
  'Default Dark Modern' | 'Default Light Modern' | 'Default High Contrast' | 'Default High Contrast Light';

/** How the theme pick names the theme, and the class that the workbench carries while one of its kind is shown. */
const themes: Record<Theme, { readonly label: string; readonly className: string }> = {
  'Default Dark Modern': { label: 'Dark Modern', className: 'vs-dark' },
  'Default Light Modern': { label: 'Light Modern', className: 'vs' },
  'Default High Contrast': { label: 'Dark High Contrast', className: 'hc-black' },
  'Default High Contrast Light': { label: 'Light High Contrast', className: 'hc-light' },
};

/** For tests of the engine on this machine: no token, and a cloud that nobody answers for. */
export const CLOUD_AWAY = { NEMO_TOKEN: undefined, NEMO_API_URL: 'http://127.0.0.1:9' };

export interface WorkbenchOptions {
  /** Default: the newest version the tests know. */
  readonly version?: VscodeVersion;
  /** The packed extension to install, as a user gets it … */
  readonly vsix?: string;
  /** … or a folder with an unpacked one, run as extension under development. VS Code shows no notifications then. */
  readonly extensionDevelopmentPath?: string;
  /**
   * The folder to open, or a `.code-workspace` file with several. It is used as it is, and left behind; the tests copy
   * their clips into a fresh one.
   */
  readonly folder: string;
  readonly theme?: Theme;
  /** Size of the window in CSS pixels. Default 1280 × 800. */
  readonly width?: number;
  readonly height?: number;
  /** User settings, beyond the quiet defaults. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Environment of the extension host, for example NEMO_API_URL; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What VS Code and its extensions speak. Default: English. */
  readonly language?: 'zh-cn';
  /** Opens the folder in Restricted Mode. Default: trusted. */
  readonly workspaceTrust?: boolean;
}

export interface Workbench {
  readonly page: Page;
  readonly url: string;
  readonly userDataDir: string;
  /** The server's output; extension host logs are under `<userDataDir>/logs`. */
  readonly log: string;
  /** What the window and the webviews wrote to the browser's console so far, `error: …` and so on, oldest first. */
  readonly console: readonly string[];
  /** What our pages did against their content policy; `close` fails where there is any. */
  readonly violations: string[];

  /** Runs a command from the palette by its full title, `Video Trimmer: Export Video`. @throws when it is not offered. */
  runCommand(title: string): Promise<void>;
  /** Whether the palette offers a command with this full title now. */
  offersCommand(title: string): Promise<boolean>;
  /** Types an answer into the open input box or pick (`showInputBox`, `showQuickPick`) and confirms it. */
  answer(text: string): Promise<void>;
  /** The row of a file or folder in the Explorer, by its name. */
  explorerFile(name: string): Locator;
  /** Selects files in the Explorer, right-clicks the last one and chooses a menu item by its text, or one of a submenu. */
  explorerMenu(names: readonly string[], item: string, ofSubmenu?: string): Promise<void>;
  /** The items of the menu that a right-click on the last of these files opens. It is closed again. */
  explorerMenuItems(names: readonly string[]): Promise<string[]>;
  /**
   * The document of our webview: `editor` = the tab in the editor area, `sidebar` = the view. Its locators wait for it
   * to load, so this can be called before the panel is open.
   */
  webview(where: 'editor' | 'sidebar'): FrameLocator;
  /** A notification with this text, for waiting on or reading. */
  notification(text: string | RegExp): Locator;
  /** Presses a button of a notification. */
  pressInNotification(text: string | RegExp, button: string): Promise<void>;
  /** Changes the theme of the running window and waits until it shows. */
  setTheme(theme: Theme): Promise<void>;
  /** Changes user settings (merged over the present ones) and reloads the window, which starts the extension anew. */
  changeSettings(settings: Readonly<Record<string, unknown>>): Promise<void>;
  /** Saves `test-output/ui/<name>.png`, or the file at an absolute path, and returns the path. */
  screenshot(name: string): Promise<string>;
  /** Ends the window and the server and removes the user data. */
  close(): Promise<void>;
}

const stepTimeout = 20_000;
const loadTimeout = 60_000;

/** Starts a VS Code with a fresh profile. The VS Code version is set up first when this machine has never had it. */
export async function startWorkbench(options: WorkbenchOptions): Promise<Workbench> {
  const profile = await freshFolder('ui');
  const forgetProfile = onStop(() => rm(profile, { recursive: true, force: true, maxRetries: 3 }));
  const closers: (() => Promise<void>)[] = [
    async () => {
      forgetProfile();
      await rm(profile, { recursive: true, force: true, maxRetries: 3 });
    },
  ];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    return await open(options, profile, closers, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(
  options: WorkbenchOptions,
  profile: string,
  closers: (() => Promise<void>)[],
  close: () => Promise<void>,
): Promise<Workbench> {
  const installation = await ensureVscode(options.version ?? '1.139');
  const userDataDir = join(profile, 'user');
  const extensionsDir = join(profile, 'extensions');
  const log = join(profile, 'server.log');
  await mkdir(extensionsDir, { recursive: true });
  await writeSettings(userDataDir, {
    'workbench.colorTheme': options.theme ?? 'Default Dark Modern',
    ...options.settings,
  });
  if (options.language !== undefined) await writeLanguagePack(userDataDir, options.language);
  if (options.vsix !== undefined) {
    await installPacked(installation, options.vsix, { extensionsDir, logFile: log });
  }
  const starting = {
    installation,
    userDataDir,
    extensionsDir,
    logFile: log,
    workspaceTrust: options.workspaceTrust === true,
    // The driver lets the address name an extension under development, and also suppresses notifications: only then.
    testDriver: options.extensionDevelopmentPath !== undefined,
    ...(options.env ? { env: options.env } : {}),
    ...(options.language === undefined ? {} : { language: options.language }),
  };
  const server = await startServer(starting);
  closers.push(() => server.close());
  const browser = await openChromium();
  closers.push(() => browser.close());

  const viewport = { width: options.width ?? 1280, height: options.height ?? 800 };
  const context = await browser.newContext({ viewport, reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.setDefaultTimeout(stepTimeout);
  const lines: string[] = [];
  const violations: string[] = [];
  page.on('console', (message) => {
    lines.push(`${message.type()}: ${message.text()}`);
    if (isViolation(message)) violations.push(message.text());
  });
  page.on('pageerror', (error) => lines.push(`uncaught: ${error.message}`));

  const development = options.extensionDevelopmentPath;
  const payload = [
    ...(development === undefined
      ? []
      : [['extensionDevelopmentPath', `vscode-remote://${server.authority}${pathToFileURL(development).pathname}`]]),
    ['skipWelcome', 'true'],
  ];
  const place = options.folder.endsWith('.code-workspace') ? 'workspace' : 'folder';
  const query = new URLSearchParams({ [place]: options.folder, payload: JSON.stringify(payload) });
  const url = `${server.url}?${query.toString()}`;
  await page.goto(url);
  await untilReady(page);

  const changeSettings = async (changes: Readonly<Record<string, unknown>>): Promise<void> => {
    // The theme may have been changed in the window, which writes the same file.
    const present = JSON.parse(await readFile(settingsFile(userDataDir), 'utf8')) as Record<string, unknown>;
    await writeSettings(userDataDir, { ...present, ...changes });
    await page.reload();
    await untilReady(page);
  };
  return {
    page,
    url,
    userDataDir,
    log,
    console: lines,
    violations,
    runCommand: (title) => runCommand(page, title),
    offersCommand: (title) => offersCommand(page, title),
    answer: (text) => answer(page, text),
    explorerFile: (name) => explorerFile(page, name),
    explorerMenu: (names, item, ofSubmenu) => explorerMenu(page, names, item, ofSubmenu),
    explorerMenuItems: (names) => explorerMenuItems(page, names),
    webview: (where) => webview(page, where),
    notification: (text) => notification(page, text),
    pressInNotification: (text, button) => pressInNotification(page, text, button),
    changeSettings,
    setTheme: (theme) => setTheme(page, theme),
    screenshot: async (name) => {
      const path = name.startsWith('/') ? name : join(testOutput, 'ui', `${name}.png`);
      if (path.endsWith('.webp')) await writeFile(path, await webpOf(page));
      else await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
      return path;
    },
    close: async () => {
      await close();
      const found = violations.splice(0);
      if (found.length > 0) throw new Error(`The panel broke its content policy:\n${found.join('\n')}`);
    },
  };
}

/** A third of what PNG takes, for pictures that are kept. Playwright itself takes no WebP. */
async function webpOf(page: Page): Promise<Buffer> {
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 80 });
  await session.detach();
  return Buffer.from(data, 'base64');
}

/** Of our pages: VS Code's own keep to theirs. What is blocked inline has no address by which it could be told apart. */
function isViolation(message: ConsoleMessage): boolean {
  return message.type() === 'error' && /violates the following Content Security Policy/i.test(message.text());
}

/** What the window asks and tells, the server's output and the browser's console, for the message of a failed test. */
async function diagnosis(workbench: Workbench): Promise<string> {
  const server = await readFile(workbench.log, 'utf8').catch(() => '');
  const shown = `.tab.active, .notification-list-item, .monaco-dialog-box, ${quickInput}`;
  const words = await workbench.page
    .locator(shown)
    .allInnerTexts()
    .catch(() => []);
  const focus = await workbench.page
    .evaluate(() => `${document.activeElement?.tagName ?? ''} ${document.activeElement?.className ?? ''}`)
    .catch(() => '');
  return [
    ...words.map((text) => `shown: ${text.replaceAll(/\s+/gu, ' ').trim()}`),
    `the keyboard is with: ${focus}`,
    ...workbench.console.slice(-40),
    server.slice(-4000),
  ].join('\n');
}

/** For each failed test of the suite: what the window shows, as a picture, and what it wrote. */
export function reportFailures(workbench: () => Workbench | undefined): void {
  afterEach(async function () {
    const window = workbench();
    if (this.currentTest?.state !== 'failed' || !window) return;
    console.error(await diagnosis(window));
    await window.screenshot(`failed-${this.currentTest.fullTitle().replaceAll(/\W+/g, '-')}`);
  });
}

/** The theme comes from a built-in extension: when it shows, the server, the settings and the extensions are there. */
async function untilReady(page: Page): Promise<void> {
  await said('VS Code did not open.', async () => {
    await page.locator('.monaco-workbench[class*="vscode-theme-"]').waitFor({ timeout: loadTimeout });
    await page.locator('.explorer-folders-view .monaco-list').waitFor({ timeout: loadTimeout });
  });
}

async function setTheme(page: Page, theme: Theme): Promise<void> {
  const { label, className } = themes[theme];
  await runCommand(page, 'Preferences: Color Theme');
  const row = rowTitled(page.locator(`${quickInput} .quick-input-list .monaco-list-row`), label);
  await page.locator(`${quickInput} .quick-input-box input`).fill(label);
  await said(`There is no theme "${label}".`, () => row.click());
  await said(`The window did not take the theme "${theme}".`, () =>
    page.locator(`.monaco-workbench.${className}`).waitFor(),
  );
}

const quickInput = '.quick-input-widget:not([style*="display: none"])';

async function openPalette(page: Page, text: string): Promise<Locator> {
  const input = page.locator(`${quickInput} .quick-input-box input`);
  // A key pressed while a webview loads can get lost between the frames: it is pressed again until the box is there.
  for (let attempt = 1; !(await input.isVisible()); attempt++) {
    await page.keyboard.press('F1');
    try {
      await input.waitFor({ timeout: 3000 });
    } catch (error) {
      if (attempt === 5 || !(error instanceof errors.TimeoutError)) throw error;
    }
  }
  await input.fill(`>${text}`);
  return page.locator(`${quickInput} .quick-input-list .monaco-list-row`);
}

/** Rows whose label, without the keybinding and the category of "similar commands" beside it, is exactly the title. */
function rowTitled(rows: Locator, title: string): Locator {
  return rows.filter({ has: rows.page().locator('.label-name').getByText(title, { exact: true }) }).first();
}

async function runCommand(page: Page, title: string): Promise<void> {
  await said(`The palette does not offer "${title}".`, () => clickOffered(page, title));
}

/** The palette offers what can be done at the moment it opens; what a step before leads to may come a moment later. */
async function clickOffered(page: Page, title: string): Promise<void> {
  for (const end = performance.now() + stepTimeout; ;) {
    const row = rowTitled(await openPalette(page, title), title);
    try {
      return await row.click({ timeout: stepTimeout / 4 });
    } catch (error) {
      if (!(error instanceof errors.TimeoutError) || performance.now() > end) throw error;
    }
    await closePalette(page);
  }
}

async function closePalette(page: Page): Promise<void> {
  await page.keyboard.press('Escape');
  await page.locator(quickInput).waitFor({ state: 'hidden' });
}

async function offersCommand(page: Page, title: string): Promise<boolean> {
  const rows = await openPalette(page, title);
  // The palette filters as one types and says so in a row of its own when nothing is left; rows about other commands
  // ("similar commands") may remain, so what counts is the row itself, once the list has been the same for a while.
  await page.waitForFunction((selector) => {
    const state = globalThis as unknown as { listText?: string; listSince?: number };
    const text = [...document.querySelectorAll(selector)].map((row) => row.getAttribute('aria-label')).join('\n');
    if (text !== state.listText) [state.listText, state.listSince] = [text, performance.now()];
    return text !== '' && performance.now() - (state.listSince ?? 0) > 600;
  }, `${quickInput} .quick-input-list .monaco-list-row`);
  const offered = (await rowTitled(rows, title).count()) > 0;
  await closePalette(page);
  return offered;
}

async function answer(page: Page, text: string): Promise<void> {
  const input = page.locator(`${quickInput} .quick-input-box input`);
  await said('No input box is open.', () => input.fill(text));
  await input.press('Enter');
}

function explorerFile(page: Page, name: string): Locator {
  return page
    .locator('.explorer-folders-view .monaco-list-row')
    .filter({ has: page.locator('.label-name').getByText(name, { exact: true }) });
}

async function explorerMenu(page: Page, names: readonly string[], item: string, ofSubmenu?: string): Promise<void> {
  const named = (text: string): Locator => menuEntries(page).filter({ has: page.getByText(text, { exact: true }) });
  let entry = named(item);
  // A menu shows what was contributed when it opened, and in a new window the extensions' share comes a little later
  // than the Explorer: so it is opened again until the item is there.
  for (const end = performance.now() + stepTimeout; ;) {
    await openExplorerMenu(page, names);
    if ((await entry.count()) > 0) break;
    const offered = await menuEntries(page).allInnerTexts();
    await page.keyboard.press('Escape');
    await menuEntries(page).first().waitFor({ state: 'hidden' });
    if (performance.now() > end) throw new Error(`The menu has no "${item}", but ${offered.join(', ')}.`);
  }
  await entry.hover();
  if (ofSubmenu !== undefined) {
    entry = named(ofSubmenu);
    await said(`The submenu "${item}" has no "${ofSubmenu}".`, () => entry.hover());
  }
  await entry.click();
  // VS Code takes no click within a moment of the menu's opening; a person clicks again.
  await entry
    .waitFor({ state: 'hidden', timeout: 3000 })
    .catch(() => entry.click({ timeout: 1000 }).catch(() => undefined));
  await said(`The menu stayed open after "${item}".`, () => entry.waitFor({ state: 'hidden' }));
}

async function explorerMenuItems(page: Page, names: readonly string[]): Promise<string[]> {
  await openExplorerMenu(page, names);
  const items = await menuEntries(page).locator('.action-label').allInnerTexts();
  await page.keyboard.press('Escape');
  await menuEntries(page).first().waitFor({ state: 'hidden' });
  return items;
}

async function openExplorerMenu(page: Page, names: readonly string[]): Promise<void> {
  const last = names.at(-1);
  if (last === undefined) throw new Error('The Explorer menu needs at least one file name.');
  // One file is right-clicked at once: a plain click would open it in an editor.
  for (const [index, name] of names.length > 1 ? names.entries() : []) {
    await said(`The Explorer does not show "${name}".`, () =>
      explorerFile(page, name).click({ modifiers: index === 0 ? [] : ['ControlOrMeta'] }),
    );
  }
  await said(`The Explorer does not show "${last}".`, () => explorerFile(page, last).click({ button: 'right' }));
  await said('The Explorer menu did not open.', () => menuEntries(page).first().waitFor());
}

function menuEntries(page: Page): Locator {
  return page.locator('.monaco-menu .action-menu-item');
}

function webview(page: Page, where: 'editor' | 'sidebar'): FrameLocator {
  // VS Code gives webviews of views the purpose `webviewView` and those of editor tabs none.
  const view = 'iframe.webview[src*="purpose=webviewView"]';
  const editor = 'iframe.webview:not([src*="purpose="])';
  return page.frameLocator(where === 'sidebar' ? view : editor).frameLocator('iframe#active-frame');
}

function notification(page: Page, text: string | RegExp): Locator {
  return page.locator('.notifications-toasts .notification-list-item').filter({ hasText: text });
}

async function pressInNotification(page: Page, text: string | RegExp, button: string): Promise<void> {
  const toast = notification(page, text).first();
  await said(`No notification says ${String(text)}.`, () => toast.waitFor());
  await said(`The notification has no button "${button}".`, () =>
    toast.locator('.notification-list-item-buttons-container').getByText(button, { exact: true }).click(),
  );
}

/** Runs a step and puts a plain sentence before Playwright's call log when it times out. */
async function said(sentence: string, step: () => Promise<unknown>): Promise<void> {
  try {
    await step();
  } catch (error) {
    if (!(error instanceof errors.TimeoutError)) throw error;
    throw new Error(`${sentence}\n${error.message}`, { cause: error });
  }
}
