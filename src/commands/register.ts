import * as vscode from 'vscode';
import { SessionError } from '../session/session-error.js';
import type { TrimSession } from '../session/trim-session.js';
import type { Microseconds } from '../timeline/timecode.js';
import { jobsOf, type Job } from '../views/jobs.js';
import { segmentOf, type SessionNode } from '../views/session-tree.js';
import { AccountCommands } from './account.js';
import { noVideo } from './clip-choice.js';
import { namedSession, type CarryOut } from './carry-out.js';
import type { CommandDeps } from './deps.js';
import type { ExportDesk } from './export-desk.js';
import { removeMarked } from './marked-sections.js';
import { SessionListCommands } from './session-list.js';
import { SessionCommands } from './session.js';
import { TrimCommands } from './trim.js';
import { requireTrust } from './trust.js';

export interface CommandFamilies {
  readonly trim: TrimCommands;
  readonly session: SessionCommands;
  readonly list: SessionListCommands;
  readonly account: AccountCommands;
  /** Without what is marked, which is removed first. */
  readonly export: (session: TrimSession) => Promise<void>;
}

/** What the commands do; {@link registerCommands} gives it to VS Code under their ids. */
export function makeCommands(deps: CommandDeps): CommandFamilies {
  const trim = new TrimCommands(deps);
  const session = new SessionCommands(deps, trim);
  const exportMarked = async (marked: TrimSession): Promise<void> => {
    const { timelineLength, activity } = marked.snapshot;
    // Its key works wherever a clip is open: nobody means a copy of the clip by it.
    if (timelineLength === undefined && activity.kind === 'idle' && deps.marks.complete(marked.id).length === 0) {
      throw new SessionError('nothing-to-do', vscode.l10n.t('Mark a section first.'));
    }
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

/** What package.json's keybindings give: the command is then about what is chosen in the tree. */
const BY_KEY = 'selection';

/** Registers every command of package.json under its id. */
export function registerCommands(deps: CommandDeps, families: CommandFamilies, carryOut: CarryOut): vscode.Disposable {
  const { trim, session, list, account } = families;
  const required = (node: unknown): TrimSession => {
    const session = namedSession(deps, node);
    if (session) return session;
    throw new SessionError('nothing-to-do', vscode.l10n.t('Choose a session in the Sessions view for that.'));
  };
  const sessionOf = (node: unknown): TrimSession | undefined =>
    node === undefined || node === null ? deps.current.session : required(node);
  /** For keys, which name no row. Rows beneath a session do not stand for it. */
  const chosen = (): TrimSession[] => {
    const sessions = deps.selection().flatMap((row) => (row.kind === 'session' ? [row.session] : []));
    return sessions.length > 0 ? sessions : [required(undefined)];
  };
  const register = (id: string, run: (...args: unknown[]) => Promise<void> | void): vscode.Disposable =>
    vscode.commands.registerCommand(`videoTrimmer.${id}`, (...args: unknown[]) =>
      carryOut(id, () => run(...args), args[0]),
    );
  /** What opens files or sends them. */
  const registerOnFiles = (id: string, run: (...args: unknown[]) => Promise<void> | void): vscode.Disposable =>
    register(id, (...args) => {
      requireTrust();
      return run(...args);
    });
  return vscode.Disposable.from(
    registerOnFiles('trimMiddleSection', (clicked, selected) => trim.trim(addressIn(clicked), addressesIn(selected))),
    registerOnFiles('trimSeveral', async (clicked, selected) =>
      (await import('./batch.js')).trimSeveral(deps, addressIn(clicked), addressesIn(selected)),
    ),
    register('newSession', () => session.newSession()),
    registerOnFiles('openInTrimmer', (clicked) => trim.openAsFile(addressIn(clicked))),
    registerOnFiles('openSample', async () => (await import('./sample.js')).openSample(trim, deps.sample)),
    registerOnFiles('uploadVideo', (clicked) => session.uploadVideo(addressIn(clicked))),
    register('showTracks', () => session.showTracks()),
    register('openInBrowser', (node) => session.openInBrowser(sessionOf(node))),
    register('checkCredits', () => account.checkCredits()),
    register('setToken', () => account.setToken()),
    register('signOut', () => account.signOut()),
    register('chooseEngine', () => account.chooseEngine()),
    registerOnFiles('exportVideo', async (node) => {
      const target = sessionOf(node);
      // The walkthrough offers it before there is anything.
      const nothing = vscode.l10n.t('There is no video here yet. Choose one first.');
      if (!target) throw new SessionError('nothing-to-do', nothing);
      await families.export(target);
    }),
    registerOnFiles('importCutList', async (clicked) =>
      (await import('./cut-list-import.js')).importCutList({ ...deps, trim }, addressIn(clicked)),
    ),
    registerOnFiles('exportCutList', async (node) => {
      const target = node instanceof vscode.Uri ? deps.book.findByClip(node.fsPath) : sessionOf(node);
      if (!target)
        throw new SessionError('nothing-to-do', vscode.l10n.t('Open a video first and mark something in it.'));
      await (await import('./cut-list-export.js')).exportCutList(deps, target);
    }),
    registerOnFiles('markUnsaid', async () =>
      (await import('./cut-list-import.js')).markUnsaid({ ...deps, trim }, deps.current.session),
    ),
    // Hidden from the palette: they mean the session that was clicked, never the one that happens to be open.
    register('openSession', (node) => session.open(required(node), placeIn(node))),
    register('deleteSession', async (node, nodes) => {
      if (node === BY_KEY) return await list.delete(...chosen());
      // A row that is not among those chosen is meant alone, and a row beneath a session does not stand for it.
      const several: unknown[] = Array.isArray(nodes) && nodes.includes(node) ? nodes.filter(isSessionRow) : [];
      await list.delete(...new Set([node, ...several].map(required)));
    }),
    register('cancelJob', (node) => jobIn(required(node), node, deps.exports)?.cancel()),
    register('renameSession', async (node) => {
      const target = node === BY_KEY ? chosen()[0] : sessionOf(node);
      if (target) await list.rename(target);
    }),
    register('copyTranscript', async (node) => {
      const target = sessionOf(node);
      if (target) await list.copyTranscript(target);
    }),
    register('searchSessions', () => list.search()),
    register('copyDiagnostics', async () => (await import('./diagnostics.js')).copyDiagnostics(deps.diagnostics)),
    register('copyMcpConfiguration', async () => (await import('./mcp-configuration.js')).copyMcpConfiguration(deps)),
    register('forgetEverything', async () => (await import('./forget.js')).forgetEverything(deps)),
  );
}

function isSessionRow(node: unknown): boolean {
  try {
    return (node as Partial<SessionNode> | null | undefined)?.kind === 'session';
  } catch {
    // Whoever calls the command may give anything, such as an object that throws when it is looked at.
    return false;
  }
}

/** The job in the row that was clicked, unless it has ended. */
function jobIn(session: TrimSession, node: unknown, exports: ExportDesk): Job | undefined {
  const { job } = node as { job?: unknown };
  return jobsOf(session, exports).find(({ id }) => id === job);
}

/** Where the segment that was clicked lies in its clip; undefined for other rows, and for what is none. */
function placeIn(node: unknown): Microseconds | undefined {
  try {
    const row = node as SessionNode;
    return row.kind === 'segment' ? segmentOf(row)?.source?.in : undefined;
  } catch {
    return undefined;
  }
}

/** @throws SessionError for what VS Code would not give: an address made up otherwise can name one file and mean another */
function addressIn(given: unknown): vscode.Uri | undefined {
  if (given === undefined || given === null || given instanceof vscode.Uri) return given ?? undefined;
  throw noVideo([]);
}

/** Beside a tab's address VS Code gives other things than a selection. */
function addressesIn(given: unknown): vscode.Uri[] | undefined {
  return Array.isArray(given) ? given.flatMap((one) => addressIn(one) ?? []) : undefined;
}
