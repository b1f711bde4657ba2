import * as vscode from 'vscode';
import type { ChatActionName, SessionMenuItem } from '../messages.js';
import { SessionError } from '../session/session-error.js';
import type { TrimSession } from '../session/trim-session.js';
import type { PanelActions } from '../views/panel-actions.js';
import type { AccountCommands } from './account.js';
import { openOutput, revealOutput } from './export.js';
import { isEndedByPerson, isOurs, sentenceOf } from './outcome.js';
import { repeat, useRenamed } from './repeat.js';
import type { SessionListCommands } from './session-list.js';
import { openLink, type SessionCommands } from './session.js';
import type { TrimCommands } from './trim.js';
import { requireTrust } from './trust.js';

/** What an entry of the chat offers that opens and sends no file. */
const WITHOUT_FILES = new Set<ChatActionName>(['set-token', 'register', 'open-in-browser', 'keep-additions']);

/** What the buttons of a panel do: the same as the commands of the palette. */
export function panelActions(
  families: () => {
    trim: TrimCommands;
    session: SessionCommands;
    list: SessionListCommands;
    account: AccountCommands;
    export: (session: TrimSession) => Promise<void>;
  },
  failed: (what: string, error: unknown) => void,
): PanelActions {
  const act = async (session: TrimSession, entryId: string, action: ChatActionName): Promise<void> => {
    const entry = session.snapshot.chat.find(({ id, actions }) => id === entryId && actions?.includes(action));
    if (!entry) throw new SessionError('nothing-to-do', vscode.l10n.t('That is no longer offered.'));
    if (!WITHOUT_FILES.has(action)) requireTrust();
    switch (action) {
      case 'export':
        return await families().export(session);
      case 'undo':
        return void (await session.undo());
      case 'retry':
        return await repeat(session, () => session.retry());
      case 'use-local':
        return await repeat(session, () => session.useEngine('local'));
      case 'use-renamed':
        return await useRenamed(session);
      case 'set-token':
        return await families().account.setToken();
      case 'open-output':
        return await openOutput(entry.outputPath ?? '');
      case 'reveal-output':
        return await revealOutput(entry.outputPath ?? '');
      case 'keep-additions':
        return session.keepAdditions(entryId);
      case 'strip-additions':
        return void (await session.stripAdditions(entryId));
      case 'register':
        return await openLink(entry.link ?? '');
      case 'open-in-browser':
        return entry.link === undefined ? await families().session.openInBrowser(session) : await openLink(entry.link);
    }
  };
  const sessionMenu = async (session: TrimSession | undefined, item: SessionMenuItem): Promise<void> => {
    const { list, session: commands } = families();
    switch (item) {
      case 'search':
        return await list.search();
      case 'new':
        return await commands.newSession();
      case 'rename':
        return session && (await list.rename(session));
      case 'delete':
        return session && (await list.delete(session));
    }
  };
  const actions: PanelActions = {
    remove: onFiles((session, sections) => families().trim.remove(session, sections)),
    say: onFiles((session, text) => families().session.say(session, text)),
    export: onFiles((session) => families().export(session)),
    attach: onFiles((session) => families().session.attach(session)),
    drop: onFiles((session, uris) => families().session.drop(session, uris)),
    chooseEngine: () => families().account.chooseEngine(),
    act,
    copy: (session, entry) => families().list.copy(session, entry),
    sessionMenu,
    openLink,
  };
  return inSentences(actions, failed);
}

/** For what opens files or sends them. */
function onFiles<Args extends unknown[], Result>(
  action: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    requireTrust();
    return await action(...args);
  };
}

/** A page is told what the person may read, and a request that the person ended is no failure to report. */
function inSentences(actions: PanelActions, failed: (what: string, error: unknown) => void): PanelActions {
  const wrap =
    <Args extends unknown[], Result>(action: (...args: Args) => Promise<Result>, ended: Result) =>
    async (...args: Args): Promise<Result> => {
      try {
        return await action(...args);
      } catch (error) {
        if (isEndedByPerson(error)) return ended;
        if (!isOurs(error)) failed('panel', error);
        throw new SessionError('refused', sentenceOf(error));
      }
    };
  return {
    remove: wrap(actions.remove, false),
    say: wrap(actions.say, undefined),
    export: wrap(actions.export, undefined),
    attach: wrap(actions.attach, undefined),
    drop: wrap(actions.drop, undefined),
    chooseEngine: wrap(actions.chooseEngine, undefined),
    act: wrap(actions.act, undefined),
    copy: wrap(actions.copy, undefined),
    sessionMenu: wrap(actions.sessionMenu, undefined),
    openLink: wrap(actions.openLink, undefined),
  };
}
