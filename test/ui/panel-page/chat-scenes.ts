// States of the chat worth looking at, made from the panel's own ones.
import type { PanelChatEntry, PanelState } from '../../../src/messages.js';

const SECOND = 1_000_000;

function entry(
  id: string,
  kind: PanelChatEntry['kind'],
  text: string,
  more: Partial<PanelChatEntry> = {},
): PanelChatEntry {
  return { id, kind, text, streaming: false, actions: [], ...more };
}

const sentence = 'remove the section between 0:45 and 1:20 and join the remaining parts smoothly';
const connected = entry('c1', 'status', 'Ready.', { topic: 'connected' });
const uploaded = entry('c2', 'status', 'Uploaded interview.mp4 (2:00).', { topic: 'added' });
const prices = entry('c3', 'status', 'An edit costs about 50 credits; you have 60.', { topic: 'credits' });
const removed = {
  topic: 'edited',
  change: { before: 120 * SECOND, after: 85 * SECOND },
  actions: ['export', 'undo'],
} as const;

/** @param fresh a clip and nothing said; `edited` after a cut */
export function chatStates({ fresh, edited }: Record<'fresh' | 'edited', PanelState>): Record<string, PanelState> {
  const cutHere = [
    entry('1', 'user', sentence),
    connected,
    entry('2', 'status', 'interview.mp4 (2:00) is ready to cut.', { topic: 'added' }),
    entry('3', 'agent', 'Removed 0:45–1:20 and joined the rest. The clip went from 2:00 to 1:25.', {
      ...removed,
      actions: [...removed.actions],
    }),
  ];
  return {
    'cut-here': { ...edited, chat: cutHere },
    'cut-in-cloud': {
      ...edited,
      engine: 'cloud',
      attached: ['music.m4a', 'a very long name of a logo that nobody can read in full, final version (3).png'],
      chat: [
        entry('1', 'user', sentence),
        connected,
        uploaded,
        prices,
        entry('3', 'agent', 'The part is **gone**, and what is left flows on.'),
        entry('4', 'status', 'Removed 0:45–1:20; the clip is now 1:25.', {
          ...removed,
          actions: [...removed.actions],
        }),
        entry('5', 'status', '10 credits available, 40 more reserved by running work.', { topic: 'credits' }),
        entry('6', 'status', 'NemoVideo also added the background music "Lo-fi". Keep it, or take it out?', {
          actions: ['keep-additions', 'strip-additions'],
        }),
      ],
    },
    'all-cards': {
      ...edited,
      engine: 'cloud',
      chat: [
        ...cutHere,
        entry('7', 'user', 'export'),
        entry('8', 'export', 'Exported interview.trimmed.mp4: 2:00 → 1:25. Only 12 frames were encoded anew.', {
          actions: ['open-output', 'reveal-output', 'open-in-browser'],
        }),
        entry('9', 'user', 'add music'),
        entry('10', 'error', 'The free credits are used up. Register to get more, or cut on this machine instead.', {
          actions: ['register', 'use-local'],
        }),
      ],
    },
    vague: {
      ...fresh,
      engine: 'cloud',
      activity: { kind: 'editing' },
      chat: [
        entry('1', 'user', 'make it better'),
        connected,
        entry('2', 'status', 'Concrete instructions give better results: name what to remove, with times.', {
          topic: 'hint',
          sentence,
        }),
      ],
    },
    'uploading-files': {
      ...fresh,
      engine: 'cloud',
      activity: {
        kind: 'uploading',
        names: ['interview.mp4', 'music.m4a'],
        fraction: 0.42,
        bytesPerSecond: 3_400_000,
      },
      chat: [entry('1', 'user', sentence), connected],
    },
  };
}
