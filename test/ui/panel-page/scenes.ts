// The states worth looking at, as the host would send them.
import type { PanelState, PanelTrack, ToPanel } from '../../../src/messages.js';
import { chatStates, entry } from './chat-scenes.js';

const SECOND = 1_000_000;
/** Of the sample clip. */
export const DURATION = 120 * SECOND;
const CUT = { in: 45 * SECOND, out: 80 * SECOND };

type State = PanelState;

const base: State = {
  place: 'editor',
  sessionId: 's1',
  title: 'interview.mp4',
  engine: 'local',
  activity: { kind: 'idle' },
  clip: {
    name: 'interview.mp4',
    mediaUri: 'clip.mp4',
    duration: DURATION,
    width: 640,
    height: 360,
    frameRate: 30,
  },
  marked: [],
  markedRevision: 0,
  removed: [],
  tracks: [],
  canExport: false,
  chat: [],
};

const pauses: ToPanel = {
  type: 'pauses',
  sections: [
    { in: 45.2 * SECOND, out: 79.8 * SECOND },
    { in: 101 * SECOND, out: 105.4 * SECOND },
  ],
};

const HOUR = 3600 * SECOND;
/** Four hours with 500 marks, a tenth of it removed, and pauses between. */
const FOUR_HOURS = 4 * HOUR;
const everySlot = (from: number, length: number): { in: number; out: number }[] =>
  Array.from({ length: 500 }, (_, n) => {
    const start = Math.round((n * FOUR_HOURS) / 500 + from * SECOND);
    return { in: start, out: start + length * SECOND };
  });
const manyPauses: ToPanel = { type: 'pauses', sections: everySlot(12, 4) };
/** A sound like speech: words, and gaps where the pauses are. */
const longSound: ToPanel = {
  type: 'peaks',
  layer: 'whole',
  step: FOUR_HOURS / 4000,
  offset: 0,
  values: Array.from({ length: 4000 }, (_, n) => Math.round(150 + 70 * Math.sin(n / 7) + 30 * Math.sin(n * 2.3))),
};

const asked = entry('1', 'user', 'remove the section between 0:45 and 1:20 and join the remaining parts smoothly');
const answer = `I took out **0:45–1:20** and joined what is left.

- The clip is now \`1:25\`
- The sound fades over the join, so nothing clicks

You can [read how joins work](https://example.com/joins) or tell me what to change next.`;
const answered = entry('3', 'agent', answer);
const removedCard = entry('4', 'status', 'Removed 0:45–1:20; the clip is now 1:25.', { actions: ['undo', 'export'] });

function track(kind: PanelTrack['kind'], label: string, title: string): PanelTrack {
  return {
    kind,
    label,
    title,
    duration: 85 * SECOND,
    segments: [
      { start: 0, duration: 45 * SECOND, title: '', source: { in: 0, out: 45 * SECOND } },
      { start: 45 * SECOND, duration: 40 * SECOND, title: '', source: { in: 80 * SECOND, out: DURATION } },
    ],
  };
}

const edited: State = {
  ...base,
  removed: [CUT],
  tracks: [track('video', 'Video', 'interview'), track('audio', 'Sound', '')],
  resultDuration: 85 * SECOND,
  join: 0,
  planned: '12 of 2,550 frames will be encoded anew',
  canExport: true,
  chat: [asked, entry('2', 'status', 'Uploaded interview.mp4.'), answered, removedCard],
};

/** What an export of `edited` offers. */
const offer: NonNullable<State['exportOffer']> = {
  formats: [
    { format: 'source' },
    { format: 'mov' },
    { format: 'mkv' },
    { format: 'webm', problem: 'it cannot hold H.264' },
  ],
  format: 'source',
  qualities: ['source', '480p'],
  quality: 'source',
  name: 'interview.trimmed',
  file: 'interview.trimmed-2.mp4',
  estimate: { bytes: 12_400_000, seconds: 1.2, frames: 2550, reencodedFrames: 12 },
};

