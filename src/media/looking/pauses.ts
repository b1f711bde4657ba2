import type { Section } from '../../timeline/sections.js';
import type { Microseconds } from '../../timeline/timecode.js';
import { readClock } from '../file/clip-clock.js';
import type { Pace } from '../pace.js';
import { SoundReader } from '../sound/sound-reader.js';
import { identify, openSource } from '../file/source.js';

/**
 * Pauses of the first sound track by level, like FFmpeg's silencedetect: a pause is where every sample of every channel
 * stays under the threshold for at least `minimum`.
 *
 * @param threshold dB of full scale, below 0
 */
export async function findPauses(
  file: string,
  threshold: number,
  minimum: Microseconds,
  pace: Pace,
): Promise<Section[]> {
  await identify(file);
  using source = await openSource(file);
  if (source.audio.length === 0) return [];
  const { origin, duration } = await readClock(source, pace);
  using reader = await SoundReader.open(file, 0, origin, pace);
  const rate = reader.format.sampleRate;
  const level = 10 ** (threshold / 20);
  const pauses: Section[] = [];
  let position = 0;
  let quietSince: number | undefined;
  const end = (at: number): void => {
    if (quietSince === undefined) return;
    const pause = { in: Math.round((quietSince / rate) * 1e6), out: Math.round((at / rate) * 1e6) };
    if (pause.out - pause.in >= minimum) pauses.push(pause);
    quietSince = undefined;
  };
  for await (const samples of reader.read(0, Math.ceil((duration / 1e6) * rate), false)) {
    const count = samples[0]?.length ?? 0;
    for (let i = 0; i < count; i++) {
      let loud = false;
      for (const channel of samples) {
        const value = channel[i] ?? 0;
        if (value >= level || value <= -level) loud = true;
      }
      if (loud) {
        if (quietSince !== undefined) end(position + i);
      } else quietSince ??= position + i;
    }
    position += count;
  }
  end(position);
  return pauses;
}
