import { setTimeout as delay } from 'node:timers/promises';

/** Waits until a condition holds; fails after ten seconds with the condition's source. */
export async function expectSoon(condition: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`This did not become true: ${condition.toString()}`);
    await delay(30);
  }
}
