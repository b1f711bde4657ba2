import { loadScenarios } from './load.js';
import { runSeed } from './soak.js';

/** Always the same, so that what fails fails again; `npm run soak` draws others. */
const SEED = 8;
const RUNS = 3;

describe('much at once', function () {
  this.timeout(120_000);
  let survived = 0;
  let injected = 0;

  after(() => {
    console.log(`      faults injected ${injected}, survived ${survived}, lost ${injected - survived} (seed ${SEED})`);
  });

  for (let number = 0; number < RUNS; number += 1) {
    const scenario = loadScenarios[number % loadScenarios.length];
    if (!scenario) continue;
    it(`${scenario.name} (${SEED}:${number}): each comes to its end, and nothing is said twice`, async () => {
      injected += 1;
      await scenario.run(runSeed(SEED, number), new AbortController().signal);
      survived += 1;
    });
  }
});
