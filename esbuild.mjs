// Bundles the five programs (extension host, command line, media worker, MCP server, panel) and the tests that run in VS Code.
//
//   node esbuild.mjs [--production] [--watch] [extension|cli|worker|mcp|panel|hostTests …]
//   node esbuild.mjs --production --inputs extension …   prints which files go into the bundles, and writes nothing
//   node esbuild.mjs --run cli -- ARGS     builds the command line and its worker, then becomes it
//
// `--run` exists so that `npm run trim` is one process: a Ctrl-C reaches the trim itself, and its exit code is npm's.
import { build, context, transform } from 'esbuild';
import { pathToFileURL } from 'node:url';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';

const separator = process.argv.indexOf('--');
const own = separator < 0 ? process.argv.slice(2) : process.argv.slice(2, separator);
const rest = separator < 0 ? [] : process.argv.slice(separator + 1);
const runIndex = own.indexOf('--run');
const run = runIndex < 0 ? undefined : own.splice(runIndex, 2)[1];
const production = own.includes('--production');
const watch = own.includes('--watch');
const inputs = own.includes('--inputs');
const named = own.filter((argument) => !argument.startsWith('--'));

/** @type {import('esbuild').BuildOptions} */
const shared = {
  bundle: true,
  minify: production,
  sourcemap: production ? false : 'linked',
  legalComments: 'none',
  logLevel: 'warning',
  define: { 'process.env.NODE_ENV': production ? '"production"' : '"development"' },
};
/**
 * undici carries its HTTP parser twice, with and without SIMD, 70 kB each, and tries the one with SIMD first. Every
 * processor that VS Code runs on has SIMD, so both names get that one.
 * @type {import('esbuild').Plugin}
 */
const oneHttpParser = {
  name: 'one-http-parser',
  setup(build) {
    build.onResolve({ filter: /llhttp\/llhttp-wasm\.js$/ }, ({ path, importer, resolveDir, kind }) =>
      build.resolve(path.replace('llhttp-wasm', 'llhttp_simd-wasm'), { importer, resolveDir, kind }),
    );
  },
};

/**
 * Of undici, the ways that our client never goes: HTTP/2, which it does not offer (`allowH2`), and forms as bodies (ours
 * are streams of our own), which bring half of `fetch` with them. Together they are 50 kB.
 * @type {import('esbuild').Plugin}
 */
const withoutUnusedHttp = {
  name: 'without-unused-http',
  setup(build) {
    build.onLoad({ filter: /undici[\\/]lib[\\/](dispatcher[\\/]client-h2|web[\\/]fetch[\\/]body)\.js$/ }, () => ({
      contents: 'module.exports = undefined;',
    }));
  },
};

/**
 * Of busboy, forms without files: uploads to our own engine are `multipart/form-data`, and it refuses anything else.
 * @type {import('esbuild').Plugin}
 */
const withoutPlainForms = {
  name: 'without-plain-forms',
  setup(build) {
    build.onLoad({ filter: /busboy[\\/]lib[\\/]types[\\/]urlencoded\.js$/ }, () => ({
      contents: 'module.exports = {};',
    }));
  },
};

/**
 * What the host loads by `import()` comes in two files, one for the main job and one for what is rarer. esbuild would make
 * one for each, and another for whatever any two of them share: thirty small files, which cost VS Code more time at
 * activation than their bytes do.
 * @type {import('esbuild').Plugin}
 */
