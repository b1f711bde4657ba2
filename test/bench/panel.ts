import { execFile } from 'node:child_process';
import { copyFile, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { openChromium } from '../run/chromium.js';
import { freshFolder, repository } from '../run/paths.js';
import { packedExtension } from '../ui/packed-extension.js';
import { startPageServer } from '../ui/panel-page/page-server.js';
import { CLOUD_AWAY, startWorkbench, type Workbench } from '../ui/workbench.js';
import { median, print, quantile } from './figures.js';

const OPENINGS = 5;
const FRAMES = 180;
const SLOWDOWNS = [1, 4];
/** The scene with four hours and 500 sections. */
const LONG = 'long';

/** The panel: its size, the time to its first picture, and frames of the longest timeline. Prints figures; judges nothing. */
export async function run(): Promise<void> {
  await promisify(execFile)(process.execPath, ['esbuild.mjs', '--production'], { cwd: repository });
  await size();
  await frames();
  await firstPicture();
}

async function size(): Promise<void> {
  const path = join(repository, 'dist/panel.js');
  const { size: bytes } = await stat(path);
  const packed = gzipSync(await readFile(path)).length;
  print(
    `panel bundle: ${(bytes / 1000).toFixed(1)} kB minified (goal ≤ 350), ${(packed / 1000).toFixed(1)} kB gzipped`,
  );
}

/** Pan and zoom of the timeline in a browser without VS Code around it, by the browser's own frame clock. */
async function frames(): Promise<void> {
  const server = await startPageServer({ clip: join(repository, 'media/sample.mp4'), media: [] });
  const browser = await openChromium();
  try {
    print(`timeline of 4 h and 500 sections, ${FRAMES} frames each (goal: under 16.7 ms a frame)`);
    for (const slowdown of SLOWDOWNS) {
      for (const move of ['zoom', 'pan'] as const) {
        const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
        await page.goto(`${server.url}?scene=${LONG}`);
        await page.getByRole('textbox', { name: 'Message' }).waitFor();
        const session = await page.context().newCDPSession(page);
        await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
        const { work, intervals } = await moveTimeline(page, move, FRAMES);
        const figures = (values: readonly number[]): string =>
          `median ${median(values).toFixed(1)}, 99 % within ${quantile(values, 0.99).toFixed(1)} ms`;
        print(
          `  ${move.padEnd(4)} at 1/${slowdown} speed: work ${figures(work)}; frame to frame ${figures(intervals)}`,
        );
        await page.close();
      }
    }
  } finally {
    await browser.close();
    await server.close();
  }
}

/** Turns the wheel once a frame. `work`: handler, render, style and layout; `intervals`: from frame to frame. */
function moveTimeline(
  page: Page,
  move: 'zoom' | 'pan',
  count: number,
): Promise<{ work: number[]; intervals: number[] }> {
  return page.locator('trimmer-timeline .area').evaluate(
    async (area, { move, count }) => {
      const box = area.getBoundingClientRect();
      const at = { clientX: box.x + box.width / 2, clientY: box.y + 40, cancelable: true };
      // Methods, because tsx gives other functions a helper for their names, which the page does not have.
      const wheel = {
        zoom(deltaY: number): void {
          area.dispatchEvent(new WheelEvent('wheel', { ...at, ctrlKey: true, deltaY }));
        },
        pan(deltaX: number): void {
          area.dispatchEvent(new WheelEvent('wheel', { ...at, deltaX }));
        },
      };
      // There is nothing to pan before it is zoomed: so far that a few dozen sections are in view.
      if (move === 'pan') for (let step = 0; step < 6; step += 1) wheel.zoom(-100);
      const work: number[] = [];
      const intervals: number[] = [];
      let last = await new Promise<number>((frame) => requestAnimationFrame(frame));
      for (let step = 0; step < count; step += 1) {
        const before = performance.now();
        if (move === 'zoom') wheel.zoom(step % 24 < 12 ? -100 : 100);
        else wheel.pan(step % 60 < 30 ? 40 : -40);
        // Lit renders in microtasks; the reading forces style and layout.
        await Promise.resolve();
        await new Promise<void>((rendered) => queueMicrotask(rendered));
        area.getBoundingClientRect();
        work.push(performance.now() - before);
        const now = await new Promise<number>((frame) => requestAnimationFrame(frame));
        intervals.push(now - last);
        last = now;
      }
      return { work, intervals };
    },
    { move, count },
  );
}

/** In a real VS Code window with the packed extension; beside it what VS Code itself takes to show an image. */
async function firstPicture(): Promise<void> {
  const folder = await freshFolder('bench-panel');
  await copyFile(join(repository, 'media/sample.mp4'), join(folder, 'interview.mp4'));
  await copyFile(join(repository, 'media/readme/panel-marked.webp'), join(folder, 'picture.webp'));
  const workbench = await startWorkbench({
    vsix: await packedExtension(),
    folder,
    env: CLOUD_AWAY,
  });
  try {
    // Menus of extensions come a little later than the Explorer.
    while (!(await workbench.explorerMenuItems(['interview.mp4'])).includes('Trim Middle Section'));
    const ours: number[] = [];
    const image: number[] = [];
    for (let opening = 0; opening <= OPENINGS; opening += 1) {
      image.push(await openImage(workbench));
      await workbench.runCommand('View: Close All Editors');
      ours.push(await openClip(workbench));
      await workbench.runCommand('View: Close All Editors');
    }
    const [first, ...later] = ours;
    const [firstImage, ...laterImages] = image;
    const line = (name: string, cold: number | undefined, warm: readonly number[]): void =>
      print(`  ${name.padEnd(28)}${cold?.toFixed(0)} ms the first time, then ${median(warm).toFixed(0)} ms`);
    print(`from the right-click to the first picture, VS Code 1.139, median of ${OPENINGS}`);
    line('Trim Middle Section', first, later);
    line('VS Code opens an image', firstImage, laterImages);
    const ratio = median(later.map((time, index) => time / (laterImages[index] ?? NaN)));
    print(
      `  ratio ${ratio.toFixed(2)}; the first holds the start of the extension, and ours the menu between two clicks`,
    );
  } finally {
    await workbench.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Milliseconds since 1970, of the window and of the webviews alike. */
const now = (page: Page): Promise<number> => page.evaluate(() => performance.timeOrigin + performance.now());

async function openClip(workbench: Workbench): Promise<number> {
  const start = await now(workbench.page);
  await workbench.explorerMenu(['interview.mp4'], 'Trim Middle Section');
  const video = workbench.webview('editor').getByTestId('picture').first();
  const shown = await video.evaluate(async (element) => {
    const video = element as HTMLVideoElement;
    if (video.readyState < 2) await new Promise((loaded) => video.addEventListener('loadeddata', loaded));
    return performance.timeOrigin + performance.now();
  });
  return shown - start;
}

async function openImage(workbench: Workbench): Promise<number> {
  const start = await now(workbench.page);
  await workbench.explorerFile('picture.webp').dblclick();
  const image = workbench.webview('editor').locator('img').first();
  const shown = await image.evaluate(async (element) => {
    await (element as HTMLImageElement).decode();
    return performance.timeOrigin + performance.now();
  });
  return shown - start;
}
