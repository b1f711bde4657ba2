// Prints the sizes of what is shipped and fails above the budget. Wants a production build in dist.
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { packExtension } from './package.js';
import { repository } from './paths.js';

/** In bytes; 1 kB = 1000 bytes. No limit: printed only. */
const budgets: readonly { readonly what: string; readonly file: string; readonly limit?: number }[] = [
  { what: 'extension host', file: 'dist/extension.cjs', limit: 600_000 },
  { what: 'panel', file: 'dist/panel.js', limit: 350_000 },
  { what: 'media worker', file: 'dist/media-worker.mjs' },
];

let over = false;
function check(what: string, size: number, limit: number | undefined): void {
  const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(0)} kB`.padStart(9);
  const tooBig = limit !== undefined && size > limit;
  over ||= tooBig;
  const verdict = limit === undefined ? '' : ` of ${kilobytes(limit)}${tooBig ? '   ABOVE THE BUDGET' : ''}`;
  process.stdout.write(`${what.padEnd(16)}${kilobytes(size)}${verdict}\n`);
}

for (const { what, file, limit } of budgets) {
  const path = join(repository, file);
  if (existsSync(path)) check(what, (await stat(path)).size, limit);
  else {
    process.stdout.write(`${what.padEnd(16)} ${file} is missing\n`);
    over = true;
  }
}
if (existsSync(join(repository, 'dist/extension.cjs'))) {
  check('base VSIX', (await stat(await packExtension())).size, 3_000_000);
}
process.exitCode = over ? 1 : 0;
