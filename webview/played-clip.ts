import * as l10n from '@vscode/l10n';
import type { PanelClip } from '../src/messages.js';
import { decodesNoSound } from './decoded-sound.js';
import { MadePicture } from './made-picture.js';
import { MadeSound } from './made-sound.js';
import type { MadeTrack, Segment } from './pieces.js';
import { PicturePair, type PictureSource } from './picture-pair.js';
import { canPlay } from './playable-codecs.js';
import type { Playback } from './playback.js';

/** Milliseconds after which the player says that it waits. */
const PATIENCE = 300;
/** Milliseconds in which a page that can play a sound has decoded the first of it. */
const FIRST_SOUND = 400;

export interface PlayedClipPorts {
  readonly playback: Playback;
  /** Asks the host for a piece of a track. Rejects with a sentence for the person. */
  readonly ask: (track: MadeTrack, index: number) => Promise<void>;
  /** Something here looks different now. */
  readonly changed: () => void;
}

/** A clip as it is played: from its own file where the page can, else from pieces that the host makes. */
export class PlayedClip {
  readonly #videos: readonly [HTMLVideoElement, HTMLVideoElement];
  readonly #ports: PlayedClipPorts;
  readonly #stop = new AbortController();
  #clip: PanelClip | undefined;
  #pair: PicturePair | undefined;
  #picture: MadePicture | undefined;
  #sound: MadeSound | undefined;
  #failed = false;
  #lackTimer: ReturnType<typeof setTimeout> | undefined;
  #soundTimer: ReturnType<typeof setTimeout> | undefined;
  #waiting: MadeTrack | undefined;
  /** The sentence of the problem that is shown. */
  #told: string | undefined;

