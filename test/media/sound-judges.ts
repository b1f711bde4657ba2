// What a cut's sound has to be like, measured on what ffmpeg decodes.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { beeps, ffmpeg, flashes, frameTimes, sound } from './clips.js';

export type Cut = readonly (readonly [number, number])[];

export const RATE = 48_000;
/** Samples of a packet of AAC. */
export const PACKET = 1024;
// Half a packet; detecting where a beep begins in decoded sound is good to a fraction of a millisecond.
export const HALF_PACKET = PACKET / 2 / RATE + 0.0007;
export const AAC = ['-c:a', 'aac', '-b:a', '160k'];

export function beepSource(seconds: number, channels = 2): string {
  const beep = '0.8*sin(2*PI*1000*t)*lt(mod(t\\,0.5)\\,0.05)';
  return `aevalsrc=${Array.from({ length: channels }, () => beep).join('|')}:s=${RATE}:d=${seconds}`;
}

/** Sound alone that beeps each half second. */
export async function makeBeeps(file: string, seconds: number, coding: readonly string[] = AAC): Promise<void> {
  await ffmpeg('-f', 'lavfi', '-i', beepSource(seconds), ...coding, file);
}

/** Every beep that is whole in the kept parts begins where it should. */
export async function assertBeeps(file: string, seconds: number, cuts: Cut, allowed: number, delay = 0): Promise<void> {
  const heard = beeps(await sound(file));
  for (let time = 0; time < seconds; time += 0.5) {
    const near = cuts.some(([from, to]) => time > from - 0.1 && time < to + 0.03);
    if (near) continue;
    const removed = cuts.reduce((sum, [from, to]) => sum + (to <= time ? to - from : 0), 0);
    const off = Math.min(...heard.map((beep) => Math.abs(beep - (time - removed + delay))));
    assert.ok(off <= allowed, `the beep of ${time} s is off by ${off} s`);
  }
}

/** Seconds by which beeps come after their flashes. */
export async function lag(file: string): Promise<number> {
  const [seen, times, heard] = await Promise.all([flashes(file), frameTimes(file), sound(file).then(beeps)]);
  const lags = seen.flatMap((frame) => {
    const time = times[frame] ?? Number.NaN;
    const after = heard.map((beep) => beep - time).filter((off) => off > -0.29 && off < 0.71);
    return after.slice(0, 1);
  });
  assert.ok(lags.length > 0, 'nothing to measure');
  const spread = Math.max(...lags) - Math.min(...lags);
  assert.ok(
    spread <= 2 * HALF_PACKET,
    `flashes ${seen.map((frame) => times[frame]).join(' ')}, beeps ${heard.join(' ')}`,
  );
  return lags.sort((a, b) => a - b)[lags.length >> 1] ?? 0;
}

export async function assertInStep(file: string): Promise<void> {
  const off = await lag(file);
  assert.ok(Math.abs(off) <= HALF_PACKET, `sound ${off} s late`);
}

/**
 * Beside the join the result decodes to what the source does; what is encoded anew differs by no more than `noise`
 * (dB against the sound's level there); in the cross-fade nothing steps further than two sounds together may.
 */
export async function assertClean(source: string, output: string, noise: number, packet = PACKET): Promise<void> {
  const [was, is, before, after] = await Promise.all([
    plainSound(source),
    plainSound(output),
    hashes(source),
    hashes(output),
  ]);
  const rate = Number(await probe(source, 'stream=sample_rate'));
  const priming = packet * Math.round(((await firstTime(source)) * -rate) / packet);
  const places = after.map((hash) => before.indexOf(hash));
  const first = places.indexOf(-1);
  const next = places.indexOf(-1, first) + places.slice(first).findIndex((place) => place >= 0);
  assert.ok(first > 0 && next > first && next - first < 20, `new packets ${first} to ${next}`);
  const shift = ((places[next] ?? 0) - next) * packet;
  // Output sample i is source sample i on the left of the join, i + shift on the right of it.
  const level = (from: number, to: number, value: (i: number) => number): number => {
    let sum = 0;
    for (let i = from; i < to; i++) sum += value(i) ** 2;
    return Math.sqrt(sum / (to - from));
  };
  const begin = first * packet - priming;
  const end = (next + 1) * packet - priming;
  const left = (i: number): number => (is[i] ?? 0) - (was[i] ?? 0);
  const right = (i: number): number => (is[i] ?? 0) - (was[i + shift] ?? 0);
  // Where the fade is: neither side alone explains the sound.
  let fadeFrom = begin;
  let fadeTo = end;
  const clean = (from: number, off: (i: number) => number): boolean =>
    level(from, from + 64, off) <= Math.max(1e-3, 10 ** (noise / 20) * level(begin, end, (i) => is[i] ?? 0));
  while (fadeFrom < end && clean(fadeFrom, left)) fadeFrom += 64;
  while (fadeTo > begin && clean(fadeTo - 64, right)) fadeTo -= 64;
  assert.ok(fadeTo - fadeFrom <= 0.0155 * rate + 128, `${fadeTo - fadeFrom} samples are neither side`);
  // Far from the window nothing at all may differ, but for noise that decoders make up (−60 dB).
  assert.ok(level(begin - 8 * packet, begin, left) < 1e-3, 'before the window');
  assert.ok(level(end, end + 8 * packet, right) < 1e-3, 'after the window');
  const step = (samples: Float32Array, from: number, to: number): number => {
    let most = 0;
    for (let i = from + 1; i < to; i++) most = Math.max(most, Math.abs((samples[i] ?? 0) - (samples[i - 1] ?? 0)));
    return most;
  };
  const sides = Math.max(step(was, begin, end), step(was, begin + shift, end + shift));
  assert.ok(step(is, begin, end) <= 1.45 * sides + 1e-3, 'a step at the join');
}

/** A mix of a track's channels at its own rate, from its first sample on. */
async function plainSound(file: string): Promise<Float32Array> {
  const options = { maxBuffer: 1 << 28, encoding: 'buffer' } as const;
  const arguments_ = ['-v', 'error', '-i', file, '-map', '0:a:0', '-ac', '1', '-f', 'f32le', '-'];
  const { stdout } = await promisify(execFile)('ffmpeg', arguments_, options);
  return new Float32Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.byteLength));
}

async function firstTime(file: string): Promise<number> {
  const [first = ''] = await probe(file, 'packet=pts_time', '-read_intervals', '%+#1');
  return Number.parseFloat(first);
}

/** A hash of each sound packet's bytes. */
export async function hashes(file: string): Promise<string[]> {
  const lines = await probe(file, 'packet=data_hash', '-show_data_hash', 'md5');
  return lines.flatMap((line) => /MD5:\w+/.exec(line) ?? []);
}

async function probe(file: string, entries: string, ...more: readonly string[]): Promise<string[]> {
  const shown = ['-v', 'error', '-select_streams', 'a:0', ...more, '-show_entries', entries, '-of', 'csv=p=0', file];
  const { stdout } = await promisify(execFile)('ffprobe', shown, { maxBuffer: 1 << 28 });
  return stdout.split('\n').filter((line) => line !== '');
}
