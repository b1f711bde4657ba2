import * as l10n from '@vscode/l10n';
import type { PanelChatEntry, PanelState } from '../src/messages.js';
import type { Section } from '../src/timeline/sections.js';
import { formatTimecode } from '../src/timeline/timecode.js';
import { openPauses } from './ghosts.js';

/** Something worth doing now, on a chip. */
export type NextStep =
  | { readonly kind: 'export'; readonly label: string; readonly entry: string }
  | { readonly kind: 'say'; readonly label: string; readonly sentence: string }
  | { readonly kind: 'take-out'; readonly label: string; readonly section: Section };

const MOST_STEPS = 3;

/**
 * Two or three things to do after an edit, while it is the last thing that happened.
 *
 * @param pauses of the clip, source time
 * @param marked sections that the person has marked already, source time
 */
export function nextSteps(state: PanelState, pauses: readonly Section[], marked: readonly Section[] = []): NextStep[] {
  const edit = latestEdit(state.chat);
  if (!edit || !state.canExport || state.activity.kind !== 'idle') return [];
  const after = state.chat.slice(state.chat.indexOf(edit) + 1);
  if (after.some(({ kind, sentence }) => kind === 'user' || kind === 'error' || kind === 'export' || sentence))
    return [];
  const label = marked.length > 0 ? l10n.t('Remove and export') : l10n.t('Export');
  const steps: NextStep[] = [{ kind: 'export', label, entry: edit.id }];
  const [pause] = openPauses(pauses, [...state.removed, ...marked]);
  if (pause) {
    const range = `${formatTimecode(pause.in)}–${formatTimecode(pause.out)}`;
    const label = l10n.t('Remove the next pause {0}', range);
    steps.push({ kind: 'take-out', label, section: pause });
  }
  if (state.join === 0) {
    const label = l10n.t('Smooth the joins with a dissolve');
    steps.push({ kind: 'say', label, sentence: 'make every join a 0.5-second dissolve' });
  } else if (state.join !== undefined && !pause) {
    steps.push({ kind: 'say', label: l10n.t('Back to plain cuts'), sentence: 'use a plain cut at every join' });
  }
  if (state.clip && !/\.mp4$/iu.test(state.clip.name)) {
    steps.push({ kind: 'say', label: l10n.t('Export as MP4, which plays everywhere'), sentence: 'export as mp4' });
  }
  return steps.slice(0, MOST_STEPS);
}

/** The entry whose Undo and Export are about the timeline as it is now. */
export function latestEdit(chat: readonly PanelChatEntry[]): PanelChatEntry | undefined {
  return chat.findLast(({ actions }) => actions.includes('undo'));
}
