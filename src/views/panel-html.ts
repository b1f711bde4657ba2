import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { wordsBlock } from './words-block.js';

/** What a panel's page may load: our bundles, and beside them nothing but the clip it shows. */
export function panelOptions(extension: vscode.Uri, clipFolder: vscode.Uri | undefined): vscode.WebviewOptions {
  const bundles = vscode.Uri.joinPath(extension, 'dist');
  return { enableScripts: true, localResourceRoots: clipFolder ? [bundles, clipFolder] : [bundles] };
}

/** The panel's page. Its policy runs only our script, by a new nonce, and loads what {@link panelOptions} allows. */
export function panelHtml(webview: vscode.Webview, extension: vscode.Uri): string {
  const nonce = randomBytes(18).toString('base64');
  const address = (file: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(extension, 'dist', file)).toString();
  const source = webview.cspSource;
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    // The toolkit asks the page whether it knows :focus-visible by means of a style element, which takes this nonce.
    `style-src ${source} 'nonce-${nonce}'`,
    `font-src ${source}`,
    `img-src ${source} data:`,
    // What the host makes playable comes in pieces, which a MediaSource gives to the video elements.
    `media-src ${source} blob:`,
  ].join('; ');
  // Where there is no bundle for VS Code's language, the panel speaks English, and says so to screen readers.
  const words = vscode.l10n.bundle;
  return `<!DOCTYPE html>
<html lang="${words ? vscode.env.language : 'en'}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta property="csp-nonce" content="${nonce}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${address('panel.css')}">
<title>Video Trimmer</title>
</head>
<body>
<trimmer-panel></trimmer-panel>
${words ? wordsBlock(words) : ''}
<script nonce="${nonce}" src="${address('panel.js')}"></script>
</body>
</html>`;
}
