/** What a key does in the message field. */
export type ComposerKey = 'send' | 'stop' | 'older' | 'newer' | 'type';

/** The part of a keyboard event that decides; `keyCode` is 229 while an input method composes, in every browser. */
export interface KeyPress {
  readonly key: string;
  readonly keyCode: number;
  readonly isComposing: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

/** Enter sends, Shift+Enter breaks the line, Escape stops, the arrows may bring back what was sent; while an input method composes, all keys belong to it. */
export function composerKey(press: KeyPress): ComposerKey {
  if (press.isComposing || press.keyCode === 229) return 'type';
  if (press.key === 'Enter' && !press.shiftKey && !press.altKey) return 'send';
  if (press.key === 'Escape') return 'stop';
  if (press.shiftKey || press.altKey) return 'type';
  if (press.key === 'ArrowUp') return 'older';
  if (press.key === 'ArrowDown') return 'newer';
  return 'type';
}