  constructor(videos: readonly [HTMLVideoElement, HTMLVideoElement], ports: PlayedClipPorts) {
    this.#videos = videos;
    this.#ports = ports;
    const { signal } = this.#stop;
    const { playback } = ports;
    playback.addEventListener('status', () => this.#setLevel(), { signal });
    for (const video of videos) {
      const on = (types: readonly string[], run: () => void): void => {
        for (const type of types) video.addEventListener(type, run, { signal });
      };
      on(['loadedmetadata'], () => this.#loaded(video));
      on(['pause', 'ended'], () => playback.pictureStopped(video));
      on(['error'], () => this.#broken(video));
      on(['canplay', 'timeupdate'], () => this.#judgeSound());
      on(['seeking', 'seeked', 'waiting', 'playing', 'canplay', 'timeupdate'], () => this.#lookForLack());
    }
  }

  /** Another picture than the clip's own is shown. */
  get pictureIsMade(): boolean {
    return this.#picture !== undefined;
  }

  get soundIsMade(): boolean {
    return this.#sound !== undefined;
  }

  /** What is waited for so long that the person should know. */
  get waiting(): MadeTrack | undefined {
    return this.#waiting;
  }

  /** Why there is no picture, or no sound, as a sentence for the person. */
  get problem(): { readonly track: MadeTrack; readonly sentence: string } | undefined {
    if (this.#failed) {
      return {
        track: 'picture',
        sentence: l10n.t('The picture of this clip cannot be shown. You can still cut it: type the in and out points.'),
      };
    }
    const picture = this.#picture?.pieces.problem;
    if (picture !== undefined) return { track: 'picture', sentence: picture };
    const sound = this.#sound?.pieces.problem;
    return sound === undefined ? undefined : { track: 'sound', sentence: sound };
  }

  /** Takes the clip as the host describes it now. */
  open(clip: PanelClip): void {
    const before = this.#clip;
    this.#clip = clip;
    const anew = clip.mediaUri !== before?.mediaUri || clip.name !== before?.name;
    if (anew) this.#openAnew(clip);
    const known = anew || clip.duration !== before.duration;
    if (known || clip.pictureCodec !== before.pictureCodec) this.#judgePicture();
    if (known || clip.soundCodec !== before.soundCodec) this.#judgeSound();
  }

  take(segment: Segment): void {
    if (segment.track === 'picture') this.#picture?.take(segment);
    else this.#sound?.take(segment);
  }

  retry(): void {
    this.#picture?.pieces.retry();
    this.#sound?.pieces.retry();
    this.#lookForLack();
  }

  close(): void {
    this.#stop.abort();
    clearTimeout(this.#lackTimer);
    this.#drop();
  }

  #openAnew({ mediaUri }: PanelClip): void {
    this.#drop();
    this.#failed = false;
    if (mediaUri === undefined) return;
    this.#show((video) => {
      video.src = mediaUri;
      return () => {
        video.removeAttribute('src');
        video.load();
      };
    });
  }

  #drop(): void {
    clearTimeout(this.#soundTimer);
    this.#soundTimer = undefined;
    this.#ports.playback.useSound(undefined);
    this.#ports.playback.attach(undefined);
    this.#pair?.dispose();
    this.#picture?.close();
    this.#sound?.close();
    this.#pair = this.#picture = this.#sound = undefined;
  }

  #show(source: PictureSource): void {
    this.#pair?.dispose();
    this.#pair = new PicturePair(this.#videos[0], this.#videos[1], source);
    this.#setLevel();
    this.#ports.playback.attach(this.#pair);
  }

  #loaded(video: HTMLVideoElement): void {
    this.#ports.playback.videoLoaded(video);
    // Of a file whose picture it does not know, a page plays the sound alone.
    if (video.videoWidth === 0 && this.#clip?.width !== undefined) this.#makePicture();
  }

  #broken(video: HTMLVideoElement): void {
    if (!video.error || !this.#pair) return;
    if (!this.#picture) {
      this.#makePicture();
      return;
    }
    this.#failed = true;
    this.#drop();
    this.#ports.changed();
  }

  #judgePicture(): void {
    const { pictureCodec } = this.#clip ?? {};
    const shown = (this.#pair?.front.videoWidth ?? 0) > 0;
    const broken = this.#pair?.front.error !== null && this.#pair?.front.error !== undefined;
    if (broken || (!shown && pictureCodec !== undefined && canPlay(pictureCodec, ask) === false)) this.#makePicture();
  }

  /** As soon as the clip's length is known: without it nothing can be asked for. */
  #makePicture(): void {
    const duration = this.#clip?.duration;
    if (this.#picture || duration === undefined) return;
    const picture = new MadePicture((index) => this.#ports.ask('picture', index), duration);
    this.#picture = picture;
    picture.pieces.addEventListener('change', () => this.#lookForLack());
    this.#show(picture.source);
    this.#judgeSound();
    this.#lookForLack();
    this.#ports.changed();
  }

  #judgeSound(): void {
    const codec = this.#clip?.soundCodec;
    const front = this.#pair?.front;
    if (codec === undefined || !front || this.#sound || this.#soundTimer !== undefined) return;
    if (this.#picture || canPlay(codec, ask) === false) {
      this.#makeSound();
      return;
    }
    if (front.readyState < HTMLMediaElement.HAVE_FUTURE_DATA || !decodesNoSound(front)) return;
    this.#soundTimer = setTimeout(() => {
      this.#soundTimer = undefined;
      if (this.#pair?.front === front && decodesNoSound(front)) this.#makeSound();
    }, FIRST_SOUND);
  }

  #makeSound(): void {
    const duration = this.#clip?.duration;
    if (this.#sound || duration === undefined) return;
    const sound = new MadeSound((index) => this.#ports.ask('sound', index), duration);
    this.#sound = sound;
    sound.pieces.addEventListener('change', () => this.#lookForLack());
    this.#setLevel();
    this.#ports.playback.useSound(sound);
    this.#ports.changed();
  }

  #setLevel(): void {
    const { muted, level } = this.#ports.playback;
    this.#pair?.sound(muted || this.#sound !== undefined, level);
    this.#sound?.setLevel(muted ? 0 : level);
  }

  #lookForLack(): void {
    const sentence = this.problem?.sentence;
    if (sentence !== this.#told) {
      this.#told = sentence;
      this.#ports.changed();
    }
    const lack = this.#lack();
    if (lack === undefined) {
      clearTimeout(this.#lackTimer);
      this.#lackTimer = undefined;
      if (this.#waiting !== undefined) this.#wait(undefined);
    } else if (lack !== this.#waiting) this.#lackTimer ??= setTimeout(() => this.#wait(this.#lack()), PATIENCE);
  }

  #wait(track: MadeTrack | undefined): void {
    this.#lackTimer = undefined;
    this.#waiting = track;
    this.#ports.changed();
  }

  #lack(): MadeTrack | undefined {
    const front = this.#pair?.front;
    if (!front || front.error) return undefined;
    const { HAVE_FUTURE_DATA, HAVE_CURRENT_DATA } = HTMLMediaElement;
    const { playback } = this.#ports;
    if (front.seeking || front.readyState < (playback.playing && !front.ended ? HAVE_FUTURE_DATA : HAVE_CURRENT_DATA)) {
      return 'picture';
    }
    const sound = this.#sound?.pieces;
    return playback.playing && sound && sound.get(sound.indexAt(playback.time)) === undefined ? 'sound' : undefined;
  }
}

function ask(type: string): string {
  return document.createElement(type.startsWith('audio') ? 'audio' : 'video').canPlayType(type);
}
