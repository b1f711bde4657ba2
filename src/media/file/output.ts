import type { CodecContext, CodecParameters, FormatContext, Packet, Stream } from 'node-av/lib';

import type { OutputContainer } from './containers.js';
import { check, native, NativeError } from '../native.js';
import { OutputFile, writeError } from './output-file.js';
import type { TimeBase } from './source.js';

/** A packet on its way into the result. Who takes it frees it. */
export interface TrackPacket {
  readonly packet: Packet;
  /** Decode time in the result, which decides the order of the tracks' packets in the file. */
  readonly seconds: number;
}

export interface TrackSettings {
  readonly timeBase: TimeBase;
  readonly language: string | undefined;
  readonly disposition: Stream['disposition'];
  /** Names and other words about the track; the language apart. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** The file being written. It is created new, never over another, and removed unless {@link keep} is called. */
export class Output implements AsyncDisposable {
  readonly #path: string;
  readonly #format: FormatContext;
  readonly #tracks: { stream: Stream; timeBase: TimeBase; language: string | undefined }[] = [];
  readonly #file: OutputFile;
  readonly #finishing: ((file: string) => Promise<void>)[] = [];
  #closed = false;

  private constructor(file: string, created: OutputFile, format: FormatContext) {
    this.#path = file;
    this.#file = created;
    this.#format = format;
  }

  /**
   * @param onCreated called as soon as the file exists and is ours to remove
   * @throws MediaError `exists`, `not-writable`, `no-space`
   */
  static async create(file: string, container: OutputContainer, onCreated: () => void): Promise<Output> {
    const { av } = native();
    const created = await OutputFile.create(file, onCreated);
    const format = new av.FormatContext();
    const output = new Output(file, created, format);
    try {
      check(format.allocOutputContext2(null, container.muxer, `file:${file}`), 'open output');
      check(await format.openOutput(), 'open output');
    } catch (error) {
      await output[Symbol.asyncDispose]();
      throw writeError(error, file);
    }
    return output;
  }

  /** Adds a track whose packets come from an encoder. @returns the number of the track */
  addEncoded(context: CodecContext, settings: TrackSettings, adjust?: (parameters: CodecParameters) => void): number {
    return this.#add(settings, (parameters) => {
      check(parameters.fromContext(context), 'describe track');
      adjust?.(parameters);
    });
  }

  /** Adds a track that is described by changing a copy of the source's parameters. */
  addCopied(source: CodecParameters, settings: TrackSettings, adjust: (parameters: CodecParameters) => void): number {
    return this.#add(settings, (parameters) => {
      check(source.copy(parameters), 'describe track');
      adjust(parameters);
    });
  }

  /** Adds a track that is described from scratch. */
  addDescribed(settings: TrackSettings, describe: (parameters: CodecParameters) => void): number {
    return this.#add(settings, describe);
  }

  stream(track: number): Stream {
    return this.#track(track).stream;
  }

  /** Of each track in turn. */
  get languages(): readonly (string | undefined)[] {
    return this.#tracks.map(({ language }) => language);
  }

  set metadata(values: Readonly<Record<string, string>>) {
    this.#format.metadata = native().av.Dictionary.fromObject(values);
  }

  /** Writes the header. @param options of FFmpeg's muxer */
  begin(options: Readonly<Record<string, string>>): void {
    const dictionary = native().av.Dictionary.fromObject(options);
    try {
      check(this.#format.writeHeaderSync(dictionary), 'write header');
    } catch (error) {
      throw writeError(error, this.#path);
    } finally {
      dictionary.free();
    }
  }

  /** Writes one packet, with times in the track's own time base, and frees it. */
  write(track: number, packet: Packet): void {
    const { stream, timeBase } = this.#track(track);
    packet.streamIndex = stream.index;
    packet.rescaleTs(timeBase, stream.timeBase);
    packet.pos = -1n;
    const result = this.#format.interleavedWriteFrameSync(packet);
    packet.free();
    if (result < 0) throw writeError(new NativeError(result, 'write'), this.#path);
  }

  /** Has the closed file completed with what FFmpeg's muxer cannot write. */
  finishWith(finish: (file: string) => Promise<void>): void {
    this.#finishing.push(finish);
  }

  /** Completes and closes the file. It is still removed unless {@link keep} follows. */
  async close(): Promise<void> {
    try {
      check(await this.#format.writeTrailer(), 'write trailer');
      const failed = this.#format.pb?.error ?? 0;
      if (failed < 0) throw new NativeError(failed, 'write');
      this.#closed = true;
      await this.#format.closeOutput();
      this.#format.freeContext();
      for (const finish of this.#finishing) await finish(this.#path);
    } catch (error) {
      throw writeError(error, this.#path);
    }
  }

  /** The file is good: it stays. */
  keep(): void {
    this.#file.keep();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      await this.#format.closeOutput().catch(() => undefined);
      this.#format.freeContext();
    }
    await this.#file[Symbol.asyncDispose]();
  }

  #add(settings: TrackSettings, describe: (parameters: CodecParameters) => void): number {
    const { av } = native();
    const stream = this.#format.newStream(null);
    describe(stream.codecpar);
    stream.timeBase = new av.Rational(settings.timeBase.num, settings.timeBase.den);
    stream.disposition = settings.disposition;
    const tags = { ...settings.tags, ...(settings.language !== undefined && { language: settings.language }) };
    if (Object.keys(tags).length > 0) stream.metadata = av.Dictionary.fromObject(tags);
    this.#tracks.push({ stream, timeBase: settings.timeBase, language: settings.language });
    return this.#tracks.length - 1;
  }

  #track(track: number): { stream: Stream; timeBase: TimeBase } {
    const found = this.#tracks[track];
    if (!found) throw new RangeError(`no track ${track}`);
    return found;
  }
}