const inTwoParts = {
  name: 'in-two-parts',
  setup(build) {
    const mainJob = /[\\/]src[\\/](nemo[\\/](client|tokens)|local[\\/](engine|upkeep))\.ts$/;
    /** @type {Record<string, Map<string, string>>} The files of each part, with what each is called in it. */
    const parts = { 'main-job': new Map(), rare: new Map() };
    for (const [part, files] of Object.entries(parts)) {
      build.onResolve({ filter: new RegExp(`^on-demand:${part}$`) }, () => ({ path: part, namespace: 'on-demand' }));
      build.onLoad({ filter: new RegExp(`^${part}$`), namespace: 'on-demand' }, () => ({
        contents: [...files].map(([path, name]) => `export * as ${name} from ${JSON.stringify(path)};`).join('\n'),
        resolveDir: import.meta.dirname,
      }));
    }
    build.onStart(() => onDemand(parts, mainJob));
    build.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll(IMPORT_CALL, (call, target) => {
        const file = resolve(dirname(path), target.replace(/js$/, 'ts'));
        const [part, files] = Object.entries(parts).find(([, known]) => known.has(file)) ?? [];
        return files ? `import('on-demand:${part}').then((part) => part.${files.get(file)})` : call;
      }),
      loader: 'ts',
    }));
  },
};
const IMPORT_CALL = /\bimport\('(\.[^']+)'\)/g;

/** Finds what the sources of the host load by `import()`, before any of them is bundled. */
async function onDemand(parts, mainJob) {
  const sources = await readdir('src', { recursive: true });
  for (const source of sources.filter((name) => name.endsWith('.ts') && !/^cli\b/.test(name)).toSorted()) {
    const path = resolve('src', source);
    for (const [, target] of (await readFile(path, 'utf8')).matchAll(IMPORT_CALL)) {
      const file = resolve(dirname(path), target.replace(/js$/, 'ts'));
      const files = parts[mainJob.test(file) ? 'main-job' : 'rare'];
      files.set(file, relative('src', file).replace(/\W/g, '_'));
    }
  }
}

/**
 * Lit's templates and styles are strings, which keep the indentation of their source: a tenth of our part of the panel.
 * No text of the panel depends on it. Styles without values in them go through esbuild's own CSS minifier.
 *
 * And an element is registered by a call below its class, which is what its decorator does: in a class with a decorator
 * esbuild makes each private member a WeakMap, 6 kB in all.
 * @type {import('esbuild').Plugin}
 */
const smallElements = {
  name: 'small-elements',
  setup(build) {
    build.onLoad({ filter: /[\\/]webview[\\/][^\\/]+\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      let contents = source;
      for (const [whole, styles] of source.matchAll(/css`([^`$\\]*)`/g)) {
        const { code } = await transform(styles, { loader: 'css', minify: true, target: 'chrome128' });
        contents = contents.replace(whole, () => `css\`${code.trim()}\``);
      }
      const [decorated, tag, opening, name] =
        /^@customElement\(('[^']+')\)\n(export class (\w+))/m.exec(contents) ?? [];
      if (decorated) contents = `${contents.replace(decorated, opening)}\ncustomElements.define(${tag}, ${name});`;
      return { contents: contents.replaceAll(/\n[ \t]+/g, '\n'), loader: 'ts' };
    });
  },
};

/**
 * The toolkit's base library lists all old key codes in an object that no bundler can leave out; nothing reads it.
 * @type {import('esbuild').Plugin}
 */
const withoutKeyCodes = {
  name: 'without-key-codes',
  setup(build) {
    build.onLoad({ filter: /fast-web-utilities[\\/]dist[\\/]key-codes\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace(/export var KeyCodes;[^]*?\(KeyCodes = \{\}\)\);/, ''),
    }));
  },
};

/**
 * Of the toolkit's design tokens, those that no control of ours reads: each registers itself, which a bundler must not
 * leave out unasked. And the indentation of the button's template and styles, as of our own.
 * @type {import('esbuild').Plugin}
 */
const smallToolkit = {
  name: 'small-toolkit',
  setup(build) {
    build.onLoad({ filter: /webview-ui-toolkit[\\/]dist[\\/]design-tokens\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll(/ = create\(/g, ' = /* @__PURE__ */ create('),
    }));
    build.onLoad({ filter: /[\\/]button\.(template|styles)\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll(/\n\s+/g, '\n'),
    }));
  },
};

// node-av is a native part, installed or packed beside the bundle and loaded by the worker alone.
// The banner gives bundled CommonJS packages (undici) the `require` that ES modules lack.
const node = {
  ...shared,
  plugins: [oneHttpParser, withoutUnusedHttp, withoutPlainForms],
  platform: 'node',
  target: 'node20',
  // Words in Chinese as they are, not as escapes of twice their length.
  charset: 'utf8',
  external: ['vscode', 'node-av', 'node-av/*'],
};
const esmRequire = {
  js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
};

