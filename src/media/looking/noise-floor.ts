import type { Microseconds } from '../../timeline/timecode.js';
import { levelByte } from './sound-levels.js';

/**
 * Below this nothing is heard: fades to nothing, dither, tracks that are switched off. It says nothing about the noise
 * of the place, and it always is a pause. Decibels of full scale.
 */
const NOTHING = -80;
/** Pauses as short as this show the noise of the place. */
const BLOCK: Microseconds = 300_000;
/** Speech is well above the noise of its place; sound that varies less is all noise or all music. */
const LEAST_CONTRAST = 12;
/** A floor louder than this is no noise between words but quiet music or a crowd. */
const LOUDEST_FLOOR = -34;
/** The threshold lies this part of the way from the floor up to the speech: breaths are under it, words are not. */
const SHARE = 0.4;
const BOUNDS = { least: -60, most: -28 };
const LEAST_BLOCKS = 2;
const ROUNDS = 20;

/**
 * The level under which this sound is a pause, from its own noise floor.
 *
 * The sound is cut into blocks of 0.3 s, each as loud as its loud moments: a block of speech is loud whatever gaps it
 * has, and so is a block of a fade. The blocks fall into a quiet and a loud group, parted where each block is nearer to
 * the middle of its own group: that of the quiet ones is the noise of the place, that of the loud ones the speech, and
 * the threshold lies between. A second of quiet in an hour is enough for a group, and a dropout among many pauses does not move it. Where
 * the two are close to each other there is no pause but silence itself: a hum all through, music, a tone.
 *
 * @param levels as `SoundLevels` has them, one for each `step`
 * @returns decibels of full scale, or undefined for sound that is nothing but silence
 */
export function pauseThreshold(levels: Uint8Array, step: Microseconds): number | undefined {
  const blocks = blockLevels(levels, step);
  const loudest = blocks.findIndex((count) => count > 0);
  if (loudest < 0) return undefined;
  const lowest = quietest(blocks);
  // Begun near the speech, many pauses outweigh a dropout; begun in the middle, few ones are told from soft speech.
  const begins = [(mean(blocks) ?? 0) - LEAST_CONTRAST, (loudest / -2 + lowest) / 2];
  const groups = begins.map((begin) => partedFrom(blocks, begin)).find(isSpeechInNoise);
  if (!groups) return Math.min(BOUNDS.least, lowest - 6);
  const { floor, speech } = groups;
  const between = floor + Math.max(6, SHARE * (speech - floor));
  return Math.min(BOUNDS.most, Math.max(BOUNDS.least, between));
}

function isSpeechInNoise(groups: Groups | undefined): boolean {
  return groups !== undefined && groups.speech - groups.floor >= LEAST_CONTRAST && groups.floor <= LOUDEST_FLOOR;
}

/** How many blocks have each level, in half decibels under full scale; blocks of silence are left out. */
function blockLevels(levels: Uint8Array, step: Microseconds): Uint32Array {
  const length = Math.max(1, Math.min(levels.length, Math.round(BLOCK / step)));
  const hop = Math.max(1, Math.floor(length / 2));
  // A click or two in a quiet block do not make it loud.
  const rank = Math.floor(length / 10);
  const found = new Uint32Array(256);
  const block = new Uint8Array(length);
  const silent = levelByte(NOTHING);
  for (let from = 0; from + length <= levels.length; from += hop) {
    block.set(levels.subarray(from, from + length));
    block.sort();
    const level = block[rank] as number;
    if (level < silent) found[level] = (found[level] as number) + 1;
  }
  return found;
}

interface Groups {
  /** Median level of the quiet blocks, in decibels. */
  readonly floor: number;
  /** Mean level of the loud blocks. */
  readonly speech: number;
}

/** Parts the blocks in two groups, each block nearer to the middle of its own, beginning at a level. */
function partedFrom(blocks: Uint32Array, begin: number): Groups | undefined {
  let parting = begin;
  for (let round = 0; ; round++) {
    const quiet = blocks.map((count, level) => (level / -2 < parting ? count : 0));
    const loud = blocks.map((count, level) => (level / -2 < parting ? 0 : count));
    const floor = median(quiet);
    const speech = mean(loud);
    if (floor === undefined || speech === undefined) return undefined;
    const next = (speech + floor) / 2;
    if (round === ROUNDS || Math.abs(next - parting) < 0.25) return { floor, speech };
    parting = next;
  }
}

function mean(blocks: Uint32Array): number | undefined {
  const count = blocks.reduce((sum, found) => sum + found, 0);
  return count === 0 ? undefined : blocks.reduce((sum, found, level) => sum + found * level, 0) / count / -2;
}

function median(blocks: Uint32Array): number | undefined {
  const count = blocks.reduce((sum, found) => sum + found, 0);
  let seen = 0;
  const level = blocks.findIndex((found) => (seen += found) > 0 && seen * 2 >= count);
  return count < LEAST_BLOCKS || level < 0 ? undefined : level / -2;
}

/** The level of the quietest blocks, a single one not counted. */
function quietest(blocks: Uint32Array): number {
  let seen = 0;
  for (let level = blocks.length - 1; level >= 0; level--) {
    seen += blocks[level] as number;
    if (seen >= LEAST_BLOCKS) return level / -2;
  }
  return blocks.findIndex((count) => count > 0) / -2;
}
