import * as l10n from '@vscode/l10n';
import type { Section } from '../src/timeline/sections.js';
import { fromSeconds } from '../src/timeline/timecode.js';
import type { Marking } from './marking.js';
import type { Playback } from './playback.js';
import { stageKey, type StageKey } from './stage-keys.js';

/** What keys and buttons of the picture and the timeline work on. */
export interface Stage {
  readonly playback: Playback;
  readonly marking: Marking;
  /** Undefined while there is no clip. */
  readonly timeline: StageTimeline | undefined;
  readonly remove: () => void;
  readonly widen: () => void;
  /** Undoes the last edit of the clip; undefined when the chat offers none that can be undone. */
  readonly undoEdit: (() => void) | undefined;
  /** Tells a screen reader. */
  readonly say: (words: string) => void;
}

export interface StageTimeline {
  /** The person drags just now. */
  readonly dragging: boolean;
  zoom(by: 'in' | 'out' | 'fit'): void;
  showSection(section: Section): void;
  /** Offers to undo what was removed, because the marks have nothing more to undo. */
  offerUndoEdit(): void;
  showKeys(): void;
}

/** Does what a key over the picture and the timeline says; keys of a field stay the field's. */
export function handleStageKey(event: KeyboardEvent, stage: Stage, read = stageKey): void {
  const target = event.composedPath()[0];
  if (event.defaultPrevented || !(target instanceof HTMLElement) || target.matches(TYPING)) return;
  const action = read(event, target.matches('button, a'));
  if (!action) return;
  event.preventDefault();
  // VS Code listens behind the page and would undo what was typed into some field.
  if (action.kind === 'undo' || action.kind === 'redo') event.stopPropagation();
  act(action, stage);
}

const TYPING = 'input, textarea, select';

/** Does what was asked for with a key or a button. What is not possible just now does nothing or says why. */
export function act(action: StageKey, stage: Stage): void {
  const { playback, marking, timeline } = stage;
  switch (action.kind) {
    case 'play':
      playback.toggle();
      break;
    case 'shuttle':
      if (action.to === 'stop') playback.stop();
      else playback.shuttle(action.to === 'forward' ? 1 : -1);
      break;
    case 'loop':
      playback.loopJoin();
      break;
    case 'sound':
      playback.setLevel(playback.level, !playback.muted);
      break;
    case 'widen':
      stage.widen();
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
    case 'split':
      stage.say(
        marking.split(playback.time) ? l10n.t('Split.') : l10n.t('Put the playhead into a marked section to split it.'),
      );
      break;
    case 'undo':
    case 'redo':
      if (timeline?.dragging !== true) step(action.kind, stage);
      break;
    case 'undo-edit':
      stage.undoEdit?.();
      break;
    case 'remove':
      stage.remove();
      break;
    case 'zoom':
      timeline?.zoom(action.by);
      break;
    case 'show-section': {
      const section = marking.sectionNear(playback.time);
      if (section) timeline?.showSection(section);
      break;
    }
    case 'help':
      timeline?.showKeys();
      break;
  }
}

function step(way: 'undo' | 'redo', { marking, timeline, undoEdit, say }: Stage): void {
  if (marking[way]()) {
    say(movedWords(way, marking.form.typed.length));
  } else if (way === 'undo' && undoEdit) timeline?.offerUndoEdit();
  else say(way === 'undo' ? l10n.t('Nothing to undo.') : l10n.t('Nothing to redo.'));
}

function movedWords(way: 'undo' | 'redo', marked: number): string {
  if (way === 'undo') {
    return marked === 1 ? l10n.t('Undone. 1 section marked.') : l10n.t('Undone. {0} sections marked.', marked);
  }
  return marked === 1 ? l10n.t('Done again. 1 section marked.') : l10n.t('Done again. {0} sections marked.', marked);
}
