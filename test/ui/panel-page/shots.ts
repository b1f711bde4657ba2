// Screenshots of the panel in every state, theme and width, and one contact sheet a theme.
//
//   node esbuild.mjs panel && node --import=tsx test/ui/panel-page/shots.ts [theme] [scene…]
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openChromium } from '../../run/chromium.js';
import { testOutput } from '../../run/paths.js';
import { prepareMedia } from './page-media.js';
import { startPageServer, THEMES } from './page-server.js';
import { scenes } from './scenes.js';

const SIZES = [
  { name: '300', width: 300, height: 760, place: 'sidebar' },
  { name: '420', width: 420, height: 760, place: 'sidebar' },
  { name: '600', width: 600, height: 900, place: 'editor' },
  { name: '900', width: 900, height: 700, place: 'editor' },
  { name: '1400', width: 1400, height: 860, place: 'editor' },
] as const;

const [onlyTheme, ...onlyScenes] = process.argv.slice(2);
const folder = join(testOutput, 'panel-shots');
await mkdir(folder, { recursive: true });
const server = await startPageServer(await prepareMedia());
const browser = await openChromium();
const problems: string[] = [];
for (const theme of THEMES.filter((name) => onlyTheme === undefined || onlyTheme === 'all' || name === onlyTheme)) {
  const pictures: string[] = [];
  for (const size of SIZES) {
    const page = await browser.newPage({ viewport: size });
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') problems.push(`${theme}: ${message.text()}`);
    });
    page.on('pageerror', (error) => problems.push(`${theme}: ${error.message}`));
    for (const name of Object.keys(scenes).filter((scene) => !scene.includes('@'))) {
      if (onlyScenes.length > 0 && !onlyScenes.includes(name)) continue;
      if (size.place === 'editor' && name === 'empty-sidebar') continue;
      const scene = size.place === 'sidebar' ? `${name}@sidebar` : name;
      await page.goto(`${server.url}?theme=${theme}&scene=${scene}`);
      await page.getByRole('textbox', { name: 'Message' }).waitFor();
      const picture = page.getByTestId('picture');
      if ((await picture.count()) > 0) await page.waitForFunction(pictureIsReady);
      if (name === 'fresh') await page.getByRole('textbox', { name: 'In point' }).focus();
      const file = `${theme}-${name}-${size.name}.png`;
      await page.screenshot({ path: join(folder, file), animations: 'disabled' });
      pictures.push(file);
    }
    await page.close();
  }
  const sheet = pictures.map((file) => `<figure><img src="${file}"><figcaption>${file}</figcaption></figure>`);
  const style =
    'body{display:flex;flex-wrap:wrap;gap:16px;font:12px sans-serif}figure{margin:0}img{max-width:700px;zoom:.7}';
  await writeFile(join(folder, `${theme}.html`), `<style>${style}</style>${sheet.join('')}`);
  const page = await browser.newPage({ viewport: { width: 2000, height: 1000 } });
  await page.goto(pathToFileURL(join(folder, `${theme}.html`)).href);
  await page.screenshot({ path: join(folder, `${theme}.png`), fullPage: true });
  await page.close();
}
await browser.close();
await server.close();
process.stdout.write(`${folder}\n${[...new Set(problems)].join('\n')}\n`);

function pictureIsReady(): boolean {
  const panel = document.querySelector('trimmer-panel')?.shadowRoot;
  const video = panel?.querySelector('trimmer-player')?.shadowRoot?.querySelector('video');
  return video !== null && video !== undefined && video.readyState >= 2 && !video.seeking;
}
