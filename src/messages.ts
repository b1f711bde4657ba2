import * as z from 'zod/mini';

/**
 * Every message between the extension host and the panel, one checked union each way.
 *
 * The host owns the state of the edit: the panel sends what the person wants and draws the `state` it gets back.
 * No token and no path crosses this line; the only address of a file is the media URI that VS Code made for the view.
 * The one exception goes the other way: `drop` carries the addresses that VS Code itself put on the drag.
 * Times are whole microseconds.
 *
 * Marks have two writers, the fields of the panel and the host (which empties them after a removal), so they carry a
 * revision: the panel counts up with each `mark` and `remove`, the host keeps the last revision it saw with the marks
 * and gives it back in `markedRevision`. A panel that is ahead of the host ignores the host's marks, so that typing is
 * never overwritten by an echo. When the host itself changes the marks, it leaves the revision as it is.
 */

const time = z.int();
const section = z.object({ in: time, out: time });
const typedSection = z.object({ in: z.string().check(z.maxLength(40)), out: z.string().check(z.maxLength(40)) });
const id = z.string().check(z.maxLength(100));

export const CHAT_ACTIONS = [
  'export',
  'undo',
  'retry',
  'open-output',
  'reveal-output',
  'use-local',
  'register',
  'set-token',
  'open-in-browser',
  'keep-additions',
  'strip-additions',
] as const;

const chatEntry = z.object({
  id,
  kind: z.enum(['user', 'agent', 'status', 'error', 'export']),
  /** `agent`: markdown. Others: plain text. */
  text: z.string(),
  /** What it tells of, for its look; `hint`: how to say it better. */
  topic: z.optional(z.enum(['connected', 'added', 'edited', 'credits', 'hint'])),
  /** Lengths of the timeline before and after the edit that it tells of. */
  change: z.optional(z.object({ before: time, after: time })),
  /** What the person may send instead. */
  sentence: z.optional(z.string()),
  streaming: z.boolean(),
  actions: z.array(z.enum(CHAT_ACTIONS)),
});

const bareEntry = z.object({
  id: z.catch(z.optional(z.string()), undefined),
  text: z.catch(z.optional(z.string()), undefined),
});

/** An entry that cannot be read is shown as its bare text: it must not keep the panel from showing all the others. */
const shownEntry = z.catch(chatEntry, ({ input }) => {
  const { id = '', text = 'This entry cannot be shown.' } = bareEntry.safeParse(input).data ?? {};
  return { id, kind: 'status' as const, text, streaming: false, actions: [] };
});

/** What the chat's menu offers beside copying; the host asks what it needs to know. */
export const SESSION_MENU = ['rename', 'search', 'new', 'delete'] as const;

const segment = z.object({ start: time, duration: time, title: z.string(), source: z.optional(section) });
const track = z.object({
  kind: z.enum(['video', 'audio', 'text', 'other']),
  label: z.string(),
  title: z.string(),
  duration: time,
  segments: z.array(segment),
});

const clip = z.object({
  name: z.string(),
  /** Address under which the webview may play the source; undefined when this clip cannot be shown. */
  mediaUri: z.optional(z.string()),
  /** Undefined until probed. */
  duration: z.optional(time),
  width: z.optional(z.number()),
  height: z.optional(z.number()),
  frameRate: z.optional(z.number()),
  /** FFmpeg's names of the codecs, by which the page tells what it can play itself; undefined until probed or absent. */
  pictureCodec: z.optional(z.string()),
  soundCodec: z.optional(z.string()),
  /** Why there is no picture, in words. */
  problem: z.optional(z.string()),
});

const activity = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('idle') }),
  z.object({ kind: z.literal('connecting') }),
  z.object({
    kind: z.literal('uploading'),
    /** Of the files on their way. */
    names: z.optional(z.array(z.string())),
    fraction: z.number(),
    bytesPerSecond: z.optional(z.number()),
  }),
  z.object({ kind: z.literal('editing'), note: z.optional(z.string()) }),
  z.object({
    kind: z.literal('exporting'),
    fraction: z.optional(z.number()),
    /** Ms since the epoch. */
    startedAt: z.optional(z.number()),
    note: z.optional(z.string()),
    secondsLeft: z.optional(z.number()),
  }),
]);

/** Containers that an export offers; `source`: the clip's own. */
export const EXPORT_FORMATS = ['source', 'mp4', 'mov', 'mkv', 'webm'] as const;
/** Heights that an export scales to; `source`: the picture keeps its size. */
export const EXPORT_QUALITIES = ['source', '1080p', '720p', '480p'] as const;
const exportFormat = z.enum(EXPORT_FORMATS);
const exportQuality = z.enum(EXPORT_QUALITIES);