/** @type {Record<string, import('esbuild').BuildOptions>} */
const programs = {
  // What only some windows ever need (the cloud's client, the engine on this machine) is in files of its own, loaded by
  // `import()`: VS Code waits for this one when it activates us. zod looks at `navigator`, which Node 24 has and VS Code warns extensions of; in the host there is none to look at.
  extension: {
    ...node,
    plugins: [...node.plugins, inTwoParts],
    define: { ...shared.define, navigator: 'undefined' },
    entryPoints: ['src/extension.ts'],
    format: 'esm',
    splitting: true,
    outdir: 'dist',
    outExtension: { '.js': '.mjs' },
    chunkNames: 'host/[name]-[hash]',
    banner: esmRequire,
  },
  cli: { ...node, entryPoints: ['src/cli.ts'], format: 'esm', outfile: 'dist/cli.mjs', banner: esmRequire },
  worker: {
    ...node,
    entryPoints: { 'media-worker': 'src/media/worker.ts', 'media-copier': 'src/media/isobmff/copier.ts' },
    format: 'esm',
    outdir: 'dist',
    outExtension: { '.js': '.mjs' },
    banner: esmRequire,
  },
  mcp: {
    ...node,
    entryPoints: ['src/agents/mcp-main.ts'],
    format: 'esm',
    outfile: 'dist/mcp-server.mjs',
    banner: esmRequire,
  },
  panel: {
    ...shared,
    plugins: production ? [withoutKeyCodes, smallToolkit, smallElements] : [],
    entryPoints: { panel: 'webview/main.ts' },
    platform: 'browser',
    format: 'iife',
    target: 'chrome128',
    outdir: 'dist',
    tsconfig: 'webview/tsconfig.json',
    loader: { '.ttf': 'file' },
    assetNames: '[name]',
  },
  // One file per test file, so that mocha loads them inside the extension host as it does everywhere else. Modules, as
  // the extension is: to VS Code 1.103 `require` and `import` of `vscode` are two objects.
  hostTests: {
    ...node,
    entryPoints: ['test/host/index.ts', 'test/host/*.test.ts'],
    external: [...node.external, 'mocha'],
    format: 'esm',
    outdir: 'dist/test/host',
    outExtension: { '.js': '.mjs' },
    banner: esmRequire,
    tsconfig: 'test/tsconfig.json',
  },
};
const shipped = ['extension', 'cli', 'worker', 'mcp', 'panel'];

if (watch) process.stdout.write('building\n');
const wanted = run === 'cli' ? ['cli', 'worker'] : named.length > 0 ? named : shipped;
if (production && named.length === 0) await rm('dist', { recursive: true, force: true });
for (const name of wanted) {
  const options = programs[name];
  if (!options) {
    process.stderr.write(
      `esbuild.mjs: there is no program "${name}"; there are ${Object.keys(programs).join(', ')}.\n`,
    );
    process.exit(2);
  }
  if (watch) await (await context(options)).watch();
  else if (inputs) {
    const { outputs } = (await build({ ...options, metafile: true, write: false })).metafile;
    for (const output of Object.values(outputs)) {
      const used = Object.entries(output.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
      for (const [path] of used) process.stdout.write(`${name} ${path}\n`);
    }
  } else {
    try {
      // Its parts have hashes in their names: those of the last build would stay.
      if (name === 'extension') await rm('dist/host', { recursive: true, force: true });
      const { metafile } = await build({ ...options, metafile: name === 'extension' });
      if (metafile) await writeFile('dist/extension.meta.json', JSON.stringify(metafile));
    } catch {
      // esbuild has printed what is wrong and where.
      process.exit(1);
    }
  }
}
if (watch) process.stdout.write('watching\n');
if (run === 'cli') {
  const entry = new URL('./dist/cli.mjs', pathToFileURL(import.meta.dirname + '/'));
  process.argv = [process.argv[0], entry.pathname, ...rest];
  await import(entry.href);
}
