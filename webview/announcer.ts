import * as l10n from '@vscode/l10n';
import type { PanelState } from '../src/messages.js';

/**
 * What a screen reader is told of a change: entries once they are complete, and work as it begins. Text that streams in
 * word by word and percentages would only interrupt.
 */
export function announcement(before: PanelState | undefined, after: PanelState): string {
  if (!before || before.sessionId !== after.sessionId) return '';
  const told = new Set(before.chat.filter((entry) => !entry.streaming).map((entry) => entry.id));
  const news = after.chat
    .filter((entry) => entry.kind !== 'user' && !entry.streaming && !told.has(entry.id))
    .map((entry) => (entry.kind === 'error' ? l10n.t('Error: {0}', entry.text) : entry.text));
  if (news.length > 0) return news.join('\n');
  return before.activity.kind === after.activity.kind ? '' : WORK[after.activity.kind];
}

const WORK: Record<PanelState['activity']['kind'], string> = {
  idle: l10n.t('Ready'),
  connecting: l10n.t('Connecting...'),
  uploading: l10n.t('Uploading'),
  editing: l10n.t('Editing the timeline'),
  exporting: l10n.t('Exporting'),
};
