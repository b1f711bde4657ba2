import type { ToHost } from '../src/messages.js';
import type { TypedSection } from '../src/timeline/sections.js';
import type { StageKey } from './stage-keys.js';

export type TimelineLook = Omit<Extract<ToHost, { type: 'look' }>, 'type'>;

/** What the parts tell the panel. All bubble out of their shadow trees. */

/** A sentence for the person, shown until the next thing they do. */
export class NoticeEvent extends Event {
  static readonly type = 'panel-notice';
  readonly sentence: string;
  constructor(sentence: string) {
    super(NoticeEvent.type, { bubbles: true, composed: true });
    this.sentence = sentence;
  }
}

/**
 * The rows of the section fields changed; `chosen` is the one the person works on. `settled` is false in the middle of
 * a drag, when the host need not know yet.
 */
export class RowsEvent extends Event {
  static readonly type = 'panel-rows';
  readonly rows: readonly TypedSection[];
  readonly chosen: number | undefined;
  readonly settled: boolean;
  /** Changes of the same name in a row are undone as one; without a name, each is a step of its own. */
  readonly step: string;
  constructor(rows: readonly TypedSection[], chosen: number | undefined, settled = true, step = '') {
    super(RowsEvent.type, { bubbles: true, composed: true });
    this.rows = rows;
    this.chosen = chosen;
    this.settled = settled;
    this.step = step;
  }
}

/** What the timeline shows now, when it has come to rest. */
export class LookEvent extends Event {
  static readonly type = 'panel-look';
  readonly look: TimelineLook;
  constructor(look: TimelineLook) {
    super(LookEvent.type, { bubbles: true, composed: true });
    this.look = look;
  }
}

/** The person asked to remove all marked sections. */
export class RemoveEvent extends Event {
  static readonly type = 'panel-remove';
  constructor() {
    super(RemoveEvent.type, { bubbles: true, composed: true });
  }
}

/** A button does what a key over the picture and the timeline does. */
export class StageEvent extends Event {
  static readonly type = 'panel-stage';
  readonly action: StageKey;
  constructor(action: StageKey) {
    super(StageEvent.type, { bubbles: true, composed: true });
    this.action = action;
  }
}

/** The chat was folded away or brought back. */
export class FoldEvent extends Event {
  static readonly type = 'panel-fold';
  constructor() {
    super(FoldEvent.type, { bubbles: true, composed: true });
  }
}

/** The picture is to have the whole width, or to give it back. */
export class WideEvent extends Event {
  static readonly type = 'panel-wide';
  constructor() {
    super(WideEvent.type, { bubbles: true, composed: true });
  }
}

declare global {
  interface HTMLElementEventMap {
    'panel-notice': NoticeEvent;
    'panel-rows': RowsEvent;
    'panel-look': LookEvent;
    'panel-remove': RemoveEvent;
    'panel-stage': StageEvent;
    'panel-fold': FoldEvent;
    'panel-wide': WideEvent;
  }
}