/** What the next export would be, as chosen, and what may be chosen instead. */
const exportOffer = z.object({
  /** `problem`: why this container cannot be chosen, as half a sentence. */
  formats: z.array(z.object({ format: exportFormat, problem: z.optional(z.string()) })),
  format: exportFormat,
  qualities: z.array(exportQuality),
  quality: exportQuality,
  /** As typed, else what the template gives; without an ending. */
  name: z.string(),
  /** What the file will be called, after names that are taken; undefined where the typed one cannot be. */
  file: z.optional(z.string()),
  /** Why the name cannot be, as a sentence. */
  problem: z.optional(z.string()),
  /** Name of the folder that was chosen; undefined: beside the clip. */
  folder: z.optional(z.string()),
  /** Undefined while it is looked for, and where only the engine knows. */
  estimate: z.optional(
    z.object({
      bytes: z.optional(z.number()),
      seconds: z.number(),
      frames: z.optional(z.int()),
      reencodedFrames: z.optional(z.int()),
      /** Why the whole picture is encoded anew, as half a sentence. */
      reason: z.optional(z.string()),
    }),
  ),
});

/** An export that waits for its turn, of this session or another. */
const waitingExport = z.object({ id, file: z.string() });

/** All that the panel draws. Sent whole: it is small, and a panel that missed one message is right after the next. */
const panelState = z.object({
  place: z.enum(['sidebar', 'editor']),
  /** Undefined in a sidebar that has no session yet: the empty chat with its suggestions. */
  sessionId: z.optional(id),
  title: z.string(),
  engine: z.optional(z.enum(['cloud', 'local'])),
  activity,
  clip: z.optional(clip),
  /** Names of further files in the session. */
  attached: z.optional(z.array(z.string())),
  /** Marked and not yet sent, as typed; marking is free. */
  marked: z.array(typedSection),
  /** Revision of `marked`: that of the last `mark` or `remove` the host took; 0 before the first. */
  markedRevision: z.int(),
  /** Already removed in the draft, source time. */
  removed: z.array(section),
  tracks: z.array(track),
  /** Length of the dissolves at the joins, 0 for plain cuts; undefined where there is no join. */
  join: z.optional(time),
  /** Length of the draft: what an export would give. */
  resultDuration: z.optional(time),
  canExport: z.boolean(),
  /** What an export would do with the picture, in words. */
  planned: z.optional(z.string()),
  exportOffer: z.optional(exportOffer),
  /** In the order in which they will be made. */
  waitingExports: z.optional(z.array(waitingExport)),
  chat: z.array(shownEntry),
});

const picture = z.object({ time, width: z.number(), height: z.number(), dataUri: z.string() });

const requestId = z.int();
/** The dissolves that the panel offers; 0 is a plain cut. */
export const DISSOLVES = [0, 250_000, 500_000, 1_000_000] as const;
/** More sections than this cannot be marked at once. */
export const MOST_MARKS = 500;
/** How long the pieces are in which a track is made playable; the last one of a clip is shorter. */
export const SEGMENT_LENGTH = { sound: 8_000_000, picture: 4_000_000 } as const;
/** More keyframes than this say no more than that there is one nearly everywhere: none are sent then. */
export const MOST_KEYFRAMES = 50_000;
const markedSections = z.array(typedSection).check(z.maxLength(MOST_MARKS));

const toPanelSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('state'), state: panelState }),
  /** Another clip, or the same one changed on disk: peaks, pictures and pauses that came before are void. */
  z.object({ type: z.literal('drawings-gone') }),
  /**
   * The waveform, 0 to 255, from `offset` steps on: of the whole clip as far as it is known, or finer, near what the
   * page looks at. Each one replaces the last of its layer.
   */
  z.object({
    type: z.literal('peaks'),
    layer: z.enum(['whole', 'near']),
    step: time,
    offset: z.int(),
    values: z.array(z.number()),
  }),
  /** These come in addition to those that came before. */
  z.object({ type: z.literal('thumbnails'), pictures: z.array(picture) }),
  /** What goes when the pauses go: their margins are not in it. */
  z.object({ type: z.literal('pauses'), sections: z.array(section) }),
  /** When the picture's keyframes are shown, in order: a cut there needs nothing encoded. */
  z.object({ type: z.literal('keyframes'), times: z.array(time).check(z.maxLength(MOST_KEYFRAMES)) }),
  /**
   * A piece of a track in a form that every webview plays; answers `playable`, before the reply. Of a sound it holds
   * exactly `duration` from `start` on, in FLAC; of a picture at least that, in WebM with VP8 that begins at `start`.
   */
  z.object({
    type: z.literal('segment'),
    track: z.enum(['sound', 'picture']),
    start: time,
    duration: time,
    mime: z.string().check(z.maxLength(200)),
    data: z.instanceof(Uint8Array),
  }),
  /** Put the keyboard focus where the person's next step is. */
  z.object({ type: z.literal('focus'), target: z.enum(['in', 'chat']) }),
  /** Answer to the request with this id; `error` is a sentence for the person. */
  z.object({ type: z.literal('reply'), id: requestId, error: z.optional(z.string()) }),
]);

