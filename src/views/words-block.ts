/** The words for the page, as data that it reads before anything else (webview/language.ts). */
export function wordsBlock(words: Readonly<Record<string, string>>): string {
  // Whatever a sentence says, it does not end the block.
  return `<script type="application/json" id="words">${JSON.stringify(words).replaceAll('<', '\\u003c')}</script>`;
}
