// `npm test`: every check, from a clean clone. Prints one heading a stage, and at the end the sum of all tests.
//
//   npm test                      everything
//   npm test -- unit wire         only these stages (and what they need: host and ui need set-up and build)
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { repository, testOutput } from './paths.js';
import { onStop, run } from './processes.js';
import { vscodeVersions } from './vscode-setup.js';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

interface Stage {
  readonly name: string;
  /** The commands of the stage, each as arguments to Node; the first that fails ends it. */
  readonly commands: readonly (readonly string[])[];
  /** Other stages that must have succeeded before. */
  readonly needs?: readonly string[];
  /** Runs mocha: the stage must leave counts, else it counts as failed. */
  readonly tests?: true;
  /** Goes on beside the others, with its output in `test-output/<name>.log`. */
  readonly beside?: true;
  /**
   * The command for single files, of stages that drive windows, which go by the clocks of VS Code and the browser: a file
   * or two in which something failed run once more, alone. What passes only then is named at the end.
   */
  readonly again?: (files: readonly string[]) => readonly string[];
  readonly minutes: number;
}

const tsx = '--import=tsx';
const bin = (path: string): string => join(repository, 'node_modules', path);
const mocha = (files: readonly string[], options: readonly string[] = []): readonly string[] => [
  bin('mocha/bin/mocha.js'),
  ...['--forbid-only', '--reporter', 'test/run/count-reporter.cjs', ...options],
  ...files,
];
const mochaStage = (
  name: string,
  needs: readonly string[],
  options: readonly string[],
  files: readonly string[],
): Stage => ({
  name,
  commands: [mocha(files, options)],
  needs,
  tests: true,
  // About five times what the longest takes on two cores that do nothing else.
  minutes: 25,
});
const windowStage = (...stage: Parameters<typeof mochaStage>): Stage => ({ ...mochaStage(...stage), again: mocha });

const parallel = ['--parallel', '--jobs=2'];
/** The test files of a folder. @param longest go first, so that at the end no core has to wait long for the other */
const testFiles = (folder: string, ...longest: readonly string[]): string[] => {
  const names = readdirSync(join(repository, folder))
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => file.replace('.test.ts', ''));
  const inOrder = new Set([...longest.filter((name) => names.includes(name)), ...names.sort()]);
  return [...inOrder].map((name) => `${folder}/${name}.test.ts`);
};
const playing = 'test/ui/playing.test.ts';
const packedExtension = join(testOutput, 'packed.vsix');

const stages: readonly Stage[] = [
  { name: 'programs', commands: [[tsx, 'test/run/system-packages.ts']], minutes: 5 },
  { name: 'vscode', commands: [[tsx, 'test/run/vscode-setup.ts']], needs: ['programs'], beside: true, minutes: 8 },
  {
    name: 'types',
    commands: ['.', 'webview', 'test', 'test/ui'].map((project) => [
      bin('typescript/bin/tsc'),
      '--noEmit',
      '-p',
      project,
    ]),
    // One core for this and the next, the other for the linter.
    beside: true,
    minutes: 5,
  },
  {
    name: 'format',
    commands: [[bin('prettier/bin/prettier.cjs'), '--check', '--log-level=warn', '.']],
    beside: true,
    minutes: 5,
  },
  { name: 'lint', commands: [[bin('eslint/bin/eslint.js'), '--max-warnings=0', '.']], minutes: 5 },
  {
    name: 'build',
    commands: [
      ['esbuild.mjs', '--production'],
      ['esbuild.mjs', 'hostTests'],
    ],
    minutes: 1,
  },
  {
    name: 'package',
    commands: [[tsx, 'test/run/package.ts', '--target', 'own', '--out', packedExtension]],
    needs: ['build'],
    beside: true,
    minutes: 3,
  },
  { name: 'size', commands: [[tsx, 'test/run/size.ts']], needs: ['build'], minutes: 1 },
  mochaStage('unit', [], parallel, ['test/unit/**/*.test.ts']),
  // Windows that are killed wait most of the time, and so do the connections of wire.
  { ...mochaStage('soak', ['programs', 'build'], [], testFiles('test/soak')), beside: true },
  // Much of wire and media is waiting for one program after the other, so two files at a time fill two cores.
  mochaStage('wire', ['build'], parallel, testFiles('test/wire', 'cli-local', 'odd-names', 'network')),
  mochaStage(
    'media',
    ['programs', 'build'],
    parallel,
    testFiles('test/media', 'matrix', 'hevc', 'playable', 'fuzz', 'vpx-av1', 'sound', 'dissolve', 'browser'),
  ),
  // Each version keeps one core busy, so they go on beside the last.
  ...vscodeVersions.map((version): Stage => ({
    name: `host ${version}`,
    commands: [[tsx, 'test/run/host.ts', version]],
    needs: ['vscode', 'build'],
    tests: true,
    ...(version === vscodeVersions.at(-1) ? {} : { beside: true as const }),
    minutes: 12,
  })),
  windowStage(
    'panel',
    ['programs', 'build'],
    parallel,
    testFiles('test/ui/panel-page', 'layouts', 'accessible', 'panel', 'words'),
  ),
  // What is played is measured in real time: nothing else runs beside it.
  windowStage('player', ['programs', 'build'], [], testFiles('test/ui/panel-page/player')),
  windowStage('ui playing', ['vscode', 'package'], [], [playing]),
  // A window waits for its server, the page and the disk in turn: two at a time.
  windowStage(
    'ui',
    ['vscode', 'package'],
    parallel,
    testFiles('test/ui', 'stories', 'export', 'palette', 'cloud', 'kill', 'sessions').filter(
      (file) => file !== playing,
    ),
  ),
];

