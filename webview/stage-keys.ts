/** What a key does over the picture and the timeline. */
export type StageKey =
  | { readonly kind: 'play' }
  | { readonly kind: 'move'; readonly seconds: number }
  | { readonly kind: 'step'; readonly frames: number }
  | { readonly kind: 'go'; readonly to: 'start' | 'end' }
  | { readonly kind: 'set'; readonly point: 'in' | 'out' }
  | { readonly kind: 'unmark' }
  | { readonly kind: 'remove' }
  | { readonly kind: 'zoom'; readonly by: 'in' | 'out' | 'fit' };

export interface StageKeyPress {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/**
 * Reads a key press. Keys with Ctrl, Alt or Cmd stay VS Code's.
 *
 * @param onControl the focus is on a button or the like, to which Space and Enter belong.
 */
export function stageKey(press: StageKeyPress, onControl: boolean): StageKey | undefined {
  if (press.ctrlKey || press.metaKey || press.altKey) return undefined;
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  switch (key) {
    case ' ':
      return onControl ? undefined : { kind: 'play' };
    case 'k':
      return { kind: 'play' };
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
