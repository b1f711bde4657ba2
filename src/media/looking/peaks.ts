import { readClock } from '../file/clip-clock.js';
import type { Peaks } from '../media.js';
import type { Pace } from '../pace.js';
import { SoundReader } from '../sound/sound-reader.js';
import { identify, openSource } from '../file/source.js';

/**
 * Waveform of the first sound track: the greatest absolute sample of each of `count` equal steps of the clip. All zero
 * for a clip without sound.
 */
export async function measurePeaks(file: string, count: number, pace: Pace): Promise<Peaks> {
  await identify(file);
  using source = await openSource(file);
  const { origin, duration } = await readClock(source, pace);
  const values = new Array<number>(count).fill(0);
  const step = Math.max(1, Math.ceil(duration / count));
  if (source.audio.length === 0) return { step, values };
  using reader = await SoundReader.open(file, 0, origin, pace);
  const perStep = (step / 1e6) * reader.format.sampleRate;
  let position = 0;
  for await (const samples of reader.read(0, Math.ceil((duration / 1e6) * reader.format.sampleRate), false)) {
    const length = samples[0]?.length ?? 0;
    for (let from = 0; from < length;) {
      const bin = Math.min(count - 1, Math.floor((position + from) / perStep));
      const to =
        bin === count - 1 ? length : Math.min(length, Math.max(from + 1, Math.ceil((bin + 1) * perStep) - position));
      let peak = values[bin] ?? 0;
      for (const channel of samples) for (let i = from; i < to; i++) peak = Math.max(peak, Math.abs(channel[i] ?? 0));
      values[bin] = Math.min(1, peak);
      from = to;
    }
    position += length;
  }
  return { step, values };
}
