import * as vscode from 'vscode';
import type { ChatAction } from '../session/snapshot.js';
import type { TrimSession } from '../session/trim-session.js';
import type { AccountCommands } from './account.js';
import type { CommandDeps } from './deps.js';
import { isOurs, showFailure } from './outcome.js';
import { repeat, useRenamed } from './repeat.js';
import { openLink } from './session.js';
import { RestrictedMode, showRestricted } from './trust.js';

/** Does what a person asked for. @param id for the log @param node of the tree, that it is about */
export type CarryOut = (id: string, run: () => Promise<void> | void, node?: unknown) => Promise<void>;

/** A failure is told with its next steps, never thrown away. */
export function carryingOut(deps: CommandDeps, account: AccountCommands): CarryOut {
  const nextStep = async (action: ChatAction, on: TrimSession | undefined, link: string | undefined): Promise<void> => {
    if (action === 'set-token') return await account.setToken();
    if (action === 'register' && link !== undefined) return await openLink(link);
    if (action === 'retry' && on) return await repeat(on, () => on.retry());
    if (action === 'use-renamed' && on) return await useRenamed(on);
    if (action === 'use-local' && on) return await repeat(on, () => on.useEngine('local'));
  };
  return async (id, run, node) => {
    try {
      await run();
    } catch (error) {
      if (error instanceof RestrictedMode) return void showRestricted(error);
      if (!isOurs(error)) deps.diagnostics.journal.failed(`command ${id}`, error);
      const link = (error as { link?: string }).link;
      // Now, and not when a button is pressed: the person may have turned to another session by then.
      const on = namedSession(deps, node) ?? deps.current.session;
      // Not awaited: the command is over, the message may stay open.
      void showFailure(error, (action) => nextStep(action, on, link)).catch((again: unknown) =>
        showFailure(again, () => Promise.resolve()),
      );
    }
  };
}

/** The session of what the tree gave, or of a file. Anybody may call a command, with anything. */
export function namedSession({ book, current }: CommandDeps, node: unknown): TrimSession | undefined {
  try {
    if (node instanceof vscode.Uri) return sessionOfFile(node, book, current.session);
    const { session: given } = node as { session?: unknown };
    return book.sessions.find((session) => session === given);
  } catch {
    return undefined;
  }
}

function sessionOfFile(
  { scheme, fsPath }: vscode.Uri,
  book: CommandDeps['book'],
  current: TrimSession | undefined,
): TrimSession | undefined {
  // A tab of ours has an address that names no file; its session is the current one, which goes before others anyway.
  return scheme !== 'file' || current?.snapshot.clip?.path === fsPath ? current : book.findByClip(fsPath);
}
