import { SEGMENT_LENGTH } from '../src/messages.js';
import type { Microseconds } from '../src/timeline/timecode.js';
import { Pieces, type Segment } from './pieces.js';
import type { Route } from './preview-skip.js';
import type { PictureNow, SoundInStep } from './sound-in-step.js';
import { chunks, extended, firstSpan, heardAt, type Chunk, type Span } from './sound-spans.js';

const LENGTH = SEGMENT_LENGTH.sound;
/** Eight seconds of stereo are 3 MB. */
const ROOM = 12;
/** Seconds that sound is given to the device ahead of time. */
const AHEAD = 2;
/** Seconds the device needs to be told of a sound before it begins. */
const LEAD = 0.02;
/** Seconds in which a sound comes and goes where it is cut, so that nothing clicks. */
const FADE = 0.004;
/** Seconds between picture and sound at which the sound starts anew. Below it, the picture's speed makes up for it. */
const TOO_FAR = 0.033;
/** Neither is worth less than this. */
const NEAR_ENOUGH = 0.006;
/** The position of a video element wavers by some milliseconds, so the middle one of so many looks counts. */
const LOOKS = 9;
/** Fewer do at the start, where the sound was begun on an expectation. */
const FIRST_LOOKS = 4;

/** Screen pictures after which a device that does not tell its position is believed to be where it should. */
const MOST_SETTLING = 60;
/** Milliseconds of rest after which the device is let go: one that is held keeps some machines awake. */
const SLEEP = 10_000;

/** What is playing or about to, from one start to the next. */
interface Voice {
  readonly route: Route;
  readonly speed: number;
  readonly gain: GainNode;
  readonly sources: AudioBufferSourceNode[];
  readonly begun: Set<string>;
  spans: readonly Span[];
}

/** The sound of a clip whose own sound this page cannot play, from pieces that the host makes, in step with the picture. */
export class MadeSound implements SoundInStep {
  readonly pieces: Pieces<AudioBuffer>;
  readonly #duration: Microseconds;
  readonly #closed = new AbortController();
  #context: AudioContext | undefined;
  #volume: GainNode | undefined;
  #level = 1;
  #sampleRate: number | undefined;
  #voice: Voice | undefined;
  #drifts: number[] = [];
  #settling = 0;
  #sleepTimer: ReturnType<typeof setTimeout> | undefined;
  #factor = 1;

