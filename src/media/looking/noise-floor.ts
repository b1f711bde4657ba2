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
const LEAST_CONTRAST = 10;
/** A floor louder than this is no noise between words but quiet music or a crowd. */
const LOUDEST_FLOOR = -34;
/** The threshold lies this part of the way from the floor up to the speech: breaths are under it, words are not. */
const SHARE = 0.4;
const BOUNDS = { least: -60, most: -28 };
/** Parts of all blocks that may be quieter than the floor, or louder than the speech, without counting. */
const QUIETEST = 0.003;
const LOUDEST = 0.02;

/**
 * The level under which this sound is a pause, from its own noise floor.
 *
 * The sound is cut into blocks of 0.3 s, each as loud as its loud moments: a block of speech is loud whatever gaps it
 * has, and so is a block of a fade. The quietest blocks are the noise of the place, the loudest the speech, and the
 * threshold lies between. Where they are close to each other there is no pause but silence itself: a hum all through,
 * music, a tone.
 *
 * @param levels as `SoundLevels` has them, one for each `step`
 * @returns decibels of full scale, or undefined for sound that is nothing but silence
 */
export function pauseThreshold(levels: Uint8Array, step: Microseconds): number | undefined {
  const blocks = blockLevels(levels, step);
  const count = blocks.reduce((sum, blocksOfLevel) => sum + blocksOfLevel, 0);
  if (count === 0) return undefined;
  const loud = quantile(blocks, Math.max(1, Math.floor(count * LOUDEST)), 'loudest');
  const floor = quantile(blocks, Math.max(1, Math.floor(count * QUIETEST)), 'quietest');
  if (loud - floor < LEAST_CONTRAST || floor > LOUDEST_FLOOR) return Math.min(BOUNDS.least, floor - 6);
  const between = floor + Math.max(6, SHARE * (loud - floor));
  return Math.min(BOUNDS.most, Math.max(BOUNDS.least, between));
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

/** The level, in decibels, that the given number of blocks are beyond. */
function quantile(blocks: Uint32Array, beyond: number, side: 'loudest' | 'quietest'): number {
  let seen = 0;
  for (let n = 0; n < blocks.length; n++) {
    const level = side === 'loudest' ? n : blocks.length - 1 - n;
    seen += blocks[level] as number;
    if (seen > beyond) return level / -2;
  }
  // Fewer blocks than may be left out: the extreme one.
  const first = side === 'loudest' ? blocks.findIndex((n) => n > 0) : blocks.findLastIndex((n) => n > 0);
  return first / -2;
}
