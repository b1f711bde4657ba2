// How long the thread of this process computed at a stretch, without what others on the machine took from it.
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { quantile } from './figures.js';

/** Ms that the present thread has had a core; undefined where the system does not tell. */
function ownTime(): number | undefined {
  try {
    // Nanoseconds on a core, nanoseconds waiting for one, turns (Linux, Documentation/scheduler/sched-stats.rst).
    return Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ')[0]) / 1e6;
  } catch {
    return undefined;
  }
}

const RESOLUTION = 10;

/** Looks at the event loop from now on. @returns ends that, and tells the delays and what was our own part in them */
export function watchLoop(): () => string {
  const held: number[] = [];
  let before = ownTime();
  const ticking = setInterval(() => {
    const now = ownTime();
    if (before !== undefined && now !== undefined) held.push(now - before);
    before = now;
  }, 1);
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION });
  delay.enable();
  return () => {
    delay.disable();
    clearInterval(ticking);
    const ms = (value: number): string => `${value.toFixed(1)} ms`;
    // The histogram counts the wait itself, which is as long as its resolution.
    const late = (nanoseconds: number): string => ms(Math.max(0, nanoseconds / 1e6 - RESOLUTION));
    const wall = `event loop late by ${late(delay.percentile(50))} (median), ${late(delay.percentile(99))} (99 %), ${late(delay.max)} (most)`;
    if (held.length === 0) return wall;
    return `${wall}; at work for ${ms(quantile(held, 0.99))} (99 %), ${ms(Math.max(...held))} (most) at a stretch`;
  };
}