  constructor(ask: (index: number) => Promise<void>, duration: Microseconds) {
    this.#duration = duration;
    this.pieces = new Pieces({ track: 'sound', room: ROOM, ask, open: (data) => this.#decode(data) });
    // To open a device takes a tenth of a second, in which nothing moves: better before the picture plays than then.
    const { signal } = this.#closed;
    for (const type of ['pointerdown', 'keydown'])
      window.addEventListener(type, this.#openDevice, { capture: true, signal });
  }

  take(segment: Segment): void {
    this.pieces.take(segment);
  }

  /** @param level 0 to 1 */
  setLevel(level: number): void {
    this.#level = level;
    if (this.#context) this.#volume?.gain.setTargetAtTime(level, this.#context.currentTime, FADE);
  }

  close(): void {
    this.#silence();
    clearTimeout(this.#sleepTimer);
    this.#closed.abort();
    this.pieces.close();
    void this.#context?.close();
    this.#context = undefined;
  }

  rest(time: Microseconds, route: Route): void {
    this.#silence();
    clearTimeout(this.#sleepTimer);
    this.#sleepTimer = setTimeout(() => void this.#context?.suspend(), SLEEP);
    this.#want(time, route);
  }

  follow(picture: PictureNow): number {
    this.#want(Math.max(picture.time, picture.from), picture.route);
    const context = this.#device();
    if (!context) return 1;
    const voice = this.#voice;
    if (voice?.route !== picture.route || voice.speed !== picture.speed) this.#start(context, picture);
    else if (picture.sure) this.#compare(context, voice, picture);
    this.#schedule(context);
    return this.#factor;
  }

  /** With the clip's own rate, when there is something to play: then pieces are not resampled one by one. */
  readonly #openDevice = (): void => {
    const sampleRate = this.#sampleRate;
    if (this.#context || sampleRate === undefined) return;
    this.#context = new AudioContext({ latencyHint: 'interactive', sampleRate });
    this.#volume = new GainNode(this.#context, { gain: this.#level });
    this.#volume.connect(this.#context.destination);
  };

  #device(): AudioContext | undefined {
    this.#openDevice();
    const context = this.#context;
    if (!context) return undefined;
    clearTimeout(this.#sleepTimer);
    if (context.state === 'suspended') {
      this.#settling = 0;
      void context.resume();
    }
    this.#settling += 1;
    // A device that has only begun does not know yet how far it is.
    const settled = told(context) !== undefined || this.#settling > MOST_SETTLING;
    return context.state === 'running' && settled ? context : undefined;
  }

  #want(time: Microseconds, route: Route): void {
    const here = this.pieces.indexAt(time);
    const jump = route(time);
    const behind = jump?.to === undefined ? [] : [this.pieces.indexAt(jump.to)];
    // A jump within this piece or the next comes before the piece after them.
    const soon = jump !== undefined && this.pieces.indexAt(jump.at) <= here + 1;
    const ahead = jump !== undefined && this.pieces.indexAt(jump.at) === here ? [] : [here + 1];
    const wanted = soon ? [here, ...behind, ...ahead] : [here, ...ahead, ...behind];
    this.pieces.want(wanted.filter((index) => index * LENGTH < this.#duration));
  }

  /** Starts anew where the picture is. */
  #start(context: AudioContext, { time, from, speed, route }: PictureNow): void {
    this.#silence();
    const now = audible(context);
    const lead = context.currentTime + LEAD;
    // What is given to the device at `lead` is heard (lead - now) seconds from now.
    const begin = Math.max(from, time + (lead - now) * 1e6 * speed);
    const at = now + (begin - time) / 1e6 / speed;
    const gain = new GainNode(context);
    if (this.#volume) gain.connect(this.#volume);
    const whole = Math.round(at * context.sampleRate) / context.sampleRate;
    const spans = [firstSpan(Math.round(begin), whole, route)];
    this.#voice = { route, speed, gain, sources: [], begun: new Set(), spans };
  }

  #compare(context: AudioContext, voice: Voice, picture: PictureNow): void {
    const moment = audible(context);
    // What was begun a moment ago is still on its way to the ear.
    if (moment < (voice.spans[0]?.at ?? Infinity)) return;
    const heard = heardAt(voice.spans, moment, voice.speed);
    // Around a jump one of the two is already behind it: of seconds that lie between them nothing follows.
    const drift = heard === undefined ? undefined : (heard - picture.time) / 1e6 / voice.speed;
    const jumped = (span: Span): boolean => Math.abs(span.at - moment) < 0.1;
    if (drift !== undefined && Math.abs(drift) > TOO_FAR && voice.spans.slice(1).some(jumped)) return;
    this.#drifts = [...this.#drifts.slice(1 - LOOKS), drift ?? Infinity];
    const { length } = this.#drifts;
    if (length < FIRST_LOOKS) return;
    const middle = this.#drifts.toSorted((a, b) => a - b)[length >> 1] ?? 0;
    if (Math.abs(middle) > TOO_FAR) this.#start(context, picture);
    // Steps of half a percent: each other speed is a small disturbance for the video element.
    else if (Math.abs(middle) > NEAR_ENOUGH)
      this.#factor = 1 + Math.round(Math.max(-0.05, Math.min(0.05, middle * 2)) * 200) / 200;
    else this.#factor = 1;
  }

  #schedule(context: AudioContext): void {
    const voice = this.#voice;
    if (!voice) return;
    const { speed } = voice;
    const until = context.currentTime + AHEAD;
    const over = context.currentTime - 1;
    const spans = extended(voice.spans, voice.route, until, speed);
    voice.spans = spans.filter((_span, n) => (spans[n + 1]?.at ?? Infinity) > over);
    for (const span of voice.spans) {
      for (const chunk of chunks(span, { length: LENGTH, sampleRate: context.sampleRate, speed, until })) {
        this.#play(context, voice, span, chunk);
      }
    }
  }

  #play(context: AudioContext, voice: Voice, span: Span, chunk: Chunk): void {
    const key = `${span.at} ${chunk.piece}`;
    const over = chunk.at + chunk.length / voice.speed;
    if (voice.begun.has(key) || over < context.currentTime) return;
    const buffer = this.pieces.get(chunk.piece);
    if (!buffer) return;
    voice.begun.add(key);
    // A piece that came late begins in its middle.
    const late = Math.max(0, context.currentTime + LEAD / 2 - chunk.at);
    // At another speed the pitch changes, as with a tape. Web Audio has no stretching of its own that keeps it, and
    // sound that is scrubbed through is listened to for where it is, not for how it sounds.
    const source = new AudioBufferSourceNode(context, { buffer, playbackRate: voice.speed });
    const edge = new GainNode(context);
    source.connect(edge).connect(voice.gain);
    const startsSpan = late > 0 || chunk.at === span.at;
    const begin = chunk.at + late;
    if (startsSpan) edge.gain.setValueAtTime(0, begin).linearRampToValueAtTime(1, begin + FADE);
    if (span.to !== undefined && (chunk.piece + 1) * LENGTH >= span.to) {
      edge.gain.setValueAtTime(1, Math.max(begin + FADE, over - FADE)).linearRampToValueAtTime(0, over);
    }
    source.start(begin, chunk.offset + late * voice.speed, chunk.length - late * voice.speed);
    voice.sources.push(source);
    source.addEventListener('ended', () => voice.sources.splice(voice.sources.indexOf(source), 1));
  }

  /** Decodes at the rate of the piece itself. */
  #decode(data: Uint8Array<ArrayBuffer>): Promise<AudioBuffer> {
    this.#sampleRate ??= flacRate(data) ?? 48_000;
    return new OfflineAudioContext(1, 1, this.#sampleRate).decodeAudioData(data.buffer);
  }

  #silence(): void {
    const voice = this.#voice;
    this.#voice = undefined;
    this.#drifts = [];
    this.#factor = 1;
    if (!voice || !this.#context) return;
    const now = this.#context.currentTime;
    voice.gain.gain.setValueAtTime(1, now).linearRampToValueAtTime(0, now + FADE);
    for (const source of voice.sources) source.stop(now + FADE);
  }
}

/** Moment of the device's clock that is heard now. */
function audible(context: AudioContext): number {
  return told(context) ?? context.currentTime - context.outputLatency;
}

/** The same, as the device itself tells; undefined when it has told nothing yet, or nothing since it slept. */
function told(context: AudioContext): number | undefined {
  const { contextTime = 0, performanceTime = 0 } = context.getOutputTimestamp();
  const moment = contextTime + (performance.now() - performanceTime) / 1000;
  const behind = context.currentTime - moment;
  return contextTime > 0 && behind > -0.05 && behind < 1 ? moment : undefined;
}

/** Sample rate in the STREAMINFO of a FLAC file, RFC 9639 8.2; undefined when a context cannot have it. */
function flacRate(data: Uint8Array): number | undefined {
  const [a = 0, b = 0, c = 0] = data.subarray(18, 21);
  const rate = (a << 12) | (b << 4) | (c >> 4);
  return rate >= 8000 && rate <= 192_000 ? rate : undefined;
}
