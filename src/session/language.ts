/**
 * The language that a session is asked for: what the engine answers in.
 *
 * @param editor of VS Code, such as `zh-cn`, `pt-br` or `qps-ploc`
 * @returns as ISO 639-1, such as `zh`: the protocol names languages without a region
 */
export function sessionLanguage(editor: string): string {
  const language = editor.toLowerCase().split(/[-_]/u)[0] ?? '';
  // The language that translators test with is none.
  return /^[a-z]{2}$/u.test(language) ? language : 'en';
}