const states = {
  'empty-sidebar': { ...base, place: 'sidebar', sessionId: undefined, clip: undefined, engine: undefined, title: '' },
  fresh: base,
  marked: {
    ...base,
    marked: [
      { in: '0:45', out: '1:20' },
      { in: '1:41', out: '1:45.4' },
    ],
    markedRevision: 1,
  },
  pauses: { ...base, marked: [{ in: '0:20', out: '0:26.5' }], markedRevision: 1 },
  long: {
    ...base,
    clip: { name: 'lecture.mp4', duration: FOUR_HOURS, width: 640, height: 360, frameRate: 30 },
    marked: everySlot(3, 7).map((mark) => ({ in: String(mark.in / SECOND), out: String(mark.out / SECOND) })),
    markedRevision: 1,
    removed: everySlot(20, 3).slice(0, 300),
  },
  wrong: {
    ...base,
    marked: [
      { in: '1:20', out: '0:45' },
      { in: '0:10', out: '5:00' },
      { in: 'soon', out: '' },
    ],
    markedRevision: 1,
  },
  connecting: { ...base, activity: { kind: 'connecting' }, chat: [asked] },
  uploading: {
    ...base,
    engine: 'cloud',
    marked: [{ in: '0:45', out: '1:20' }],
    markedRevision: 1,
    activity: { kind: 'uploading', fraction: 0.42 },
    chat: [asked],
  },
  editing: {
    ...base,
    marked: [{ in: '0:45', out: '1:20' }],
    markedRevision: 1,
    activity: { kind: 'editing', note: 'Editing the timeline…' },
    chat: [
      asked,
      entry('2', 'status', 'Uploaded interview.mp4.'),
      entry('3', 'agent', answer.slice(0, 118), { streaming: true }),
    ],
  },
  edited,
  ...chatStates({ fresh: base, edited }),
  exporting: { ...edited, activity: { kind: 'exporting', fraction: 0.63, secondsLeft: 118 } },
  whole: {
    ...edited,
    planned: 'The whole picture will be encoded anew, about 40 s: MPEG-4 cannot be joined without that in the new file',
  },
  offered: { ...edited, exportOffer: offer },
  'refused-name': {
    ...edited,
    exportOffer: {
      ...offer,
      name: 'talks/interview',
      file: undefined,
      problem: 'A name cannot have / or \\ in it.',
      folder: 'Results of the second recording day, all cameras',
    },
  },
  'in-cloud': { ...edited, engine: 'cloud', exportOffer: { ...offer, estimate: undefined } },
  starting: { ...edited, activity: { kind: 'exporting', note: 'Waiting for a render place…' } },
  'marked-again': {
    ...edited,
    marked: [{ in: '1:41', out: '1:45.4' }],
    markedRevision: 1,
    exportOffer: { ...offer, estimate: { bytes: 11_800_000, seconds: 1.2, frames: 2418, reencodedFrames: 31 } },
  },
  queued: {
    ...edited,
    exportOffer: {
      ...offer,
      quality: '480p',
      file: 'interview.trimmed-4.mp4',
      folder: 'results',
      estimate: { bytes: 4_900_000, seconds: 21, reason: 'it is scaled to 854×480' },
    },
    activity: { kind: 'exporting', fraction: 0.63, secondsLeft: 18 },
    waitingExports: [
      { id: 'w1', file: 'interview.trimmed-3.mp4' },
      { id: 'w2', file: 'Demo day with a rather long name of its own.trimmed.mp4' },
    ],
  },
  exported: {
    ...edited,
    chat: [
      ...edited.chat,
      entry('5', 'user', 'export'),
      entry('6', 'export', 'Saved interview.trimmed.mp4 (1:25) beside interview.mp4.', {
        actions: ['open-output', 'reveal-output', 'open-in-browser'],
      }),
    ],
  },
  failed: {
    ...base,
    engine: 'cloud',
    marked: [{ in: '0:45', out: '1:20' }],
    markedRevision: 1,
    chat: [
      asked,
      entry('2', 'status', 'Uploaded interview.mp4.'),
      entry(
        '3',
        'error',
        'There are no credits left. Your marks are kept: register for more credits, or cut on this machine.',
        {
          actions: ['use-local', 'register', 'retry'],
        },
      ),
    ],
  },
  opening: { ...base, clip: { name: 'interview.mp4' } },
  'no-clip': { ...base, clip: undefined, engine: undefined, title: 'New session' },
  tracks: {
    ...edited,
    clip: { ...base.clip, name: 'A day in the life of an otter family, second camera, unedited (2026-11-03).mp4' },
    tracks: [
      ...edited.tracks,
      { ...track('audio', 'Music', 'Lo-fi'), segments: [{ start: 0, duration: 85 * SECOND, title: 'Lo-fi' }] },
      {
        ...track('text', 'Text', ''),
        segments: [
          { start: 0, duration: 3 * SECOND, title: 'Urban Dreams' },
          { start: 50 * SECOND, duration: 9 * SECOND, title: 'The end' },
        ],
      },
    ],
  },
  'no-picture': {
    ...base,
    clip: {
      name: 'holiday.avi',
      duration: DURATION,
      problem: 'VS Code cannot play AVI. You can still cut this clip: type the in and out points.',
    },
  },
} satisfies Record<string, State>;

const sevenPauses: ToPanel = {
  type: 'pauses',
  sections: [
    [4, 5.2],
    [17, 19],
    [33, 37.5],
    [45.2, 59.8],
    [62, 63.4],
    [88.5, 91.5],
    [101, 105.4],
  ].map(([start = 0, end = 0]) => ({ in: Math.round(start * SECOND), out: Math.round(end * SECOND) })),
};
const drawings: Record<string, ToPanel[]> = { long: [manyPauses, longSound], pauses: [sevenPauses] };

/** The messages of a scene; media (peaks, pictures) come from elsewhere. */
export const scenes: Record<string, readonly ToPanel[]> = Object.fromEntries(
  Object.entries<State>(states).flatMap(([name, state]) => {
    const messages = (shown: State): ToPanel[] => [
      { type: 'state', state: shown },
      ...(shown.clip?.duration === undefined ? [] : (drawings[name] ?? [pauses])),
    ];
    return [
      [name, messages(state)],
      [`${name}@sidebar`, messages({ ...state, place: 'sidebar' })],
    ];
  }),
);
