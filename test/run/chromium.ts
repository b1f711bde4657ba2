// The window of the VS Code server: the machine's own Chromium, headless, driven by playwright-core.
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { onStop } from './processes.js';

const usualPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** Path of a Chromium or Chrome: `VIDEO_TRIMMER_CHROMIUM`, else the first usual place that exists. */
export function findChromium(): string | undefined {
  const given = process.env['VIDEO_TRIMMER_CHROMIUM'];
  return given || usualPlaces.find((path) => existsSync(path));
}

/**
 * Opens a headless browser. `close()` ends it; so does a signal to this process.
 * @throws Error that says what to install when there is none.
 */
export async function openChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) {
    throw new Error('Chromium is missing. Install the package "chromium", or set VIDEO_TRIMMER_CHROMIUM to its path.');
  }
  const browser = await chromium.launch({
    executablePath,
    // Signals are ours: the browser must outlive the server's last words.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--autoplay-policy=no-user-gesture-required',
      // The list under the address bar is two pages of its own, which each new window loads; nobody sees them here, and
      // they cost more than ours. Chromium joins this with the features that Playwright switches off.
      '--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup',
    ],
  });
  const forget = onStop(() => browser.close());
  browser.on('disconnected', forget);
  return browser;
}
