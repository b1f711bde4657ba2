/** What the parts of the chat tell each other. All bubble out of their shadow trees. */

/** A sentence for the message field: to be changed or sent by the person. */
export class FillEvent extends Event {
  static readonly type = 'chat-fill';
  readonly sentence: string;
  constructor(sentence: string) {
    super(FillEvent.type, { bubbles: true, composed: true });
    this.sentence = sentence;
  }
}

declare global {
  interface HTMLElementEventMap {
    'chat-fill': FillEvent;
  }
}