/** What the person does in the panel. All but `ready`, `mark` and `look` are requests: the host replies when it is done. */
const toHostSchema = z.discriminatedUnion('type', [
  /** The panel can draw: the host replays everything. */
  z.object({ type: z.literal('ready') }),
  /** The marked sections as they stand in the fields, after each change. */
  z.object({ type: z.literal('mark'), revision: z.int(), sections: markedSections }),
  /**
   * What the timeline shows: from `start` to `end` over `width` pixels, with room for as many pictures in a row as
   * `tiles` of them would be over the whole clip.
   */
  z.object({
    type: z.literal('look'),
    start: time,
    end: time,
    width: z.number().check(z.positive(), z.maximum(20_000)),
    tiles: z.int().check(z.nonnegative()),
  }),
  /**
   * A piece of the clip's sound or picture in a form that this page can play, because it cannot play the clip's own.
   * `index` counts pieces of {@link SEGMENT_LENGTH} from 0:00.
   */
  z.object({
    type: z.literal('playable'),
    id: requestId,
    track: z.enum(['sound', 'picture']),
    index: z.int().check(z.nonnegative()),
  }),
  /** Send all marked sections to the agent, in one message. */
  z.object({ type: z.literal('remove'), id: requestId, revision: z.int(), sections: markedSections }),
  /** Remove one section that the chat offered; what is marked stays marked. */
  z.object({ type: z.literal('take-out'), id: requestId, section }),
  z.object({ type: z.literal('say'), id: requestId, text: z.string().check(z.minLength(1), z.maxLength(100_000)) }),
  /** How the agent is to make the joins. */
  z.object({ type: z.literal('join'), id: requestId, dissolve: z.literal(DISSOLVES) }),
  z.object({ type: z.literal('stop'), id: requestId }),
  /** Export as chosen; where an export is under way, after it. */
  z.object({ type: z.literal('export'), id: requestId }),
  /** What the next export is to be; what is not named stays. An empty `name` takes the one that the template gives. */
  z.object({
    type: z.literal('choose-export'),
    id: requestId,
    format: z.optional(exportFormat),
    quality: z.optional(exportQuality),
    name: z.optional(z.string().check(z.maxLength(300))),
  }),
  /** Let the person pick the folder for results, or go back to that of the clip. */
  z.object({ type: z.literal('choose-folder'), id: requestId, place: z.enum(['dialog', 'beside-clip']) }),
  /** Take an export that waits off the queue. */
  z.object({ type: z.literal('cancel-export'), id: requestId, waiting: id }),
  /** Let the person pick a clip for this panel. */
  z.object({ type: z.literal('attach'), id: requestId }),
  /** Clips dropped on the panel from the Explorer: `uris` as VS Code wrote them, to be checked by the host. */
  z.object({
    type: z.literal('drop'),
    id: requestId,
    uris: z.array(z.string().check(z.maxLength(8000))).check(z.maxLength(100)),
  }),
  z.object({ type: z.literal('choose-engine'), id: requestId }),
  /** Carry out an action that a chat entry offers. */
  z.object({ type: z.literal('act'), id: requestId, entry: id, action: z.enum(CHAT_ACTIONS) }),
  /** Puts the text of an entry, or the whole talk as markdown, into the clipboard. */
  z.object({ type: z.literal('copy'), id: requestId, entry: z.optional(id) }),
  z.object({ type: z.literal('session-menu'), id: requestId, item: z.enum(SESSION_MENU) }),
  /** A link of the chat; the host opens it in the browser when it is http(s). */
  z.object({ type: z.literal('open-link'), id: requestId, url: z.string().check(z.maxLength(8000)) }),
]);

export type PanelState = z.infer<typeof panelState>;
export type PanelClip = z.infer<typeof clip>;
export type PanelChatEntry = z.infer<typeof chatEntry>;
export type PanelPicture = z.infer<typeof picture>;
export type PanelTrack = z.infer<typeof track>;
export type PanelExportOffer = z.infer<typeof exportOffer>;
export type PanelWaitingExport = z.infer<typeof waitingExport>;
export type ExportFormat = z.infer<typeof exportFormat>;
export type ExportQuality = z.infer<typeof exportQuality>;
export type PanelActivity = z.infer<typeof activity>;
export type ChatActionName = (typeof CHAT_ACTIONS)[number];
export type SessionMenuItem = (typeof SESSION_MENU)[number];
export type ToPanel = z.infer<typeof toPanelSchema>;
export type ToHost = z.infer<typeof toHostSchema>;
/** A message of the panel that the host answers with `reply`. */
export type PanelRequest = Extract<ToHost, { id: number }>;

/** @returns undefined for anything that is not a message of the host. */
export function parseToPanel(value: unknown): ToPanel | undefined {
  return toPanelSchema.safeParse(value).data;
}

/** @returns undefined for anything that is not a message of the panel. */
export function parseToHost(value: unknown): ToHost | undefined {
  return toHostSchema.safeParse(value).data;
}
