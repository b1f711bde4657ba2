import type { ExportFormat, ExportQuality, PanelExportOffer, PanelWaitingExport } from '../messages.js';
import type { TrimSession } from '../session/trim-session.js';

/** What the person has chosen for the next export of a session. */
export interface ExportChoice {
  readonly format: ExportFormat;
  readonly quality: ExportQuality;
  /** Empty: what the template gives. */
  readonly name: string;
}

/** What a panel shows of exports besides their progress, and lets the person choose. The commands carry it out. */
export interface PanelExports {
  /** Undefined where there is nothing to export; what takes a while to know follows with a change. */
  offer(session: TrimSession): PanelExportOffer | undefined;
  readonly waiting: readonly PanelWaitingExport[];
  /** What is not named stays as it is. */
  choose(session: TrimSession, changes: { readonly [Key in keyof ExportChoice]?: ExportChoice[Key] | undefined }): void;
  /** Rejects with a sentence for the person. */
  chooseFolder(session: TrimSession, place: 'dialog' | 'beside-clip'): Promise<void>;
  cancel(waiting: string): void;
  /** Called when an offer or what waits has changed. @returns stops listening */
  onDidChange(listener: () => void): () => void;
}
