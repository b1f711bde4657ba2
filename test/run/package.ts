// Packs the extension as a VSIX from what `node esbuild.mjs --production` built.
//
//   npm run package                          all of them, as far as their native parts can be had here, with their sizes
//   npm run package -- --target linux-x64    one platform's: with node-av and its binary
//   npm run package -- --target own          that of this machine
//   npm run package -- --target universal    the base package: no native parts, every platform
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { createVSIX } from '@vscode/vsce';
import { nativeProblems } from './native-needs.js';
import { isTarget, nativePart, ownTarget, targets, type Target } from './native-parts.js';
import { freshFolder, repository, testOutput } from './paths.js';

/** What a user gets; everything else in the repository stays out. The command line (dist/cli.mjs) is for the clone. */
const shipped = [
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  'NOTICES.md',
  'SECURITY.md',
  'package.nls.json',
  'package.nls.zh-cn.json',
  'media',
  'l10n',
];
const notShipped = /\.(map|meta\.json)$|^media[/\\](readme|sample\.mp4)|^dist[/\\](cli\.mjs|test)/;

/** The manifest fields that are for working on the extension, not for running it. */
const developmentFields = ['scripts', 'devDependencies', 'dependencies', 'optionalDependencies', 'private'];

/**
 * Packs the extension and returns the path of the VSIX.
 * @param out a folder, or the VSIX itself
 * @throws Error when there is no build, or when the native part of the target cannot be had or does not fit it.
 */
export async function packExtension(target?: Target, out: string = testOutput): Promise<string> {
  const manifest = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as Record<string, unknown>;
  const { main, name, version } = manifest as { main: string; name: string; version: string };
  if (!existsSync(join(repository, main))) throw new Error('There is no build. Run: node esbuild.mjs --production');
  const stage = await freshFolder('package');
  try {
    for (const path of ['dist', ...shipped]) {
      const from = join(repository, path);
      if (!existsSync(from)) continue;
      const filter = (source: string): boolean => !notShipped.test(source.slice(repository.length + 1));
      await cp(from, join(stage, path), { recursive: true, filter });
    }
    const dependencies = target === undefined ? {} : await stageNativeParts(target, stage);
    const kept = Object.fromEntries(Object.entries(manifest).filter(([field]) => !developmentFields.includes(field)));
    await writeJson(join(stage, 'package.json'), { ...kept, dependencies });
    const readme = join(stage, 'README.md');
    await writeFile(readme, withPictures(await readFile(readme, 'utf8')));
    // vsce wants to see that somebody thought about what goes in. The stage holds nothing else.
    await writeFile(join(stage, '.vscodeignore'), '');

    const named = `${name}-${version}${target === undefined ? '' : `-${target}`}.vsix`;
    const packagePath = out.endsWith('.vsix') ? out : join(out, named);
    await mkdir(dirname(packagePath), { recursive: true });
    await createVSIX({
      cwd: stage,
      packagePath,
      ...(target === undefined ? {} : { target }),
      dependencies: target !== undefined,
      skipLicense: true,
      allowMissingRepository: true,
      rewriteRelativeLinks: false,
    });
    return packagePath;
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

/**
 * VS Code's page of an extension shows pictures from the web alone. In a GitHub workflow, which is where a release is
 * made, those of the README have an address there; else they are left out, and no broken ones are shown.
 */
export function withPictures(readme: string, environment: NodeJS.ProcessEnv = process.env): string {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: project, GITHUB_SHA: commit } = environment;
  const raw = server && project && commit ? `${server}/${project}/raw/${commit}` : undefined;
  return readme.replaceAll(/^!\[(.*)\]\((media\/readme\/.+)\)\n\n/gmu, (_, text: string, path: string) =>
    raw === undefined ? '' : `![${text}](${raw}/${path})\n\n`,
  );
}

/**
 * Puts node-av and its binary into the stage, without sources, type declarations and maps. Its other dependencies are
 * left out: unzipper serves its install script, werift its WebRTC module; neither is loaded by `import('node-av')`.
 */
async function stageNativeParts(target: Target, stage: string): Promise<Record<string, string>> {
  const binding = join(repository, 'node_modules/node-av');
  const binary = await nativePart(target);
  const problems = nativeProblems(target, await readFile(join(binary.folder, 'node-av.node')));
  if (problems.length > 0) throw new Error(problems.join(' '));
  const needless = /\.(d\.ts|map|md|sh)$|^[/\\](install|node_modules|dist[/\\]api[/\\]data)([/\\]|$)/;
  for (const { name, folder } of [{ name: 'node-av', folder: binding }, binary]) {
    const filter = (source: string): boolean => !needless.test(source.slice(folder.length));
    await cp(folder, join(stage, 'node_modules', name), { recursive: true, filter, dereference: true });
  }
  const nodeAv = await readManifest(binding);
  const native = await readManifest(binary.folder);
  await writeJson(join(stage, 'node_modules/node-av/package.json'), {
    name: nodeAv.name,
    version: nodeAv.version,
    license: nodeAv.license,
    type: nodeAv.type,
    main: nodeAv.main,
    exports: nodeAv.exports,
    dependencies: { [binary.name]: native.version },
  });
  return { 'node-av': nodeAv.version };
}

interface PackageManifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly type?: string;
  readonly main?: string;
  readonly exports?: unknown;
}

async function readManifest(folder: string): Promise<PackageManifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as PackageManifest;
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(path, `${JSON.stringify(value, undefined, 2)}\n`);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({
    options: { target: { type: 'string' }, out: { type: 'string', default: repository } },
  });
  const known = ['universal', ...targets];
  const named = values.target === 'own' ? (ownTarget() ?? 'universal') : values.target;
  if (named !== undefined && !known.includes(named)) {
    process.stderr.write(`There is no target "${named}"; there are own, ${known.join(', ')}.\n`);
    process.exit(2);
  }
  const made: string[] = [];
  for (const target of named === undefined ? known : [named]) {
    try {
      const path = await packExtension(isTarget(target) ? target : undefined, values.out);
      made.push(`${target.padEnd(14)}${((await stat(path)).size / 1e6).toFixed(2).padStart(6)} MB  ${basename(path)}`);
    } catch (error) {
      made.push(`${target.padEnd(14)}not made: ${error instanceof Error ? error.message : String(error)}`);
      process.exitCode = 1;
    }
  }
  process.stdout.write(`\n${made.join('\n')}\n`);
}
