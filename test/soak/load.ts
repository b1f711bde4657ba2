import { job, networkFaults } from './network.js';
import { randomFrom, type Scenario } from './scenario.js';

const FEWEST = 4;
const MOST = 12;
/** What the agent says in each of the sessions. */
const EVENTS = 3_000;
const STREAM = Array.from({ length: EVENTS }, (_, index) =>
  index % 10 === 0
    ? `data: {"type":"tool_call","name":"cut","args":{"from":${index}}}\n\n`
    : `data: {"type":"text","content":"word ${index} "}\n\n`,
).join('');

/** Much at once: each session has its own upload, long stream, render and download, and its own bad network. */
export const loadScenarios: readonly Scenario[] = [
  {
    name: 'many sessions with long streams at once, each with faults of its own',
    part: 'load',
    run: async (random, signal) => {
      const count = FEWEST + Math.floor(random() * (MOST - FEWEST + 1));
      // All is drawn now: who has a turn first must not change what happens to the others.
      const harms = Array.from({ length: count }, () => {
        const fault = networkFaults[Math.floor(random() * networkFaults.length)];
        const own = randomFrom(Math.floor(random() * 2 ** 32));
        return fault?.[1](own);
      });
      const jobs = harms.map((harm) =>
        job(signal, (parts) => {
          parts.scene.server.streamText = STREAM;
          harm?.(parts);
        }),
      );
      const lost = (await Promise.allSettled(jobs)).filter((result) => result.status === 'rejected');
      if (lost[0])
        throw new Error(`${lost.length} of ${count} sessions: ${String(lost[0].reason)}`, { cause: lost[0].reason });
    },
  },
];
