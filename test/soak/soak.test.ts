import { closeKills, killScenarios } from './kill-scenarios.js';
import { runSeed } from './soak.js';

/** Always the same, so that what fails fails again; `npm run soak` draws others. */
const SEED = 6;
const RUNS = 30;

describe('processes killed at random moments of a trim, an upload, a message, a render, a download', function () {
  // A run takes a second or two; on a machine that does other things too, many times that.
  this.timeout(120_000);
  let survived = 0;
  let injected = 0;

  after(async () => {
    await closeKills();
    console.log(`      faults injected ${injected}, survived ${survived}, lost ${injected - survived} (seed ${SEED})`);
  });

  for (let number = 0; number < RUNS; number += 1) {
    const scenario = killScenarios[number % killScenarios.length];
    if (!scenario) continue;
    it(`${scenario.name} (--repeat ${SEED}:${number}): nothing is lost, half done, done twice or left unsaid`, async () => {
      injected += 1;
      await scenario.run(runSeed(SEED, number), new AbortController().signal);
      survived += 1;
    });
  }
});
