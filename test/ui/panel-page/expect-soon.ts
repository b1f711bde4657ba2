import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../../host/eventually.js';

/** Waits until a condition holds; fails after twenty seconds with the condition's source. */
export async function expectSoon(condition: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`This did not become true: ${condition.toString()}`);
    await delay(30);
  }
}

/** Waits until what is read from a page is this; fails after twenty seconds with the difference. */
export async function expectValue(read: () => Promise<unknown>, wanted: unknown, message?: string): Promise<void> {
  await eventually(async () => assert.deepEqual(await read(), wanted, message));
}
