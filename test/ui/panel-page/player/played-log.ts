// What a page shows and sounds, frame by frame and sample by sample, told by the browser itself.
import type { Frame, Page } from 'playwright-core';

/** A frame that was in front of the other picture. Times in seconds of the clip and milliseconds of the page's clock. */
export interface ShownFrame {
  readonly time: number;
  readonly at: number;
  /** Which of the two video elements; another one than before is a jump. */
  readonly element: number;
}

/** When the sound began after it had been quiet, on the page's clock. */
export interface PlayedLog {
  readonly frames: ShownFrame[];
  /** Moments at which the other element came to the front. */
  readonly swaps: { readonly at: number; readonly element: number }[];
  readonly onsets: number[];
}

/** To be called before the page is opened: taps every sound that goes to the device. */
export async function tapSound(page: Page): Promise<void> {
  await page.addInitScript({ content: 'globalThis.__name = (thing) => thing;' });
  await page.addInitScript(() => {
    const taps: AnalyserNode[] = [];
    const onsets: number[] = [];
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its node below
    const connect = AudioNode.prototype.connect as (this: AudioNode, to: AudioNode) => AudioNode;
    function tapped(this: AudioNode, to: AudioNode): AudioNode {
      if (to instanceof AudioDestinationNode) {
        const analyser = new AnalyserNode(to.context, { fftSize: 32_768 });
        connect.call(this, analyser);
        taps.push(analyser);
        listen(analyser, to.context as AudioContext);
      }
      return connect.call(this, to);
    }
    function listen(analyser: AnalyserNode, context: AudioContext): void {
      const samples = new Float32Array(analyser.fftSize);
      let heardUntil = 0;
      let quiet = Infinity;
      const look = (): void => {
        requestAnimationFrame(look);
        const end = context.currentTime;
        analyser.getFloatTimeDomainData(samples);
        const fresh = Math.min(samples.length, Math.round((end - heardUntil) * context.sampleRate));
        const { contextTime = 0, performanceTime = 0 } = context.getOutputTimestamp();
        for (let n = samples.length - fresh; n < samples.length; n += 1) {
          if (Math.abs(samples[n] ?? 0) <= 0.2) quiet += 1;
          else {
            const moment = end - (samples.length - n) / context.sampleRate;
            if (quiet > context.sampleRate / 25) onsets.push(performanceTime + (moment - contextTime) * 1000);
            quiet = 0;
          }
        }
        heardUntil = end;
      };
      look();
    }
    AudioNode.prototype.connect = tapped as typeof AudioNode.prototype.connect;
    Object.assign(window, { soundOnsets: onsets });
  });
}

/** Begins to note what the player of an opened page shows. */
export async function watchPictures(page: Page | Frame): Promise<void> {
  await page.evaluate(() => {
    const player = document.querySelector('trimmer-panel')?.shadowRoot?.querySelector('trimmer-player');
    const videos = [...(player?.shadowRoot?.querySelectorAll('video') ?? [])];
    const frames: ShownFrame[] = [];
    const swaps: { at: number; element: number }[] = [];
    for (const [element, video] of videos.entries()) {
      const note = (_now: number, frame: VideoFrameCallbackMetadata): void => {
        frames.push({ time: frame.mediaTime, at: frame.expectedDisplayTime, element });
        video.requestVideoFrameCallback(note);
      };
      video.requestVideoFrameCallback(note);
      const turned = new MutationObserver(() => {
        if (video.hasAttribute('data-front')) swaps.push({ at: Number(document.timeline.currentTime), element });
      });
      turned.observe(video, { attributeFilter: ['data-front'] });
    }
    Object.assign(window, { shownFrames: frames, shownSwaps: swaps });
  });
}

export async function playedLog(page: Page | Frame): Promise<PlayedLog> {
  return page.evaluate(() => {
    const { shownFrames, shownSwaps, soundOnsets } = window as unknown as {
      shownFrames: ShownFrame[];
      shownSwaps: PlayedLog['swaps'];
      soundOnsets?: number[];
    };
    return { frames: shownFrames, swaps: shownSwaps, onsets: soundOnsets ?? [] };
  });
}

/** A jump as it was seen. */
export interface SeenJump {
  /** Of the clip, seconds: the last frame before and the first after. */
  readonly from: number;
  readonly to: number;
  /** Milliseconds between the appearance of the last frame before and of the first after. */
  readonly gap: number;
  /** Milliseconds between the appearance of the first frame after and of the next one. */
  readonly onward: number;
}

/** A change of the page is seen one picture of the screen later. */
const SCREEN = 1000 / 60;

/** What was in front, in order, and how the jumps between the two elements looked. */
export function seen({ frames, swaps }: PlayedLog): { shown: ShownFrame[]; jumps: SeenJump[] } {
  const turns = swaps.map(({ at, element }) => ({ at: at + SCREEN, element }));
  const frontAt = (at: number): number => turns.findLast((turn) => turn.at <= at + 1)?.element ?? 0;
  const shown = frames.filter((frame) => frontAt(frame.at) === frame.element);
  const jumps = turns.map(({ at, element }) => {
    const before = shown.filter((frame) => frame.element !== element && frame.at <= at).at(-1);
    const waiting = frames.filter((frame) => frame.element === element && frame.at <= at + 1).at(-1);
    const next = frames.find((frame) => frame.element === element && frame.at > at + 1);
    return {
      from: before?.time ?? NaN,
      to: waiting?.time ?? NaN,
      gap: at - (before?.at ?? NaN),
      onward: (next?.at ?? NaN) - at,
    };
  });
  return { shown, jumps };
}

/** Milliseconds between each beep of a clip that flashes and beeps every second, and its flash, as they came out. */
export function soundOffsets(log: PlayedLog): number[] {
  const { shown } = seen(log);
  return log.onsets.map((onset) => {
    // The frame that was seen then, and how far from its appearance the second is.
    const near = shown.reduce((a, b) => (Math.abs(b.at - onset) < Math.abs(a.at - onset) ? b : a));
    const next = shown.find(({ at, element }) => at > near.at && element === near.element);
    const rate = next ? ((next.time - near.time) * 1000) / (next.at - near.at) : 1;
    const second = Math.round(near.time + ((onset - near.at) / 1000) * rate);
    return onset - (near.at + ((second - near.time) * 1000) / rate);
  });
}
