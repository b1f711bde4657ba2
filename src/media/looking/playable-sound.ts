import type { SoftwareResampleContext } from 'node-av/lib';

import { openSource } from '../file/source.js';
import { MediaError } from '../media.js';
import { check, native } from '../native.js';
import type { Pace } from '../pace.js';
import { SoundReader, type Samples } from '../sound/sound-reader.js';
import { flacFile } from './flac.js';
import type { PieceReader } from './playable.js';

/** Browsers decode FLAC of more, but then only some of them. */
const HIGHEST_RATE = 48_000;
/** What the filter of a change of rate needs before its first good sample. */
const WARM_SECONDS = 0.05;

/** The first sound track in pieces of FLAC: 16 bits, mono or stereo. */
export class SoundPieces implements PieceReader {
  readonly #reader: SoundReader;
  readonly #setPace: (pace: Pace) => void;
  readonly #rate: number;
  readonly #channels: number;
  #run: SoundRun | undefined;
  #position: number | undefined;

  private constructor(reader: SoundReader, setPace: (pace: Pace) => void) {
    this.#reader = reader;
    this.#setPace = setPace;
    const { sampleRate, channels } = reader.format;
    this.#rate = sampleRate;
    while (this.#rate > HIGHEST_RATE) this.#rate = this.#rate % 2 === 0 ? this.#rate / 2 : HIGHEST_RATE;
    this.#channels = Math.min(2, channels);
  }

  /** @throws MediaError */
  static async open(file: string, origin: number): Promise<SoundPieces> {
    {
      using source = await openSource(file);
      if (source.audio.length === 0) throw new MediaError('unsupported', 'This clip has no sound.');
    }
    // The reader outlives the request that it was opened for.
    let current: Pace = () => Promise.resolve();
    const reader = await SoundReader.open(file, 0, origin, () => current());
    return new SoundPieces(reader, (pace) => (current = pace));
  }

  get position(): number | undefined {
    return this.#position;
  }

  async make(start: number, end: number, pace: Pace): Promise<{ mime: string; data: Uint8Array }> {
    this.#setPace(pace);
    const from = Math.round((start * this.#rate) / 1e6);
    const count = Math.round((end * this.#rate) / 1e6) - from;
    if (this.#position !== start) {
      this.#run?.[Symbol.dispose]();
      this.#run = new SoundRun(this.#reader, this.#rate, this.#channels, from);
    }
    const samples = await this.#run?.take(count);
    this.#position = end;
    const data = flacFile(samples ?? Buffer.alloc(0), this.#rate, this.#channels);
    return { mime: 'audio/flac', data };
  }

  [Symbol.dispose](): void {
    this.#run?.[Symbol.dispose]();
    this.#reader[Symbol.dispose]();
  }
}

/** Sound from one place on without end, at the rate and with the channels of the pieces: 16 bits, interleaved. */
class SoundRun implements Disposable {
  readonly #resampler: SoftwareResampleContext;
  readonly #source: AsyncGenerator<Samples>;
  readonly #ratio: number;
  readonly #frameBytes: number;
  /** Made and not yet taken. */
  #made: Buffer[] = [];
  #bytes = 0;
  /** Bytes from before the place. */
  #surplus: number;

  constructor(reader: SoundReader, rate: number, channels: number, from: number) {
    const { av, c } = native();
    const { sampleRate } = reader.format;
    this.#ratio = rate / sampleRate;
    this.#frameBytes = 2 * channels;
    const warm = rate === sampleRate ? 0 : Math.min(from, Math.round(WARM_SECONDS * rate));
    this.#surplus = warm * this.#frameBytes;
    this.#resampler = new av.SoftwareResampleContext();
    const layout = av.avChannelLayoutDefault(channels);
    check(
      this.#resampler.allocSetOpts2(layout, c.AV_SAMPLE_FMT_S16, rate, reader.layout, c.AV_SAMPLE_FMT_FLTP, sampleRate),
      'convert sound',
    );
    check(this.#resampler.init(), 'convert sound');
    this.#source = reader.read(Math.round((from - warm) / this.#ratio), Number.POSITIVE_INFINITY, true);
  }

  /** The next `count` samples of each channel. */
  async take(count: number): Promise<Buffer> {
    const wanted = count * this.#frameBytes;
    while (this.#bytes < wanted) {
      const next = await this.#source.next();
      if (next.done) throw new Error('the sound ended');
      this.#convert(next.value);
    }
    const all = Buffer.concat(this.#made);
    this.#made = [all.subarray(wanted)];
    this.#bytes = all.length - wanted;
    return all.subarray(0, wanted);
  }

  [Symbol.dispose](): void {
    this.#resampler.free();
  }

  #convert(samples: Samples): void {
    const count = samples[0]?.length ?? 0;
    if (count === 0) return;
    const room = Math.ceil(count * this.#ratio) + 256;
    const out = Buffer.alloc(room * this.#frameBytes);
    const planes = samples.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength));
    const made = check(this.#resampler.convertSync([out], room, planes, count), 'convert sound') * this.#frameBytes;
    const skipped = Math.min(made, this.#surplus);
    this.#surplus -= skipped;
    this.#made.push(out.subarray(skipped, made));
    this.#bytes += made - skipped;
  }
}
