import * as vscode from 'vscode';
import { SessionError } from '../session/session-error.js';
import type { ChatAction } from '../session/snapshot.js';
import type { TrimSession } from '../session/trim-session.js';
import { AccountCommands } from './account.js';
import { trimSeveral } from './batch.js';
import { NOT_A_VIDEO } from './clip-choice.js';
import type { CommandDeps } from './deps.js';
import { copyDiagnostics } from './diagnostics.js';
import { removeMarked } from './marked-sections.js';
import { isOurs, showFailure } from './outcome.js';
import { repeat } from './repeat.js';
import { openSample } from './sample.js';
import { SessionListCommands } from './session-list.js';
import { openLink, SessionCommands } from './session.js';
import { TrimCommands } from './trim.js';
import { requireTrust, RestrictedMode, showRestricted } from './trust.js';

export interface CommandFamilies {
  readonly trim: TrimCommands;
  readonly session: SessionCommands;
  readonly list: SessionListCommands;
  readonly account: AccountCommands;
  /** Without what is marked, which is removed first. */
  readonly export: (session: TrimSession) => Promise<void>;
}

export function makeCommands(deps: CommandDeps): CommandFamilies {
  const trim = new TrimCommands(deps);
  const session = new SessionCommands(deps, trim);
  const exportMarked = async (marked: TrimSession): Promise<void> => {
    if (await removeMarked(marked, { marks: deps.marks, trim })) await deps.exports.export(marked);
  };
  return {
    trim,
    session,
    list: new SessionListCommands(deps),
    account: new AccountCommands(deps),
    export: exportMarked,
  };
}

/** Registers every command of package.json under its id. A failure is told with its next steps, never thrown away. */
export function registerCommands(deps: CommandDeps, families: CommandFamilies): vscode.Disposable {
  const { trim, session, list, account } = families;
  /** The session of what the tree gave, or of a file. Anybody may call a command, with anything. */
  const named = (node: unknown): TrimSession | undefined => {
    try {
      if (node instanceof vscode.Uri) return sessionOfFile(node);
      const { session: given } = node as { session?: unknown };
      return deps.book.sessions.find((session) => session === given);
    } catch {
      return undefined;
    }
  };
  const sessionOfFile = ({ scheme, fsPath }: vscode.Uri): TrimSession | undefined => {
    // A tab of ours has an address that names no file; its session is the current one, which goes before others anyway.
    const { session } = deps.current;
    return scheme !== 'file' || session?.snapshot.clip?.path === fsPath ? session : deps.book.findByClip(fsPath);
  };
  const required = (node: unknown): TrimSession => {
    const session = named(node);
    if (session) return session;
    throw new SessionError('nothing-to-do', vscode.l10n.t('Choose a session in the Sessions view for that.'));
  };
  const sessionOf = (node: unknown): TrimSession | undefined =>
    node === undefined || node === null ? deps.current.session : required(node);
  const nextStep = async (action: ChatAction, on: TrimSession | undefined, link: string | undefined): Promise<void> => {
    if (action === 'set-token') return await account.setToken();
    if (action === 'register' && link !== undefined) return await openLink(link);
    if (action === 'retry' && on) return await repeat(on, () => on.retry());
    if (action === 'use-local' && on) return await repeat(on, () => on.useEngine('local'));
  };
  const register = (id: string, run: (...args: unknown[]) => Promise<void> | void): vscode.Disposable =>
    vscode.commands.registerCommand(`videoTrimmer.${id}`, async (...args: unknown[]) => {
      try {
        await run(...args);
      } catch (error) {
        if (error instanceof RestrictedMode) return void showRestricted(error);
        if (!isOurs(error)) deps.diagnostics.journal.failed(`command ${id}`, error);
        const link = (error as { link?: string }).link;
        // Now, and not when a button is pressed: the person may have turned to another session by then.
        const on = named(args[0]) ?? deps.current.session;
        // Not awaited: the command is over, the message may stay open.
        void showFailure(error, (action) => nextStep(action, on, link)).catch((again: unknown) =>
          showFailure(again, () => Promise.resolve()),
        );
      }
    });
  /** What opens files or sends them. */
  const registerOnFiles = (id: string, run: (...args: unknown[]) => Promise<void> | void): vscode.Disposable =>
    register(id, (...args) => {
      requireTrust();
      return run(...args);
    });
  return vscode.Disposable.from(
    registerOnFiles('trimMiddleSection', (clicked, selected) => trim.trim(addressIn(clicked), addressesIn(selected))),
    registerOnFiles('trimSeveral', (clicked, selected) => trimSeveral(deps, addressIn(clicked), addressesIn(selected))),
    register('newSession', () => session.newSession()),
    registerOnFiles('openInTrimmer', (clicked) => trim.openAsFile(addressIn(clicked))),
    registerOnFiles('openSample', () => openSample(trim, deps.sample)),
    registerOnFiles('uploadVideo', (clicked) => session.uploadVideo(addressIn(clicked))),
    register('showTracks', () => session.showTracks()),
    register('openInBrowser', () => session.openInBrowser()),
    register('checkCredits', () => account.checkCredits()),
    register('setToken', () => account.setToken()),
    register('signOut', () => account.signOut()),
    register('chooseEngine', () => account.chooseEngine()),
    registerOnFiles('exportVideo', async (node) => {
      const target = sessionOf(node);
      if (target) await families.export(target);
    }),
    // Hidden from the palette: they mean the session that was clicked, never the one that happens to be open.
    register('openSession', (node) => session.open(required(node))),
    register('deleteSession', (node) => list.delete(required(node))),
    register('renameSession', async (node) => {
      const target = sessionOf(node);
      if (target) await list.rename(target);
    }),
    register('copyTranscript', async (node) => {
      const target = sessionOf(node);
      if (target) await list.copyTranscript(target);
    }),
    register('searchSessions', () => list.search()),
    register('copyDiagnostics', () => copyDiagnostics(deps.diagnostics)),
  );
}

/** @throws SessionError for what VS Code would not give: an address made up otherwise can name one file and mean another */
function addressIn(given: unknown): vscode.Uri | undefined {
  if (given === undefined || given === null || given instanceof vscode.Uri) return given ?? undefined;
  throw new SessionError('unsupported-file', NOT_A_VIDEO());
}

/** Beside a tab's address VS Code gives other things than a selection. */
function addressesIn(given: unknown): vscode.Uri[] | undefined {
  return Array.isArray(given) ? given.flatMap((one) => addressIn(one) ?? []) : undefined;
}
