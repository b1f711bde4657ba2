import { fromSeconds } from '../src/timeline/timecode.js';
import type { Marking } from './marking.js';
import type { Playback } from './playback.js';
import { stageKey, type StageKey } from './stage-keys.js';

/** What keys over the picture and the timeline work on. */
export interface Stage {
  readonly playback: Playback;
  readonly marking: Marking;
  readonly zoom: (by: 'in' | 'out' | 'fit') => void;
  readonly remove: () => void;
}

/** Does what a key over the picture and the timeline says; keys of a field stay the field's. */
export function handleStageKey(event: KeyboardEvent, stage: Stage): void {
  const target = event.composedPath()[0];
  if (!(target instanceof HTMLElement) || target.matches('input, textarea, select')) return;
  const action = stageKey(event, target.matches('button, a'));
  if (!action) return;
  event.preventDefault();
  act(action, stage);
}

function act(action: StageKey, { playback, marking, zoom, remove }: Stage): void {
  switch (action.kind) {
    case 'play':
      void playback.toggle();
      break;
    case 'move':
      playback.seek(playback.time + fromSeconds(action.seconds));
      break;
    case 'step':
      playback.step(action.frames);
      break;
    case 'go':
      playback.seek(action.to === 'start' ? 0 : (playback.duration ?? 0));
      break;
    case 'set':
      marking.setPoint(action.point, playback.time);
      break;
    case 'unmark':
      marking.unmark(playback.time);
      break;
    case 'remove':
      remove();
      break;
    case 'zoom':
      zoom(action.by);
      break;
  }
}
