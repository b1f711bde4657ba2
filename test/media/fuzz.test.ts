import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { damaged, FuzzLane, isFinding, makeSamples, type Outcome, type Sample } from './fuzz.js';
import { openBench, type Bench } from './workbench.js';

// VIDEO_TRIMMER_FUZZ=20000 for many cases, VIDEO_TRIMMER_FUZZ_SEED for others. What goes wrong is written into the corpus
// folder, whose files are tried first from then on.
const CASES = Number(process.env.VIDEO_TRIMMER_FUZZ ?? (process.env.CI ? 2000 : 500));
const SEED = Number(process.env.VIDEO_TRIMMER_FUZZ_SEED ?? 1);
const LANES = 2;
const CORPUS = path.join(import.meta.dirname, 'fuzz-corpus');

describe('Damaged clips', function () {
  this.timeout(0);
  let bench: Bench;
  let samples: readonly Sample[];
  const lanes: FuzzLane[] = [];

  before(async () => {
    bench = await openBench();
    samples = await makeSamples(bench.file('samples'));
    for (let n = 0; n < LANES; n++) lanes.push(await FuzzLane.open(bench.file(`lane-${n}`), bench.workerPath));
  });
  after(async () => {
    for (const lane of lanes) await lane.close();
    await bench?.close();
  });

  it('can all be cut before they are damaged', async () => {
    for (const { ending, bytes } of samples) {
      const outcome = await lanes[0]?.run({ ending, bytes, into: ending });
      assert.equal(outcome?.result, 'cut', `${ending}: ${outcome?.detail} ${lanes[0]?.log.join('\n')}`);
    }
  });

  it('that once did harm do none any more', async () => {
    await mkdir(CORPUS, { recursive: true });
    const kept = (await readdir(CORPUS)).filter((name) => /\.(mp4|mov|mkv|webm)$/.test(name));
    for (const name of kept) {
      const bytes = await readFile(path.join(CORPUS, name));
      const ending = path.extname(name).slice(1);
      // The name tells the container it was written into: `hung-1-812-into-mkv.mp4`.
      const into = /-into-(\w+)\./.exec(name)?.[1] ?? ending;
      const outcome = await lanes[0]?.run({ ending, bytes, into });
      assert.ok(outcome && !isFinding(outcome), `${name}: ${outcome?.result} ${outcome?.detail}`);
    }
  });

  it(`do no harm in ${CASES} ways: each job ends, in words or with a file, and the engine lives on`, async () => {
    const outcomes: Outcome[] = [];
    const findings: string[] = [];
    const unexpected = new Map<string, number>();
    const started = performance.now();
    let next = 0;
    const work = async (lane: FuzzLane): Promise<void> => {
      while (next < CASES) {
        const n = next++;
        const clip = damaged(samples, SEED, n);
        const outcome = await lane.run(clip);
        outcomes.push(outcome);
        if (outcome.detail === 'failed') {
          const where = lane.log.find((line) => /Error/.test(line)) ?? '';
          unexpected.set(where, (unexpected.get(where) ?? 0) + 1);
        }
        if (!isFinding(outcome)) continue;
        const name = `${outcome.result.replace(/ /g, '-')}-${SEED}-${n}-into-${clip.into}.${clip.ending}`;
        await mkdir(CORPUS, { recursive: true });
        await writeFile(path.join(CORPUS, name), clip.bytes);
        findings.push(`${name} ${outcome.detail}`);
      }
    };
    await Promise.all(lanes.map(work));
    report(outcomes, performance.now() - started, unexpected);
    assert.equal(outcomes.length, CASES);
    assert.deepEqual(findings, []);
  });
});

function report(outcomes: readonly Outcome[], milliseconds: number, unexpected: ReadonlyMap<string, number>): void {
  const counts = new Map<string, number>();
  for (const { result, detail } of outcomes) {
    const key = [result, detail].filter((text) => text !== '').join(' ');
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const kinds = [...counts].sort(([, a], [, b]) => b - a).map(([kind, count]) => `${count} ${kind}`);
  const slowest = Math.max(...outcomes.map((outcome) => outcome.milliseconds));
  const lines = [
    `${outcomes.length} cases in ${(milliseconds / 1000).toFixed(0)} s, the slowest ${(slowest / 1000).toFixed(1)} s`,
    kinds.join(', '),
    ...(process.env.VIDEO_TRIMMER_FUZZ ? [...unexpected].map(([where, count]) => `${count} × ${where}`) : []),
  ];
  process.stderr.write(lines.map((line) => `      ${line}\n`).join(''));
}
