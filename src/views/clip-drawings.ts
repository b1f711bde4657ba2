import { withMargins } from '../media/looking/pause-margins.js';
import { PeakPyramid } from '../media/looking/pyramid.js';
import type { ClipSummary, MediaEngine, Thumbnail } from '../media/media.js';
import { MOST_KEYFRAMES, type PanelPicture } from '../messages.js';
import type { Section } from '../timeline/sections.js';
import type { Microseconds } from '../timeline/timecode.js';

/** Pictures of the whole clip; zoomed in, the clip is divided into this many times a power of two. */
const PICTURES = 64;
const PICTURE_HEIGHT = 88;
/** A day, a picture a second: nobody sees finer ones. */
const MOST_PARTS = 1 << 16;
const MOST_PICTURES = 600;

/**
 * What the timeline draws of one clip: waveform, pictures, pauses. It fills in while it is computed; the timeline works
 * without, so what fails is worth a line in the log only.
 */
export class ClipDrawings {
  readonly duration: Microseconds;
  readonly #media: MediaEngine;
  readonly #path: string;
  readonly #summary: ClipSummary;
  readonly #onChange: () => void;
  readonly #log: (line: string) => void;
  readonly #stop = new AbortController();
  readonly #pictures = new Map<Microseconds, PanelPicture>();
  #sound: PeakPyramid | undefined;
  #pauses: readonly Section[] | undefined;
  #keyframes: readonly Microseconds[] | undefined;
  #searched = 0;

  constructor(media: MediaEngine, summary: ClipSummary, onChange: () => void, log: (line: string) => void) {
    this.#media = media;
    this.#path = summary.path;
    this.#summary = summary;
    this.duration = summary.duration;
    this.#onChange = onChange;
    this.#log = log;
  }

  get sound(): PeakPyramid | undefined {
    return this.#sound;
  }

  /** In the order they were made. */
  get pictures(): Iterable<PanelPicture> {
    return this.#pictures.values();
  }

  /** What goes when the pauses go, without their margins; undefined until they are found. */
  get pauses(): readonly Section[] | undefined {
    return this.#pauses;
  }

  /** Undefined until they are found. */
  get keyframes(): readonly Microseconds[] | undefined {
    return this.#keyframes;
  }

  start(): void {
    if (this.#summary.video) {
      void this.#try(() => this.#makePictures(PICTURES, undefined, this.#stop.signal));
      void this.#try(() => this.#findKeyframes());
    }
    if (this.#summary.audio.length === 0) return;
    void this.#try(async () => {
      const { signal } = this.#stop;
      await this.#media.sound(
        this.#path,
        ({ step, count, offset, peaks }) => {
          this.#sound ??= new PeakPyramid(step, count);
          this.#sound.add(offset, peaks);
          this.#onChange();
        },
        { signal },
      );
    });
    this.findPauses();
  }

  /** By the settings as they are now. It waits for the pass over the sound, which is made once. */
  findPauses(): void {
    if (this.#summary.audio.length === 0) return;
    const search = ++this.#searched;
    void this.#try(async () => {
      const { margin } = this.#media.pauseSettings();
      const found = await this.#media.pauses(this.#path, {}, { signal: this.#stop.signal });
      // The settings have changed again meanwhile.
      if (search !== this.#searched) return;
      this.#pauses = withMargins(found, margin, this.duration);
      this.#onChange();
    });
  }

  /**
   * Makes pictures so that `within` has about as many as `tiles` for the whole clip ask for. The ones there are make do
   * where they are as many.
   */
  async lookCloser(within: Section, tiles: number, signal: AbortSignal): Promise<void> {
    let parts = PICTURES;
    while (parts < tiles && parts < MOST_PARTS) parts *= 2;
    if (parts === PICTURES || !this.#summary.video) return;
    await this.#try(() => this.#makePictures(parts, within, AbortSignal.any([signal, this.#stop.signal])));
  }

  dispose(): void {
    this.#stop.abort();
  }

  async #makePictures(count: number, within: Section | undefined, signal: AbortSignal): Promise<void> {
    const request = { count, height: PICTURE_HEIGHT, ...(within ? { within } : {}) };
    await this.#media.thumbnails(this.#path, request, (picture) => this.#add(picture), { signal });
  }

  async #findKeyframes(): Promise<void> {
    this.#keyframes = await this.#media.keyframes(this.#path, MOST_KEYFRAMES, { signal: this.#stop.signal });
    this.#onChange();
  }

  #add({ time, width, height, jpeg }: Thumbnail): void {
    if (this.#pictures.has(time)) return;
    const data = Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.length).toString('base64');
    this.#pictures.set(time, { time, width, height, dataUri: `data:image/jpeg;base64,${data}` });
    // The first ones are those of the whole clip.
    const [, detail] = [...this.#pictures.keys()].slice(PICTURES - 1, PICTURES + 1);
    if (this.#pictures.size > MOST_PICTURES && detail !== undefined) this.#pictures.delete(detail);
    this.#onChange();
  }

  async #try(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof Error && error.name === 'AbortError') return;
      this.#log(`clip: no drawing (${error instanceof Error ? error.name : ''})`);
    }
  }
}
