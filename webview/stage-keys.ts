/** What a key does over the picture and the timeline. */
export type StageKey =
  | { readonly kind: 'play' }
  | { readonly kind: 'shuttle'; readonly to: 'backward' | 'stop' | 'forward' }
  | { readonly kind: 'loop' }
  | { readonly kind: 'sound' }
  | { readonly kind: 'widen' }
  | { readonly kind: 'move'; readonly seconds: number }
  | { readonly kind: 'step'; readonly frames: number }
  | { readonly kind: 'go'; readonly to: 'start' | 'end' }
  | { readonly kind: 'set'; readonly point: 'in' | 'out' }
  | { readonly kind: 'unmark' }
  | { readonly kind: 'split' }
  | { readonly kind: 'undo' }
  | { readonly kind: 'redo' }
  /** Undoes what was removed from the clip, as the chat offers it. */
  | { readonly kind: 'undo-edit' }
  | { readonly kind: 'remove' }
  | { readonly kind: 'show-section' }
  | { readonly kind: 'help' }
  | { readonly kind: 'zoom'; readonly by: 'in' | 'out' | 'fit' };

export interface StageKeyPress {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  /** The key is held down. */
  readonly repeat?: boolean;
}

/** Undo and redo, which are the panel's own wherever no text is typed. */
export function historyKey({ key, shiftKey, ctrlKey, metaKey, altKey }: StageKeyPress): StageKey | undefined {
  if (ctrlKey === metaKey || altKey) return undefined;
  if (key.toLowerCase() === 'z') return { kind: shiftKey ? 'redo' : 'undo' };
  return key.toLowerCase() === 'y' && !shiftKey ? { kind: 'redo' } : undefined;
}

/**
 * Reads a key press. Other keys with Ctrl, Alt or Cmd stay VS Code's.
 *
 * @param onControl the focus is on a button or the like, to which Space and Enter belong.
 */
export function stageKey(press: StageKeyPress, onControl: boolean): StageKey | undefined {
  const history = historyKey(press);
  if (history) return history;
  if (press.ctrlKey || press.metaKey || press.altKey) return undefined;
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  switch (key) {
    case ' ':
      return onControl ? undefined : { kind: 'play' };
    case 'j':
      return press.repeat ? undefined : { kind: 'shuttle', to: 'backward' };
    case 'k':
      return { kind: 'shuttle', to: 'stop' };
    case 'l':
      return press.repeat ? undefined : { kind: 'shuttle', to: 'forward' };
    case 'r':
      return { kind: 'loop' };
    case 'm':
      return { kind: 'sound' };
    case 't':
      return { kind: 'widen' };
    case 'ArrowLeft':
      return { kind: 'move', seconds: press.shiftKey ? -5 : -1 };
    case 'ArrowRight':
      return { kind: 'move', seconds: press.shiftKey ? 5 : 1 };
    case ',':
      return { kind: 'step', frames: -1 };
    case '.':
      return { kind: 'step', frames: 1 };
    case 'Home':
      return { kind: 'go', to: 'start' };
    case 'End':
      return { kind: 'go', to: 'end' };
    case 'i':
      return { kind: 'set', point: 'in' };
    case 'o':
      return { kind: 'set', point: 'out' };
    case 'Delete':
    case 'Backspace':
      return { kind: 'unmark' };
    case 's':
      return { kind: 'split' };
    case 'z':
      return press.shiftKey ? { kind: 'show-section' } : undefined;
    case '?':
      return { kind: 'help' };
    case 'x':
      return { kind: 'remove' };
    case 'Enter':
      return onControl ? undefined : { kind: 'remove' };
    case '+':
    case '=':
      return { kind: 'zoom', by: 'in' };
    case '-':
      return { kind: 'zoom', by: 'out' };
    case '0':
      return { kind: 'zoom', by: 'fit' };
    default:
      return undefined;
  }
}
