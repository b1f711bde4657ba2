import { closeDisks, diskScenarios } from './disk.js';
import { closeKills, killScenarios } from './kill-scenarios.js';
import { loadScenarios } from './load.js';
import { networkScenarios } from './network.js';
import type { Scenario } from './scenario.js';

/** The faults of all parts, in the turns in which they are injected. */
export const soakScenarios: readonly Scenario[] = [
  ...killScenarios,
  ...networkScenarios,
  ...diskScenarios,
  ...loadScenarios,
];

/** Ends what the scenarios have left open between their runs. */
export async function closeScenarios(): Promise<void> {
  await closeKills();
  await closeDisks();
}
