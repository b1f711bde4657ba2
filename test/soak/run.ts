// `npm run soak -- --minutes N --seed S`: faults are injected one after the other, everything random following from the
// seed. Prints each loss with the seed that repeats it, and the counts at the end; exit code 1 when something was lost.
//
//   npm run soak -- --minutes 10              ten minutes, a seed of its own
//   npm run soak -- --runs 200 --seed 1       200 faults
//   npm run soak -- --only kill --seed 7      the faults of one part
//   npm run soak -- --repeat 123456:4         the fault with this seed and number, as it was printed
import { parseArgs } from 'node:util';
import { soakScenarios, closeScenarios } from './all-scenarios.js';
import { soak } from './soak.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    runs: { type: 'string' },
    seed: { type: 'string' },
    only: { type: 'string' },
    repeat: { type: 'string' },
  },
});
const [repeated, number] = (values.repeat ?? '').split(':').map(Number);
const seed = values.repeat === undefined ? Number(values.seed ?? Date.now() % 1_000_000) : (repeated ?? 0);
const runs = values.repeat !== undefined ? 1 : values.runs === undefined ? Infinity : Number(values.runs);
const minutes = Number(values.minutes ?? (runs === Infinity ? 5 : Infinity));
const scenarios = soakScenarios.filter(({ part }) => values.only === undefined || part === values.only);

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
const say = (line: string): void => void process.stdout.write(`${line}\n`);
say(`seed ${seed}`);
const counts = await soak(scenarios, {
  seed,
  runs,
  milliseconds: minutes * 60_000,
  first: number ?? 0,
  signal: stop.signal,
  say,
});
await closeScenarios();
process.exitCode = counts.lost > 0 || counts.injected === 0 ? 1 : 0;
