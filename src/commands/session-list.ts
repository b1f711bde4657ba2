import * as vscode from 'vscode';
import { SessionError } from '../session/session-error.js';
import { searchSessions } from '../session/session-search.js';
import { transcript } from '../session/transcript.js';
import type { TrimSession } from '../session/trim-session.js';
import { formatLength } from '../timeline/timecode.js';
import type { CommandDeps } from './deps.js';

interface SessionItem extends vscode.QuickPickItem {
  readonly session: TrimSession;
}

const LONGEST_TITLE = 200;

/** Search, Rename and Delete Session, Copy Transcript: what is done with sessions as a whole. */
export class SessionListCommands {
  readonly #deps: CommandDeps;

  constructor(deps: CommandDeps) {
    this.#deps = deps;
  }

  async rename(session: TrimSession): Promise<void> {
    const { title } = session.snapshot;
    const typed = await vscode.window.showInputBox({
      title: vscode.l10n.t('Rename the session'),
      prompt: vscode.l10n.t('The video keeps its own name.'),
      value: title,
      validateInput: (value) => (value.trim() === '' ? vscode.l10n.t('A session needs a name.') : undefined),
    });
    const wanted = typed?.replace(/\s+/gu, ' ').trim().slice(0, LONGEST_TITLE);
    if (wanted !== undefined && wanted !== '' && wanted !== title) session.rename(wanted);
  }

  async delete(...sessions: readonly TrimSession[]): Promise<void> {
    const [first] = sessions;
    if (!first) return;
    const yes = vscode.l10n.t('Delete');
    const one = sessions.length === 1;
    const question = one
      ? vscode.l10n.t('Delete the session {0}?', first.snapshot.title)
      : vscode.l10n.t('Delete {0} sessions?', sessions.length);
    const detail = one
      ? vscode.l10n.t('Its chat and its cuts are forgotten. Your video and what you exported stay.')
      : vscode.l10n.t('Their chats and their cuts are forgotten. Your videos and what you exported stay.');
    if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, yes)) !== yes) return;
    for (const { id } of sessions) {
      this.#deps.editors.close(id);
      await this.#deps.book.remove(id);
      this.#deps.marks.forget(id);
    }
  }

  async copyTranscript(session: TrimSession): Promise<void> {
    await this.copy(session, undefined);
    vscode.window.setStatusBarMessage(vscode.l10n.t('The chat is in the clipboard, as Markdown.'), 5000);
  }

  /** @param entry of the chat; undefined for all of it */
  async copy(session: TrimSession, entry: string | undefined): Promise<void> {
    const { snapshot } = session;
    const text = entry === undefined ? transcript(snapshot) : snapshot.chat.find(({ id }) => id === entry)?.text;
    if (text === undefined) throw new SessionError('nothing-to-do', vscode.l10n.t('That message is no longer there.'));
    await vscode.env.clipboard.writeText(text);
  }

  /** A pick over titles and talks. What is typed is sought by us: VS Code's own search sees labels only. */
  async search(): Promise<void> {
    const rename = { iconPath: new vscode.ThemeIcon('edit'), tooltip: vscode.l10n.t('Rename the session') };
    const remove = { iconPath: new vscode.ThemeIcon('trash'), tooltip: vscode.l10n.t('Delete the session') };
    const pick = vscode.window.createQuickPick<SessionItem>();
    pick.title = vscode.l10n.t('Sessions');
    pick.placeholder = vscode.l10n.t('Search names and messages');
    const show = (): void => {
      pick.items = searchSessions(this.#deps.book.sessions, pick.value).map(({ session, excerpt }) => {
        const { title, timelineLength, chat } = session.snapshot;
        const detail = excerpt ?? firstWords(chat.find(({ kind }) => kind === 'user')?.text);
        return {
          session,
          label: title,
          description: timelineLength === undefined ? '' : formatLength(timelineLength),
          ...(detail === undefined ? {} : { detail }),
          buttons: [rename, remove],
          alwaysShow: true,
        };
      });
    };
    const chosen = await new Promise<(() => Promise<void> | void) | undefined>((resolve) => {
      pick.onDidChangeValue(show);
      pick.onDidAccept(() => {
        const [item] = pick.selectedItems;
        resolve(item && ((): void => this.#open(item.session)));
      });
      pick.onDidTriggerItemButton(({ button, item: { session } }) =>
        resolve(() => (button === rename ? this.rename(session) : this.delete(session))),
      );
      pick.onDidHide(() => resolve(undefined));
      show();
      pick.show();
    });
    pick.dispose();
    await chosen?.();
  }

  #open(session: TrimSession): void {
    this.#deps.current.set(session);
    this.#deps.editors.open(session);
  }
}

function firstWords(text: string | undefined): string | undefined {
  return text?.replace(/\s+/gu, ' ').slice(0, 120);
}
