// States of the chat worth looking at, made from the panel's own ones.
import type { PanelChatEntry, PanelState } from '../../../src/messages.js';

const SECOND = 1_000_000;

/** An entry of the chat, whole and with nothing to be done about it unless `more` says so. */
export function entry(
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
const rich = `Here is what I found:

| Part | From | To | What happens |
| --- | --- | --- | --- |
| 1 | 0:00 | 0:45 | The question |
| 2 | 1:20 | 2:00 | The answer, which goes on rather long |

## What I would do

1. Take out the *pause*
   - with \`0.2 s\` of room on both sides
2. Fade the music over the join

> Words of the interview are left whole.

\`\`\`
remove 0:45-1:20 and fade the music out over the last five seconds of what remains
\`\`\`

More: [the page about joins](https://example.com/joins) and averyveryverylongwordthatdoesnotendanywhere_${'x'.repeat(60)}`;
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
    'rich-answer': {
      ...edited,
      engine: 'cloud',
      chat: [entry('1', 'user', 'what is in this clip?'), connected, uploaded, entry('3', 'agent', rich)],
    },
    // As the host words it where VS Code speaks Chinese.
    chinese: {
      ...edited,
      engine: 'cloud',
      tracks: edited.tracks.map((track) => ({ ...track, label: track.kind === 'video' ? '视频' : '声音' })),
      planned: '将重新编码 12 帧，共 2,550 帧',
      chat: [
        entry('1', 'user', '删除 0:45 到 1:20 之间的部分，并把剩余部分平滑拼接起来'),
        entry('2', 'status', '就绪。', { topic: 'connected' }),
        entry('3', 'agent', '**0:45–1:20** 已剪掉，剩余部分已拼接。声音在拼接处淡入淡出，不会有爆音。'),
        entry('4', 'status', '已剪掉 0:45–1:20；视频现在的时长为 1:25。', {
          ...removed,
          actions: [...removed.actions],
        }),
        entry('5', 'error', '免费额度已用完。请注册以获取更多额度，或改在本机剪辑。', {
          actions: ['register', 'use-local'],
        }),
      ],
    },
    'long-talk': {
      ...edited,
      chat: Array.from({ length: 8 }, (_, n) => [
        entry(`u${n}`, 'user', `${sentence} (${n + 1})`),
        entry(`a${n}`, 'agent', 'The part is gone, and what is left flows on. The sound fades over the join.'),
      ]).flat(),
    },
    'broken-entries': {
      ...edited,
      chat: [
        entry('1', 'user', sentence),
        { id: 'b1', kind: 'shrug', text: 'An entry of a kind that is not known.' } as unknown as PanelChatEntry,
        { id: 'b2' } as unknown as PanelChatEntry,
        entry('3', 'agent', 'The part is gone.'),
      ],
    },
    'export-failed': {
      ...edited,
      chat: [
        ...cutHere,
        entry('7', 'user', 'export'),
        entry('8', 'error', 'The disk is full. Your edit is kept: make room, then export again.', {
          actions: ['retry'],
        }),
      ],
    },
    unreachable: {
      ...fresh,
      engine: 'cloud',
      chat: [
        entry('1', 'user', sentence),
        entry('2', 'error', 'NemoVideo cannot be reached. Your message is kept: try again, or cut on this machine.', {
          actions: ['retry', 'use-local'],
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
        files: [
          { id: 'u1', name: 'interview.mp4', fraction: 0.42 },
          { id: 'u2', name: 'music.m4a', fraction: 0 },
        ],
        fraction: 0.42,
        bytesPerSecond: 3_400_000,
      },
      chat: [entry('1', 'user', sentence), connected],
    },
  };
}
