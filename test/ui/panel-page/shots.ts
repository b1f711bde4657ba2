// `npm run shots`: pictures of the panel in every state, theme and width, and one contact sheet a theme, to be looked at.
//
//   npm run shots                          everything
//   npm run shots -- hc-dark edited long   one theme (or `all`), and of it only these states
//   npm run shots -- zh-cn hc-dark edited  the same in another language
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { openChromium } from '../../run/chromium.js';
import { testOutput } from '../../run/paths.js';
import { LANGUAGES } from './languages.js';
import { prepareMedia } from './page-media.js';
import { changeTheme, startPageServer, THEMES, type PageServer, type ThemeName } from './page-server.js';
import { poses } from './poses.js';
import { scenes } from './scenes.js';

const SIZES = [
  { name: '300', width: 300, height: 800, place: 'sidebar' },
  { name: '700', width: 700, height: 900, place: 'editor' },
  { name: '1200', width: 1200, height: 800, place: 'editor' },
] as const;
/** Of the pictures on the sheet. */
const SCALE = 0.6;

const folder = join(testOutput, 'shots');
const named = process.argv.slice(2);
const language = LANGUAGES.find((name) => named.includes(name)) ?? 'en';
const [theme = 'all', ...chosen] = named.filter((name) => name !== language);
const themes = THEMES.filter((name) => theme === 'all' || name === theme);
const states = [...Object.keys(scenes).filter((name) => !name.includes('@')), ...Object.keys(poses)];
const wanted = chosen.length > 0 ? states.filter((name) => chosen.includes(name)) : states;
if (themes.length === 0 || wanted.length === 0) {
  process.stderr.write(
    `Languages: ${LANGUAGES.join(' ')}\nThemes: all ${THEMES.join(' ')}\nStates: ${states.join(' ')}\n`,
  );
  process.exit(2);
}

const problems = new Set<string>();
const server = await startPageServer(await prepareMedia());
const browser = await openChromium();
try {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const size of SIZES) await takeAll(browser, server, size);
  for (const name of themes) process.stdout.write(`${await contactSheet(browser, name)}\n`);
} finally {
  await browser.close();
  await server.close();
}
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.exitCode = problems.size > 0 ? 1 : 0;

function pictureName(state: string, size: string, theme: ThemeName): string {
  return `${theme}-${state}-${size}.png`;
}

async function takeAll(browser: Browser, server: PageServer, size: (typeof SIZES)[number]): Promise<void> {
  const page = await browser.newPage({ viewport: size });
  // What one state has made the panel remember is not the next one's.
  await page.addInitScript('sessionStorage.clear()');
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      problems.add(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.add(`uncaught: ${error.message}`));
  for (const state of wanted.filter((name) => isShownAt(name, size))) {
    const pose = poses[state];
    const scene = pose?.scene ?? state;
    await page.mouse.up();
    await page.goto(
      `${server.url}?language=${language}&scene=${size.place === 'sidebar' ? `${scene}@sidebar` : scene}`,
    );
    await page.locator('trimmer-composer textarea').waitFor();
    await pictureThere(page);
    await (pose ? pose.strike(page) : focusFirstField(page));
    for (const name of themes) {
      await changeTheme(page, name);
      await page.screenshot({ path: join(folder, pictureName(state, size.name, name)), animations: 'disabled' });
    }
  }
  await page.close();
}

function isShownAt(state: string, { place }: (typeof SIZES)[number]): boolean {
  return (poses[state]?.place ?? place) === place;
}

async function pictureThere(page: Page): Promise<void> {
  if ((await page.getByTestId('picture').count()) === 0) return;
  await page.waitForFunction(() => {
    const panel = document.querySelector('trimmer-panel')?.shadowRoot;
    const video = panel?.querySelector('trimmer-player')?.shadowRoot?.querySelector('video');
    return video !== null && video !== undefined && video.readyState >= 2 && !video.seeking;
  });
}

/** The first field, if there is one, shows how focus looks. */
async function focusFirstField(page: Page): Promise<void> {
  const field = page.locator('trimmer-time-field input');
  if ((await field.count()) > 0) await field.first().focus();
}

async function contactSheet(browser: Browser, theme: ThemeName): Promise<string> {
  const rows = wanted.map((state) => {
    const cells = SIZES.filter((size) => isShownAt(state, size)).map(({ name, width }) => {
      const picture = pictureName(state, name, theme);
      return `<figure><img src="${picture}" width="${width * SCALE}"><figcaption>${state} · ${name}</figcaption></figure>`;
    });
    return `<div>${cells.join('')}</div>`;
  });
  const style = `body { margin: 16px; background: #777; font: 12px sans-serif; color: #fff; width: max-content }
    div { display: flex; gap: 16px; margin-bottom: 16px; align-items: start } figure { margin: 0 } img { display: block }`;
  const html = join(folder, `${theme}.html`);
  await writeFile(html, `<!doctype html><meta charset="utf-8"><style>${style}</style>${rows.join('')}`);
  const width = 32 + 16 * (SIZES.length - 1) + SCALE * SIZES.reduce((sum, size) => sum + size.width, 0);
  const page = await browser.newPage({ viewport: { width: Math.ceil(width), height: 900 } });
  await page.goto(pathToFileURL(html).href);
  const path = join(folder, `${theme}.png`);
  await page.screenshot({ path, fullPage: true });
  await page.close();
  return path;
}
