import type { MediaEngine } from '../media/media.js';
import type { AccountTokens } from '../nemo/tokens.js';
import type { ConnectEngine } from '../session/ports.js';
import type { SessionBook } from '../session/session-book.js';
import type { ClipMedia } from '../views/clip-media.js';
import type { CurrentSession } from '../views/current-session.js';
import type { MarkStore } from '../views/marks.js';
import type { SessionNode } from '../views/session-tree.js';
import type { SidebarView } from '../views/sidebar-view.js';
import type { TrimEditors } from '../views/trim-editor.js';
import type { DiagnosticsSources } from './diagnostics.js';
import type { ExportDesk } from './export-desk.js';
import type { SamplePlaces } from './sample.js';
import type { Kept } from './forget.js';

/** What the commands work with; made once, in extension.ts. */
export interface CommandDeps {
  readonly book: SessionBook;
  readonly current: CurrentSession;
  readonly clips: ClipMedia;
  readonly marks: MarkStore;
  readonly media: MediaEngine;
  readonly connectEngine: ConnectEngine;
  /** The cloud's tokens, by the settings as they are now. */
  readonly accountTokens: () => Promise<AccountTokens>;
  readonly exports: ExportDesk;
  readonly editors: TrimEditors;
  readonly sidebar: SidebarView;
  readonly sample: SamplePlaces;
  readonly diagnostics: DiagnosticsSources;
  /** What is chosen in the tree of sessions. */
  readonly selection: () => readonly SessionNode[];
  readonly kept: Kept;
}
