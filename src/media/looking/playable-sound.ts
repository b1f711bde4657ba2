import * as l10n from '@vscode/l10n';
import type { SoftwareResampleContext } from 'node-av/lib';

import { openSource } from '../file/source.js';
import { MediaError } from '../media.js';
import { check, native } from '../native.js';
import type { Pace } from '../pace.js';
import { SoundReader, type Samples } from '../sound/sound-reader.js';
import { flacFile } from './flac.js';
import type { PieceReader } from './playable.js';

/** Always the same, so that whoever plays the pieces need not change the rate of each, which would tell at its ends. */
const RATE = 48_000;
/** What the filter of a change of rate needs before its first good sample; a whole number of samples at usual rates. */
const WARM_SECONDS = 0.08;

/** The first sound track in pieces of FLAC: 16 bits, 48 kHz, mono or stereo. */
export class SoundPieces implements PieceReader {
  readonly #reader: SoundReader;
  readonly #setPace: (pace: Pace) => void;
  readonly #channels: number;
  #run: SoundRun | undefined;
  #position: number | undefined;

  private constructor(reader: SoundReader, setPace: (pace: Pace) => void) {
    this.#reader = reader;
    this.#setPace = setPace;
    this.#channels = Math.min(2, reader.format.channels);
  }

  /** @throws MediaError */
  static async open(file: string, origin: number): Promise<SoundPieces> {
    {
      using source = await openSource(file);
      if (source.audio.length === 0) throw new MediaError('unsupported', l10n.t('This clip has no sound.'));
    }
    // The reader outlives the request that it was opened for.
    let current: Pace = () => Promise.resolve();
    const reader = await SoundReader.open(file, 0, origin, () => current());
    try {
      await reader.alignToStart();
    } catch (error) {
      reader[Symbol.dispose]();
      throw error;
    }
    return new SoundPieces(reader, (pace) => (current = pace));
  }

  get position(): number | undefined {
    return this.#position;
  }

  async make(start: number, end: number, pace: Pace): Promise<{ mime: string; data: Uint8Array }> {
    this.#setPace(pace);
    const from = Math.round((start * RATE) / 1e6);
    const count = Math.round((end * RATE) / 1e6) - from;
    if (this.#position !== start) {
      this.#run?.[Symbol.dispose]();
      this.#run = new SoundRun(this.#reader, this.#channels, from);
    }
    const samples = await this.#run?.take(count);
    this.#position = end;
    const data = flacFile(samples ?? Buffer.alloc(0), RATE, this.#channels);
    return { mime: 'audio/flac', data };
  }

  [Symbol.dispose](): void {
    this.#run?.[Symbol.dispose]();
    this.#reader[Symbol.dispose]();
  }
}

/** Sound from one place on without end, as the pieces have it: 16 bits, interleaved. */
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

  constructor(reader: SoundReader, channels: number, from: number) {
    const { av, c } = native();
    const { sampleRate } = reader.format;
    this.#ratio = RATE / sampleRate;
    this.#frameBytes = 2 * channels;
    const warm = sampleRate === RATE ? 0 : Math.min(from, WARM_SECONDS * RATE);
    this.#surplus = warm * this.#frameBytes;
    this.#resampler = new av.SoftwareResampleContext();
    const layout = av.avChannelLayoutDefault(channels);
    check(
      this.#resampler.allocSetOpts2(layout, c.AV_SAMPLE_FMT_S16, RATE, reader.layout, c.AV_SAMPLE_FMT_FLTP, sampleRate),
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
