/** What was sent before, for the arrow keys in the message field: as in a shell. */
export class ComposerHistory {
  readonly #sent: () => readonly string[];
  /** How far back the shown one is: 0 is the newest; undefined when none is shown. */
  #back: number | undefined;

  /** @param sent oldest first */
  constructor(sent: () => readonly string[]) {
    this.#sent = sent;
  }

  /**
   * What an arrow key shows in place of `text`; undefined when the key only moves the caret. It recalls into an empty
   * field, and goes on from what it recalled as long as that is not changed.
   */
  recall(key: 'ArrowUp' | 'ArrowDown', text: string): string | undefined {
    const sent = distinct(this.#sent());
    const shown = this.#back === undefined ? undefined : sent.at(-1 - this.#back);
    if (text !== (shown ?? '')) return undefined;
    const from = shown === undefined ? -1 : (this.#back ?? -1);
    const to = key === 'ArrowUp' ? from + 1 : from - 1;
    if (to < -1 || to >= sent.length) return undefined;
    this.#back = to < 0 ? undefined : to;
    return to < 0 ? '' : sent.at(-1 - to);
  }

  forget(): void {
    this.#back = undefined;
  }
}

/** The same message twice in a row is one. */
function distinct(sent: readonly string[]): string[] {
  return sent.filter((text, index) => text !== sent[index - 1]);
}
