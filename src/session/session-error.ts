import type { NemoErrorKind } from '../nemo/errors.js';
import type { ChatAction } from './snapshot.js';

/** Reasons of our own, beside those that an engine gives. */
export type SessionErrorKind =
  | NemoErrorKind
  | 'busy' // another operation of this session runs
  | 'stopped' // the person stopped it
  | 'dismissed' // the person closed a question that has to be answered first
  | 'nothing-to-do' // no clip, an empty timeline, no section
  | 'needs-output' // no clip on this machine whose folder could take the result: ask for a path, pass it as `outputPath`
  | 'exists'; // the chosen output file is there already

/**
 * An operation of a session did not do what was asked. `message` is one plain sentence for the person.
 *
 * It stands in the chat already (`inChat`), with its actions: a view need not show it again, a command without a panel
 * and the command line do.
 */
export class SessionError extends Error {
  override readonly name = 'SessionError';
  readonly kind: SessionErrorKind;
  /** Next steps, the best one first. */
  readonly actions: readonly ChatAction[];
  /** For the actions `register` and `open-in-browser`. */
  readonly link: string | undefined;
  readonly inChat: boolean;

  constructor(
    kind: SessionErrorKind,
    message: string,
    details: { actions?: readonly ChatAction[]; link?: string | undefined; inChat?: boolean; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.actions = details.actions ?? [];
    this.link = details.link;
    this.inChat = details.inChat ?? false;
  }
}
