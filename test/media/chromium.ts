// Plays clips in Chromium, which does not forgive what ffmpeg forgives, and reads frame numbers from what it paints.

import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { findChromium, openChromium } from '../run/chromium.js';

const TYPES: Readonly<Record<string, string>> = {
  '.mp4': 'video/mp4',
  '.mkv': 'video/x-matroska',
  '.webm': 'video/webm',
};

/** A browser that plays one numbered clip after the other. */
export interface Player {
  /** Loads a clip until its first picture is there. */
  load(file: string): Promise<void>;
  /** Goes to the middle of a frame. @returns the number that is painted, waiting for this one, or the player's error */
  seek(place: number, rate: number, wanted: number | undefined): Promise<Seen>;
  /** Plays from the beginning to the end. */
  play(): Promise<Played>;
  close(): Promise<void>;
}

export interface Seen {
  readonly number: number | null;
  readonly error: string | null;
}

export interface Played {
  readonly ended: boolean;
  readonly error: string | null;
}

/** @returns undefined, with a line that says so, where there is no Chromium */
export async function openBrowser(): Promise<Browser | undefined> {
  if (findChromium() !== undefined) return await openChromium();
  process.stderr.write('      (skipped: no Chromium; set VIDEO_TRIMMER_CHROMIUM to its program)\n');
  return undefined;
}

/** @returns undefined, with a line that says so, where there is no Chromium */
export async function openPlayer(): Promise<Player | undefined> {
  const browser = await openBrowser();
  if (!browser) return undefined;
  let playing = '';
  const server = serve(() => playing);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const page: Page = await browser.newPage();
  return {
    load: async (file) => {
      playing = file;
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      await page.waitForFunction('document.querySelector("video").readyState >= 2');
    },
    seek: async (place, rate, wanted) => await page.evaluate<Seen>(`(${SEEK})(${(place + 0.5) / rate}, ${wanted})`),
    play: async () => {
      await page.evaluate(REWIND);
      return await page.evaluate<Played>(PLAY);
    },
    close: async () => {
      await browser.close();
      server.close();
    },
  };
}

/** Seeks back and forth around each join of a clip, and over all of them, and plays it through. */
export async function assertPlays(player: Player, file: string, expected: readonly number[], rate = 30): Promise<void> {
  await player.load(file);
  const joins = [...expected.keys()].filter((n) => n > 0 && (expected[n] ?? 0) !== (expected[n - 1] ?? 0) + 1);
  const places = joins
    .flatMap((join) => [join - 12, join + 12, join - 1, join, join + 1, join - 2, join + 3, join - 25])
    .filter((n) => n >= 0 && n < expected.length);
  assert.ok(places.length >= joins.length * 7);
  const last = expected.length - 1;
  for (const place of [...places, ...places.toReversed(), 0, last, joins[0] ?? 0, 0]) {
    const seen = await player.seek(place, rate, expected[place]);
    assert.deepEqual(seen, { number: expected[place], error: null }, `frame ${place} of ${path.basename(file)}`);
  }
  assert.deepEqual(await player.play(), { ended: true, error: null });
}

/**
 * In the page: takes its video to a time in seconds and reads the number that is painted then. It can be painted after
 * 'seeked', and of a picture that is there already nothing is told: so this number is waited for, a few seconds.
 */
export const SEEK = `async (time, wanted) => {
  const video = document.querySelector('video');
  const done = new Promise((resolve) => { video.onseeked = resolve; video.onerror = resolve; });
  video.currentTime = time;
  await done;
  const canvas = document.createElement('canvas');
  canvas.width = 320;
  canvas.height = 180;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  for (const end = performance.now() + 5000; ;) {
    if (video.error) return { number: null, error: video.error.message };
    context.drawImage(video, 0, 0, 320, 180);
    const row = context.getImageData(0, 16, 320, 1).data;
    let number = 0;
    for (let bit = 0; bit < 16; bit++) if (row[(bit * 20 + 10) * 4] > 125) number |= 1 << bit;
    if (number === wanted || performance.now() > end) return { number, error: null };
    await new Promise(requestAnimationFrame);
  }
}`;

const REWIND = `new Promise((resolve) => {
  const video = document.querySelector('video');
  video.onseeked = resolve;
  video.onerror = resolve;
  video.currentTime = 0;
})`;

const PLAY = `new Promise((resolve) => {
  const video = document.querySelector('video');
  video.onended = () => resolve({ ended: true, error: null });
  video.onerror = () => resolve({ ended: false, error: video.error.message });
  video.play().catch((error) => resolve({ ended: false, error: String(error) }));
})`;

function serve(file: () => string): Server {
  return createServer((request, response) => {
    if (request.url === '/') {
      response.setHeader('content-type', 'text/html');
      response.end(`<video src="/${path.basename(file())}" muted preload="auto"></video>`);
      return;
    }
    void stat(file()).then(({ size }) => {
      const [, from = '0', to = ''] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '') ?? [];
      const start = Number(from);
      const end = to === '' ? size - 1 : Math.min(size - 1, Number(to));
      response.writeHead(request.headers.range ? 206 : 200, {
        'content-type': TYPES[path.extname(file())] ?? 'application/octet-stream',
        'accept-ranges': 'bytes',
        'content-length': end - start + 1,
        'content-range': `bytes ${start}-${end}/${size}`,
      });
      createReadStream(file(), { start, end }).pipe(response);
    });
  });
}
