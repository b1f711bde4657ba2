import { randomFrom, type Scenario } from './scenario.js';

export interface SoakOptions {
  readonly seed: number;
  /** How many faults at most. */
  readonly runs: number;
  readonly milliseconds: number;
  /** Number of the first one: the fault with seed and number is always the same. */
  readonly first?: number;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

export interface SoakCounts {
  readonly injected: number;
  readonly survived: number;
  readonly lost: number;
}

/** What is random in one run: it follows from the seed of all and the number of this one. */
export function runSeed(seed: number, number: number): () => number {
  return randomFrom(seed * 1_000_003 + number);
}

/** Injects faults in turns until the time or the number is up. Prints losses as they come, the counts at the end. */
export async function soak(scenarios: readonly Scenario[], options: SoakOptions): Promise<SoakCounts> {
  const { seed, runs, milliseconds, first = 0, signal, say } = options;
  const begun = performance.now();
  const counted = new Map<string, { survived: number; lost: number }>();
  for (let number = first; number < first + runs; number += 1) {
    if (signal.aborted || performance.now() - begun > milliseconds) break;
    const scenario = scenarios[number % scenarios.length];
    if (!scenario) break;
    const count = counted.get(scenario.name) ?? { survived: 0, lost: 0 };
    try {
      await scenario.run(runSeed(seed, number), signal);
      count.survived += 1;
    } catch (error) {
      // Ended by the person, not by a fault.
      if (signal.aborted) break;
      count.lost += 1;
      const what = error instanceof Error ? error.message : String(error);
      say(`LOST --repeat ${seed}:${number} (${scenario.part}: ${scenario.name})\n  ${what.replaceAll('\n', '\n  ')}`);
    }
    counted.set(scenario.name, count);
  }
  for (const [name, { survived, lost }] of counted)
    say(`${name}: ${survived + lost} injected, ${survived} survived, ${lost} lost`);
  const all = [...counted.values()];
  const survived = all.reduce((sum, count) => sum + count.survived, 0);
  const lost = all.reduce((sum, count) => sum + count.lost, 0);
  say(
    `faults injected ${survived + lost}, survived ${survived}, lost ${lost} (seed ${seed}, ${Math.round((performance.now() - begun) / 1000)} s)`,
  );
  return { injected: survived + lost, survived, lost };
}
