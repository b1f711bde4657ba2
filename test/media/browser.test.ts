import assert from 'node:assert/strict';
import { createReadStream, existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium, type Browser, type Page } from 'playwright-core';

import { makeClip } from './clips.js';
import { openBench, remaining, type Bench } from './workbench.js';

const CHROMIUM = process.env.VIDEO_TRIMMER_CHROMIUM ?? '/usr/bin/chromium';
const ARGUMENTS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

// ffmpeg forgives what a browser does not: parameter sets that change under an id show up there as decode errors, and
// only after seeking back over a join. So every frame number is read from the picture that Chromium paints.
describe('A smart cut in Chromium', function () {
  this.timeout(60_000);
  const FRAMES = 240;
  const SECTIONS = [
    [0.5, 1.21],
    [2.37, 4.05],
    [5.3, 5.77],
  ] as const;
  const EXPECTED = remaining(FRAMES, 30, ...SECTIONS);
  const joins = [...EXPECTED.keys()].filter((n) => n > 0 && (EXPECTED[n] ?? 0) !== (EXPECTED[n - 1] ?? 0) + 1);
  let bench: Bench;
  let browser: Browser;
  let server: Server;
  let page: Page;

  before(async function () {
    if (!existsSync(CHROMIUM)) {
      process.stderr.write('      (skipped: no Chromium; set VIDEO_TRIMMER_CHROMIUM to its program)\n');
      return this.skip();
    }
    bench = await openBench();
    const source = bench.file('source.mp4');
    await makeClip(source, { frames: FRAMES });
    const report = await bench.remove(source, bench.file('cut.mp4'), ...SECTIONS);
    assert.equal(report.method, 'smart');
    server = serve(bench.file('cut.mp4'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS.split(' ') });
    page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.waitForFunction('document.querySelector("video").readyState >= 2');
  });
  after(async () => {
    await browser?.close();
    server?.close();
    await bench?.close();
  });

  it('shows the right frame after seeking over each join, forward and back', async () => {
    assert.equal(joins.length, 3);
    const places = joins
      .flatMap((join) => [join - 12, join + 12, join - 1, join, join + 1, join - 2, join + 3, join - 25])
      .filter((n) => n >= 0);
    assert.ok(places.length > 20);
    const there = [...places, ...[...places].reverse(), 0, EXPECTED.length - 1, joins[0] ?? 0, 0];
    for (const place of there) {
      assert.deepEqual(await seek(page, place), { number: EXPECTED[place], error: null }, `frame ${place}`);
    }
  });

  it('plays through the joins to the end', async () => {
    await seek(page, 0);
    const played = await page.evaluate(PLAY);
    assert.deepEqual(played, { ended: true, error: null });
  });
});

async function seek(page: Page, place: number): Promise<unknown> {
  return page.evaluate(`(${SEEK})(${(place + 0.5) / 30})`);
}

const SEEK = `async (time) => {
  const video = document.querySelector('video');
  const done = new Promise((resolve) => { video.onseeked = resolve; video.onerror = resolve; });
  // 'seeked' can come before the picture is painted; of a picture that is there already, nothing more is told.
  const painted = new Promise((resolve) => {
    video.requestVideoFrameCallback(resolve);
    setTimeout(resolve, 1000);
  });
  video.currentTime = time;
  await done;
  if (!video.error) await painted;
  if (video.error) return { number: null, error: video.error.message };
  const canvas = document.createElement('canvas');
  canvas.width = 320;
  canvas.height = 180;
  const context = canvas.getContext('2d');
  context.drawImage(video, 0, 0, 320, 180);
  const row = context.getImageData(0, 16, 320, 1).data;
  let number = 0;
  for (let bit = 0; bit < 16; bit++) if (row[(bit * 20 + 10) * 4] > 125) number |= 1 << bit;
  return { number, error: null };
}`;

const PLAY = `new Promise((resolve) => {
  const video = document.querySelector('video');
  video.onended = () => resolve({ ended: true, error: null });
  video.onerror = () => resolve({ ended: false, error: video.error.message });
  video.play().catch((error) => resolve({ ended: false, error: String(error) }));
})`;

function serve(file: string): Server {
  return createServer((request, response) => {
    if (request.url === '/') {
      response.setHeader('content-type', 'text/html');
      response.end('<video src="/cut.mp4" muted preload="auto"></video>');
      return;
    }
    void stat(file).then(({ size }) => {
      const [, from = '0', to = ''] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '') ?? [];
      const start = Number(from);
      const end = to === '' ? size - 1 : Math.min(size - 1, Number(to));
      response.writeHead(request.headers.range ? 206 : 200, {
        'content-type': 'video/mp4',
        'accept-ranges': 'bytes',
        'content-length': end - start + 1,
        'content-range': `bytes ${start}-${end}/${size}`,
      });
      createReadStream(file, { start, end }).pipe(response);
    });
  });
}
