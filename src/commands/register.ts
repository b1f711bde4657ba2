import * as vscode from 'vscode';
import type { ChatAction } from '../session/snapshot.js';
import type { TrimSession } from '../session/trim-session.js';
import type { SessionNode } from '../views/session-tree.js';
import { AccountCommands } from './account.js';
import { trimSeveral } from './batch.js';
import type { CommandDeps } from './deps.js';
import type { ExportDesk } from './export-desk.js';
import { showFailure } from './outcome.js';
import { repeat } from './repeat.js';
import { SessionListCommands } from './session-list.js';
import { openLink, SessionCommands } from './session.js';
import { TrimCommands } from './trim.js';

export interface CommandFamilies {
  readonly trim: TrimCommands;
  readonly session: SessionCommands;
  readonly list: SessionListCommands;
  readonly account: AccountCommands;
  readonly exports: ExportDesk;
}

export function makeCommands(deps: CommandDeps): CommandFamilies {
  const trim = new TrimCommands(deps);
  const session = new SessionCommands(deps, trim);
  const { exports } = deps;
  return { trim, session, list: new SessionListCommands(deps), account: new AccountCommands(deps), exports };
}

/** Registers every command of package.json under its id. A failure is told with its next steps, never thrown away. */
export function registerCommands(deps: CommandDeps, families: CommandFamilies): vscode.Disposable {
  const { trim, session, list, account } = families;
  const sessionOf = (node: SessionNode | undefined): TrimSession | undefined => node?.session ?? deps.current.session;
  const nextStep = async (action: ChatAction, on: TrimSession | undefined, link: string | undefined): Promise<void> => {
    if (action === 'set-token') return await account.setToken();
    if (action === 'register' && link !== undefined) return await openLink(link);
    if (action === 'retry' && on) return await repeat(on, () => on.retry());
    if (action === 'use-local' && on) return await repeat(on, () => on.useEngine('local'));
  };
  const register = (id: string, run: (...args: never[]) => Promise<void> | void): vscode.Disposable =>
    vscode.commands.registerCommand(`videoTrimmer.${id}`, async (...args: never[]) => {
      try {
        await run(...args);
      } catch (error) {
        const link = (error as { link?: string }).link;
        // Now, and not when a button is pressed: the person may have turned to another session by then.
        const on = sessionOf(args[0]);
        // Not awaited: the command is over, the message may stay open.
        void showFailure(error, (action) => nextStep(action, on, link)).catch((again: unknown) =>
          showFailure(again, () => Promise.resolve()),
        );
      }
    });
  return vscode.Disposable.from(
    register('trimMiddleSection', (clicked?: vscode.Uri, selected?: vscode.Uri[]) => trim.trim(clicked, selected)),
    register('trimSeveral', (clicked?: vscode.Uri, selected?: vscode.Uri[]) => trimSeveral(deps, clicked, selected)),
    register('newSession', () => session.newSession()),
    register('uploadVideo', () => session.uploadVideo()),
    register('showTracks', () => session.showTracks()),
    register('openInBrowser', () => session.openInBrowser()),
    register('checkCredits', () => account.checkCredits()),
    register('setToken', () => account.setToken()),
    register('signOut', () => account.signOut()),
    register('chooseEngine', () => account.chooseEngine()),
    register('exportVideo', async (node?: SessionNode) => {
      const target = sessionOf(node);
      if (target) await deps.exports.export(target);
    }),
    register('openSession', (node?: SessionNode) => {
      const target = sessionOf(node);
      if (target) session.open(target);
    }),
    register('deleteSession', async (node?: SessionNode) => {
      const target = sessionOf(node);
      if (target) await list.delete(target);
    }),
    register('renameSession', async (node?: SessionNode) => {
      const target = sessionOf(node);
      if (target) await list.rename(target);
    }),
    register('copyTranscript', async (node?: SessionNode) => {
      const target = sessionOf(node);
      if (target) await list.copyTranscript(target);
    }),
    register('searchSessions', () => list.search()),
  );
}