const named = process.argv.slice(2);
const unknown = named.filter((name) => !stages.some((stage) => isNamed(stage, name)));
if (unknown.length > 0) {
  process.stderr.write(
    `There is no stage ${unknown.join(', ')}; there are ${stages.map(({ name }) => name).join(', ')}.\n`,
  );
  process.exit(2);
}

/** `host` names the stages of all VS Code versions. */
function isNamed(stage: Stage, name: string): boolean {
  return stage.name === name || stage.name.startsWith(`${name} `);
}

const wanted = new Set(
  named.length === 0 ? stages : stages.filter((stage) => named.some((name) => isNamed(stage, name))),
);
for (const stage of wanted) {
  for (const need of stage.needs ?? []) wanted.add(stages.find(({ name }) => name === need) as Stage);
}

const total: Counts = { passed: 0, failed: 0, skipped: 0 };
/** More files with a failure than these are no accident. */
const MOST_AGAIN = 2;
const unsure: string[] = [];
const results = new Map<string, Promise<boolean>>();
const summary: string[] = [];
const started = performance.now();
await rm(testOutput, { recursive: true, force: true });
await mkdir(testOutput, { recursive: true });
// Only for its side effect: a SIGTERM to this process reaches the stage that is running.
onStop(() => Promise.resolve());

for (const stage of stages) {
  if (!wanted.has(stage)) continue;
  const result = runStage(stage);
  results.set(stage.name, result);
  if (!stage.beside) await result;
}
await Promise.all(results.values());

process.stdout.write(`\n${summary.join('\n')}\nall of it: ${seconds(started)}\n\n`);
if (unsure.length > 0) process.stdout.write(`Passed only when run once more: ${unsure.join(', ')}\n`);
process.stdout.write(`${inWords(total)}\n`);
process.exitCode = [...(await Promise.all(results.values()))].every(Boolean) && total.failed === 0 ? 0 : 1;

async function runStage(stage: Stage): Promise<boolean> {
  const needed = await Promise.all((stage.needs ?? []).map((name) => results.get(name) ?? Promise.resolve(false)));
  const missing = (stage.needs ?? []).filter((_, index) => !needed[index]);
  if (missing.length > 0) return finish(stage, false, `not run, because ${missing.join(' and ')} failed`);

  const logFile = join(testOutput, `${stage.name}.log`);
  if (!stage.beside) process.stdout.write(`\n=== ${stage.name} ===\n`);
  const start = performance.now();
  const first = await runCommands(stage, stage.commands);
  let { ok } = first;
  let again = '';
  const failed = [...first.counts]
    .filter(([file, { failed }]) => file !== '' && failed > 0)
    .map(([file]) => relative(repository, file));
  if (!ok && stage.again && failed.length > 0 && failed.length <= MOST_AGAIN) {
    again = failed.join(' and ');
    process.stdout.write(`\n=== ${stage.name}: once more, alone: ${again} ===\n`);
    const second = await runCommands(stage, [stage.again(failed)]);
    ok = second.ok;
    for (const [file, counts] of second.counts) first.counts.set(file, counts);
    if (ok) unsure.push(...failed);
  }
  if (stage.beside) {
    process.stdout.write(
      `\n=== ${stage.name} (went on beside the others) ===\n${await readFile(logFile, 'utf8').catch(() => '')}`,
    );
  }
  if (!stage.tests) return finish(stage, ok, seconds(start));
  const counts = sum(first.counts.values());
  if (counts.passed + counts.failed === 0) {
    return finish(stage, false, `${seconds(start)}, ended without having run a test`);
  }
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
  const text = `${seconds(start)}, ${inWords(counts)}${again === '' ? '' : `, after ${again} ran once more`}`;
  return finish(stage, ok, text, counts.failed > 0);
}

/** Runs one command after the other until one fails. */
async function runCommands(
  stage: Stage,
  commands: Stage['commands'],
): Promise<{ ok: boolean; counts: Map<string, Counts> }> {
  const countsFile = join(testOutput, `counts-${stage.name.replace(' ', '-')}.jsonl`);
  await rm(countsFile, { force: true });
  let ok = true;
  for (const command of commands) {
    const code = await run(process.execPath, command, {
      cwd: repository,
      env: {
        ...process.env,
        VIDEO_TRIMMER_COUNTS: countsFile,
        VIDEO_TRIMMER_BUILT: '1',
        ...(stage.needs?.includes('package') === true ? { VIDEO_TRIMMER_VSIX: packedExtension } : {}),
      },
      timeoutMs: stage.minutes * 60_000,
      group: true,
      ...(stage.beside ? { logFile: join(testOutput, `${stage.name}.log`) } : {}),
    });
    ok = code === 0;
    if (!ok) break;
  }
  return { ok, counts: await readCounts(countsFile) };
}

/** Notes how a stage ended. A failure that no failed test accounts for counts as one itself. */
function finish(stage: Stage, ok: boolean, text: string, counted = false): boolean {
  if (!ok && !counted) total.failed += 1;
  const line = `${ok ? 'ok    ' : 'FAILED'} ${stage.name.padEnd(12)} ${text}`;
  summary.push(line);
  process.stdout.write(`${line}\n`);
  return ok;
}

/** By test file. */
async function readCounts(file: string): Promise<Map<string, Counts>> {
  const lines = existsSync(file) ? (await readFile(file, 'utf8')).trim().split('\n') : [];
  return new Map(
    lines.map((line) => JSON.parse(line) as Counts & { file: string }).map((counts) => [counts.file, counts]),
  );
}

function sum(counts: Iterable<Counts>): Counts {
  const all = { passed: 0, failed: 0, skipped: 0 };
  for (const { passed, failed, skipped } of counts) {
    all.passed += passed;
    all.failed += failed;
    all.skipped += skipped;
  }
  return all;
}

function inWords({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
