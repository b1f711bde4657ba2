import type { ChatActionName, SessionMenuItem } from '../messages.js';
import type { TrimSession } from '../session/trim-session.js';
import type { TypedSection } from '../timeline/sections.js';

/**
 * What a person can ask for in a panel. The commands carry it out, as they do for the palette; views only pass it on.
 * Every method rejects with an error whose message is a sentence for the person.
 */
export interface PanelActions {
  /** Resolves to whether the timeline changed: marks that the agent asked back about are kept. */
  readonly remove: (session: TrimSession, sections: readonly TypedSection[]) => Promise<boolean>;
  /** Without a session, one is made for the conversation. */
  readonly say: (session: TrimSession | undefined, text: string) => Promise<void>;
  readonly export: (session: TrimSession) => Promise<void>;
  /** Lets the person pick clips: the first for this session when it has none. */
  readonly attach: (session: TrimSession | undefined) => Promise<void>;
  /** Addresses that VS Code put on a drag. */
  readonly drop: (session: TrimSession | undefined, uris: readonly string[]) => Promise<void>;
  readonly chooseEngine: () => Promise<void>;
  /** Carries out what an entry of the chat offers. */
  readonly act: (session: TrimSession, entry: string, action: ChatActionName) => Promise<void>;
  /** Puts the text of an entry into the clipboard, or without one the whole talk as markdown. */
  readonly copy: (session: TrimSession, entry: string | undefined) => Promise<void>;
  readonly sessionMenu: (session: TrimSession | undefined, item: SessionMenuItem) => Promise<void>;
  readonly openLink: (url: string) => Promise<void>;
}
