// The panel on a plain page, without VS Code: dist/panel.js under the same content policy, VS Code's theme variables,
// a stand-in for VS Code's end of the line. For screenshots and for tests of the panel alone.
//
//   node esbuild.mjs panel && node --import=tsx test/ui/panel-page/page-server.ts
//
// prints an address to open; `?theme=dark-modern&scene=editing&language=zh-cn` chooses what it shows.
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import type { ToPanel } from '../../../src/messages.js';
import { repository } from '../../run/paths.js';
import { wordsBlock } from '../../../src/views/words-block.js';
import { LANGUAGES, markHostWords, readWords, type Language } from './languages.js';
import { scenes } from './scenes.js';

export const THEMES = ['dark-modern', 'light-modern', 'hc-dark', 'hc-light'] as const;
export type ThemeName = (typeof THEMES)[number];

/** VS Code marks the body of a webview with the kind of its theme, which is the first of these. */
export const BODY_CLASS: Record<ThemeName, string> = {
  'dark-modern': 'vscode-dark',
  'light-modern': 'vscode-light',
  'hc-dark': 'vscode-high-contrast',
  'hc-light': 'vscode-high-contrast-light vscode-high-contrast',
};

const TYPES: Record<string, string> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.ttf': 'font/ttf',
  '.mp4': 'video/mp4',
  '.map': 'application/json',
};

export interface PageServer {
  readonly url: string;
  close(): Promise<void>;
}

export interface PageServerOptions {
  /** The clip that the page plays as /clip.mp4. */
  readonly clip: string;
  /** Peaks, thumbnails and pauses, sent after the state of a scene whose clip is known. */
  readonly media: readonly ToPanel[];
}

/** The variables of every theme, as VS Code has them (capture-themes.ts). */
export async function readThemes(): Promise<Record<ThemeName, Record<string, string>>> {
  const text = await readFile(join(import.meta.dirname, 'themes.json'), 'utf8');
  return JSON.parse(text) as Record<ThemeName, Record<string, string>>;
}

/** Shows a page another theme, as VS Code does: new variables, another class, no reload. */
export async function changeTheme(page: Page, theme: ThemeName): Promise<void> {
  const variables = (await readThemes())[theme];
  await page.evaluate(
    ([wanted, className]) => {
      const { style } = document.documentElement;
      // What only the theme before had must not shine through.
      document.getElementById('theme')?.remove();
      style.cssText = '';
      for (const [name, value] of Object.entries(wanted)) style.setProperty(name, value);
      document.body.className = className;
      // The toolkit hands the new colours to its controls a frame later.
      return new Promise<void>((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())));
    },
    [variables, BODY_CLASS[theme]] as const,
  );
}

export async function startPageServer(options: PageServerOptions): Promise<PageServer> {
  const themes = await readThemes();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://panel.test');
    if (url.pathname === '/') {
      const theme = THEMES.find((name) => name === url.searchParams.get('theme')) ?? 'dark-modern';
      const scene = url.searchParams.get('scene') ?? 'empty-sidebar';
      const language = LANGUAGES.find((name) => name === url.searchParams.get('language')) ?? 'en';
      const messages = messagesOf(scene, options.media);
      const shown = language === 'pseudo' ? markHostWords(messages) : messages;
      response.setHeader('Content-Type', 'text/html; charset=utf-8');
      void readWords(language).then((words) => response.end(page(theme, themes[theme], shown, language, words)));
      return;
    }
    if (url.pathname === '/favicon.ico') {
      response.statusCode = 204;
      response.end();
      return;
    }
    const file = url.pathname === '/clip.mp4' ? options.clip : join(repository, 'dist', url.pathname.slice(1));
    sendFile(file, request, response).catch(() => {
      response.statusCode = 404;
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function messagesOf(scene: string, media: readonly ToPanel[]): ToPanel[] {
  const messages = scenes[scene] ?? [];
  const isProbed = messages.some((message) => message.type === 'state' && message.state.clip?.duration !== undefined);
  return isProbed ? [...messages, ...media] : [...messages];
}

function page(
  theme: ThemeName,
  variables: Record<string, string>,
  messages: readonly ToPanel[],
  language: Language,
  words: Record<string, string> | undefined,
): string {
  const root = Object.entries(variables).map(([name, value]) => `${name}: ${value};`);
  const policy = [
    "default-src 'none'",
    "script-src 'nonce-panel'",
    "style-src 'self' 'nonce-panel'",
    "img-src 'self' data:",
    "media-src 'self' blob:",
    "font-src 'self'",
  ].join('; ');
  // What the panel posts is kept in `posted`; requests are answered at once unless `answers` names a sentence. A test that
  // makes pieces of tracks gives the page a function `makePiece`. `unheard` tells how many messages are under way.
  const host = `
    window.posted = [];
    window.answers = {};
    let underWay = 0;
    window.unheard = () => underWay;
    const deliver = window.postMessage.bind(window);
    window.postMessage = (...message) => { underWay += 1; deliver(...message); };
    window.addEventListener('message', () => { underWay -= 1; });
    window.acquireVsCodeApi = () => ({
      getState: () => JSON.parse(sessionStorage.getItem('state') ?? 'null') ?? undefined,
      setState: (state) => sessionStorage.setItem('state', JSON.stringify(state)),
      postMessage: (message) => {
        window.posted.push(message);
        if (message.type === 'ready') for (const news of ${JSON.stringify(messages).replaceAll('<', '\\u003c')}) window.postMessage(news, '*');
        if (message.type === 'playable' && window.makePiece) {
          window.makePiece(message.track, message.index).then(({ error, data, ...piece }) => {
            const bytes = error ? undefined : Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
            if (bytes) window.postMessage({ type: 'segment', track: message.track, mime: '', data: bytes, ...piece }, '*');
            window.postMessage({ type: 'reply', id: message.id, ...(error ? { error } : {}) }, '*');
          });
          return;
        }
        const error = window.answers[message.type];
        if (message.id !== undefined) window.postMessage({ type: 'reply', id: message.id, ...(error ? { error } : {}) }, '*');
      },
    });`;
  return `<!doctype html>
<html lang="${words ? language : 'en'}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta property="csp-nonce" content="panel">
<title>Panel</title>
<style nonce="panel" id="theme">html { ${root.join('\n')} }</style>
<style nonce="panel">
body { padding: 0 20px; background: var(--vscode-editor-background); color: var(--vscode-foreground); }
</style>
<link rel="stylesheet" href="panel.css">
<script nonce="panel">${host}</script>
</head>
<body class="${BODY_CLASS[theme]}">
<trimmer-panel></trimmer-panel>
${words ? wordsBlock(words) : ''}
<script nonce="panel" src="panel.js"></script>
</body>
</html>`;
}

/** Video elements ask for ranges; without them they cannot seek. */
async function sendFile(file: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { size } = await stat(file);
  response.setHeader('Content-Type', TYPES[extname(file)] ?? 'application/octet-stream');
  response.setHeader('Accept-Ranges', 'bytes');
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const start = Number(range?.[1] ?? 0);
  const end = range?.[2] ? Number(range[2]) : size - 1;
  if (range) {
    response.statusCode = 206;
    response.setHeader('Content-Range', `bytes ${start}-${end}/${size}`);
  }
  response.setHeader('Content-Length', end - start + 1);
  createReadStream(file, { start, end }).pipe(response);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { prepareMedia } = await import('./page-media.js');
  const media = await prepareMedia();
  const server = await startPageServer(media);
  process.stdout.write(`${server.url}?theme=dark-modern&scene=editing\nScenes: ${Object.keys(scenes).join(' ')}\n`);
}
