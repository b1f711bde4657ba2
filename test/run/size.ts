// Prints the sizes of what is shipped and fails above the budget. Wants a production build in dist.
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { packExtension } from './package.js';
import { repository } from './paths.js';

/** What esbuild tells of the host's files (dist/extension.meta.json). */
interface Outputs {
  readonly outputs: Readonly<
    Record<string, { readonly bytes: number; readonly imports: readonly { path: string; kind: string }[] }>
  >;
}

/** The bytes of the files that these load, each once, without what they load by `import()`. */
function loadedBy(entries: readonly string[], { outputs }: Outputs): number {
  const seen = new Set<string>();
  const load = (path: string): void => {
    const output = outputs[path];
    if (!output || seen.has(path)) return;
    seen.add(path);
    for (const { path: next, kind } of output.imports) if (kind === 'import-statement') load(next);
  };
  entries.forEach(load);
  return [...seen].reduce((sum, path) => sum + (outputs[path]?.bytes ?? 0), 0);
}

let over = false;
function check(what: string, size: number, limit?: number): void {
  const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(0)} kB`.padStart(9);
  const tooBig = limit !== undefined && size > limit;
  over ||= tooBig;
  const verdict = limit === undefined ? '' : ` of ${kilobytes(limit)}${tooBig ? '   ABOVE THE BUDGET' : ''}`;
  process.stdout.write(`${what.padEnd(18)}${kilobytes(size)}${verdict}\n`);
}

const built = (name: string): string => join(repository, 'dist', name);
if (existsSync(built('extension.meta.json'))) {
  const host = JSON.parse(await readFile(built('extension.meta.json'), 'utf8')) as Outputs;
  const entry = 'dist/extension.mjs';
  const onDemand = Object.keys(host.outputs).filter(
    (path) => path.startsWith('dist/host/') && !path.includes('chunk-'),
  );
  check('host, activation', loadedBy([entry], host), 270_000);
  check('host, main job', loadedBy([entry, ...onDemand.filter((path) => path.includes('/main-job-'))], host), 600_000);
  check('host, all of it', loadedBy([entry, ...onDemand], host));
  check('panel', (await stat(built('panel.js'))).size, 350_000);
  check('media worker', (await stat(built('media-worker.mjs'))).size);
  check('base VSIX', (await stat(await packExtension())).size, 3_000_000);
} else {
  process.stdout.write('There is no build. Run: node esbuild.mjs --production\n');
  over = true;
}
process.exitCode = over ? 1 : 0;
