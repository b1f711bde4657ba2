import type { PeakStretch, PeakPyramid } from '../media/looking/pyramid.js';
import type { PanelPicture, ToHost, ToPanel } from '../messages.js';
import type { Section } from '../timeline/sections.js';
import type { Microseconds } from '../timeline/timecode.js';

/** Values of the waveform of the whole clip: one to four times as many. */
const WHOLE = 1024;

/** What there is to draw of a clip. */
export interface Drawings {
  readonly duration: Microseconds;
  readonly sound: PeakPyramid | undefined;
  readonly pictures: Iterable<PanelPicture>;
  readonly pauses: readonly Section[] | undefined;
  /** In order. */
  readonly keyframes: readonly Microseconds[] | undefined;
}

/** The part of the clip that the timeline of a page shows. */
export type Look = Extract<ToHost, { type: 'look' }>;

/** Decides what a page has to be sent: what it needs at its zoom, and each thing once. */
export class DrawingSender {
  #drawings: Drawings | undefined;
  #pictures = new Set<PanelPicture>();
  #pauses: readonly Section[] | undefined;
  #keyframes: readonly Microseconds[] | undefined;
  readonly #stretches = { whole: '', near: '' };

  /** The page has nothing. */
  reset(): void {
    this.#drawings = undefined;
  }

  messages(drawings: Drawings, look: Look | undefined): ToPanel[] {
    const messages: ToPanel[] = [];
    const restart = drawings !== this.#drawings;
    if (restart) {
      this.#drawings = drawings;
      this.#pictures = new Set();
      this.#pauses = undefined;
      this.#keyframes = undefined;
      this.#stretches.whole = this.#stretches.near = '';
    }
    const pictures = [...drawings.pictures].filter((picture) => !this.#pictures.has(picture));
    if (pictures.length > 0) {
      for (const picture of pictures) this.#pictures.add(picture);
      messages.push({ type: 'thumbnails', pictures });
    }
    if (drawings.sound) messages.push(...this.#peaks(drawings.sound, drawings.duration, look));
    if (drawings.pauses && drawings.pauses !== this.#pauses) {
      this.#pauses = drawings.pauses;
      messages.push({ type: 'pauses', sections: drawings.pauses.map((pause) => ({ in: pause.in, out: pause.out })) });
    }
    if (drawings.keyframes && drawings.keyframes !== this.#keyframes) {
      this.#keyframes = drawings.keyframes;
      messages.push({ type: 'keyframes', times: [...drawings.keyframes] });
    }
    // What the page still has is of a clip that is no more.
    return restart ? [{ type: 'drawings-gone' }, ...messages] : messages;
  }

  #peaks(sound: PeakPyramid, duration: Microseconds, look: Look | undefined): ToPanel[] {
    const whole = sound.pick({ in: 0, out: duration }, duration / WHOLE);
    const messages = this.#stretch('whole', whole);
    if (look && look.end > look.start) {
      const span = look.end - look.start;
      // Half a view more on each side: a little panning needs no answer from here.
      const near = sound.pick({ in: look.start - span / 2, out: look.end + span / 2 }, span / look.width);
      if (near.step < whole.step) messages.push(...this.#stretch('near', near));
    }
    return messages;
  }

  #stretch(layer: 'whole' | 'near', { step, offset, values }: PeakStretch): ToPanel[] {
    const key = `${step} ${offset} ${values.length}`;
    if (key === this.#stretches[layer]) return [];
    this.#stretches[layer] = key;
    return [{ type: 'peaks', layer, step, offset, values: [...values] }];
  }
}
