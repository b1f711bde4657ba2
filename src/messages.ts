import * as l10n from '@vscode/l10n';
import * as v from 'valibot';

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

const number = v.pipe(v.number(), v.finite());
const int = v.pipe(v.number(), v.safeInteger());
const time = int;
/** A place in a clip as a page names it: far above any length, and far below where numbers are no longer exact. */
const place = v.pipe(int, v.minValue(0), v.maxValue(1e13));
const section = v.object({ in: time, out: time });
const typedSection = v.object({ in: v.pipe(v.string(), v.maxLength(40)), out: v.pipe(v.string(), v.maxLength(40)) });
const id = v.pipe(v.string(), v.maxLength(100));

export const CHAT_ACTIONS = [
  'export',
  'undo',
  'retry',
  'open-output',
  'reveal-output',
  'use-local',
  'use-renamed',
  'register',
  'set-token',
  'open-in-browser',
  'keep-additions',
  'strip-additions',
] as const;

const chatEntry = v.object({
  id,
  kind: v.picklist(['user', 'agent', 'status', 'error', 'export']),
  /** `agent`: markdown. Others: plain text. */
  text: v.string(),
  /** What it tells of, for its look; `hint`: how to say it better. */
  topic: v.optional(v.picklist(['connected', 'added', 'edited', 'credits', 'hint'])),
  /** Lengths of the timeline before and after the edit that it tells of. */
  change: v.optional(v.object({ before: time, after: time })),
  /** What the person may send instead. */
  sentence: v.optional(v.string()),
  streaming: v.boolean(),
  actions: v.array(v.picklist(CHAT_ACTIONS)),
});

const bareEntry = v.object({ id: v.fallback(v.string(), ''), text: v.fallback(v.string(), '') });

/** An entry that cannot be read is shown as its bare text: it must not keep the panel from showing all the others. */
const shownEntry = v.union([
  chatEntry,
  v.pipe(
    v.fallback(bareEntry, { id: '', text: '' }),
    v.transform(({ id, text }): v.InferOutput<typeof chatEntry> => {
      return { id, kind: 'status', text: text || l10n.t('This entry cannot be shown.'), streaming: false, actions: [] };
    }),
  ),
]);

/** What the chat's menu offers beside copying; the host asks what it needs to know. */
export const SESSION_MENU = ['rename', 'search', 'new', 'delete'] as const;

const segment = v.object({ start: time, duration: time, title: v.string(), source: v.optional(section) });
const track = v.object({
  kind: v.picklist(['video', 'audio', 'text', 'other']),
  label: v.string(),
  title: v.string(),
  duration: time,
  segments: v.array(segment),
});

const clip = v.object({
  name: v.string(),
  /**
   * Address under which the webview may play the source; undefined when this clip cannot be shown. Another one when the
   * file has changed on disk: all that was made of the old one is void.
   */
  mediaUri: v.optional(v.string()),
  /** Undefined until probed. */
  duration: v.optional(time),
  width: v.optional(number),
  height: v.optional(number),
  frameRate: v.optional(number),
  /** FFmpeg's names of the codecs, by which the page tells what it can play itself; undefined until probed or absent. */
  pictureCodec: v.optional(v.string()),
  soundCodec: v.optional(v.string()),
  /** Why there is no picture, in words. */
  problem: v.optional(v.string()),
});

const activity = v.variant('kind', [
  v.object({ kind: v.literal('idle') }),
  v.object({ kind: v.literal('connecting') }),
  v.object({
    kind: v.literal('uploading'),
    /** Those that have not arrived, each with the share that has. */
    files: v.optional(v.array(v.object({ id, name: v.string(), fraction: number }))),
    /** Of all bytes. */
    fraction: number,
    bytesPerSecond: v.optional(number),
  }),
  v.object({ kind: v.literal('editing'), note: v.optional(v.string()) }),
  v.object({
    kind: v.literal('exporting'),
    fraction: v.optional(number),
    /** Ms since the epoch. */
    startedAt: v.optional(number),
    note: v.optional(v.string()),
    secondsLeft: v.optional(number),
  }),
]);

/** Containers that an export offers; `source`: the clip's own. */
export const EXPORT_FORMATS = ['source', 'mp4', 'mov', 'mkv', 'webm'] as const;
/** Heights that an export scales to; `source`: the picture keeps its size. */
export const EXPORT_QUALITIES = ['source', '1080p', '720p', '480p'] as const;
const exportFormat = v.picklist(EXPORT_FORMATS);
const exportQuality = v.picklist(EXPORT_QUALITIES);

/** What the next export would be, as chosen, and what may be chosen instead. */
const exportOffer = v.object({
  /** `problem`: why this container cannot be chosen, as half a sentence. */
  formats: v.array(v.object({ format: exportFormat, problem: v.optional(v.string()) })),
  format: exportFormat,
  qualities: v.array(exportQuality),
  quality: exportQuality,
  /** As typed, else what the template gives; without an ending. */
  name: v.string(),
  /** What the file will be called, after names that are taken; undefined where the typed one cannot be. */
  file: v.optional(v.string()),
  /** Why the name cannot be, as a sentence. */
  problem: v.optional(v.string()),
  /** Name of the folder that was chosen; undefined: beside the clip. */
  folder: v.optional(v.string()),
  /** Undefined while it is looked for, and where only the engine knows. */
  estimate: v.optional(
    v.object({
      bytes: v.optional(number),
      seconds: number,
      frames: v.optional(int),
      reencodedFrames: v.optional(int),
      /** Why the whole picture is encoded anew, as half a sentence. */
      reason: v.optional(v.string()),
      /** Of what was chosen or marked before: that of now follows. */
      old: v.optional(v.boolean()),
    }),
  ),
});

/** An export that waits for its turn, of this session or another. */
const waitingExport = v.object({ id, file: v.string() });

/** All that the panel draws. Sent whole: it is small, and a panel that missed one message is right after the next. */
const panelState = v.object({
  place: v.picklist(['sidebar', 'editor']),
  /** Undefined in a sidebar that has no session yet: the empty chat with its suggestions. */
  sessionId: v.optional(id),
  title: v.string(),
  engine: v.optional(v.picklist(['cloud', 'local'])),
  activity,
  clip: v.optional(clip),
  /** Names of further files in the session. */
  attached: v.optional(v.array(v.string())),
  /** Marked and not yet sent, as typed; marking is free. */
  marked: v.array(typedSection),
  /** Revision of `marked`: that of the last `mark` or `remove` the host took; 0 before the first. */
  markedRevision: int,
  /** Already removed in the draft, source time. */
  removed: v.array(section),
  tracks: v.array(track),
  /** Length of the dissolves at the joins, 0 for plain cuts; undefined where there is no join. */
  join: v.optional(time),
  /** Length of the draft: what an export would give. */
  resultDuration: v.optional(time),
  canExport: v.boolean(),
  /** What an export would do with the picture, in words. */
  planned: v.optional(v.string()),
  exportOffer: v.optional(exportOffer),
  /** In the order in which they will be made. */
  waitingExports: v.optional(v.array(waitingExport)),
  chat: v.array(shownEntry),
});

const picture = v.object({ time, width: number, height: number, dataUri: v.string() });

const requestId = int;
/** The dissolves that the panel offers; 0 is a plain cut. */
export const DISSOLVES = [0, 250_000, 500_000, 1_000_000] as const;
/** More sections than this cannot be marked at once. */
export const MOST_MARKS = 500;
/** How long the pieces are in which a track is made playable; the last one of a clip is shorter. */
export const SEGMENT_LENGTH = { sound: 8_000_000, picture: 4_000_000 } as const;
/** More keyframes than this say no more than that there is one nearly everywhere: none are sent then. */
export const MOST_KEYFRAMES = 50_000;
const markedSections = v.pipe(v.array(typedSection), v.maxLength(MOST_MARKS));

const toPanelSchema = v.variant('type', [
  v.object({ type: v.literal('state'), state: panelState }),
  /** Another clip, or the same one changed on disk: peaks, pictures and pauses that came before are void. */
  v.object({ type: v.literal('drawings-gone') }),
  /**
   * The waveform, 0 to 255, from `offset` steps on: of the whole clip as far as it is known, or finer, near what the
   * page looks at. Each one replaces the last of its layer.
   */
  v.object({
    type: v.literal('peaks'),
    layer: v.picklist(['whole', 'near']),
    step: time,
    offset: int,
    values: v.array(number),
  }),
  /** These come in addition to those that came before. */
  v.object({ type: v.literal('thumbnails'), pictures: v.array(picture) }),
  /** What goes when the pauses go: their margins are not in it. */
  v.object({ type: v.literal('pauses'), sections: v.array(section) }),
  /** When the picture's keyframes are shown, in order: a cut there needs nothing encoded. */
  v.object({ type: v.literal('keyframes'), times: v.pipe(v.array(time), v.maxLength(MOST_KEYFRAMES)) }),
  /**
   * A piece of a track in a form that every webview plays; answers `playable`, before the reply. Of a sound it holds
   * exactly `duration` from `start` on, in FLAC; of a picture at least that, in WebM with VP8 that begins at `start`.
   */
  v.object({
    type: v.literal('segment'),
    track: v.picklist(['sound', 'picture']),
    start: time,
    duration: time,
    mime: v.pipe(v.string(), v.maxLength(200)),
    data: v.instance(Uint8Array),
  }),
  /** Put the keyboard focus where the person's next step is. */
  v.object({ type: v.literal('focus'), target: v.picklist(['in', 'chat']) }),
  /** Show this place of the clip. */
  v.object({ type: v.literal('seek'), time: place }),
  /** Answer to the request with this id; `error` is a sentence for the person. */
  v.object({ type: v.literal('reply'), id: requestId, error: v.optional(v.string()) }),
]);

/** What the person does in the panel. All but `ready`, `mark` and `look` are requests: the host replies when it is done. */
export const toHostSchema = v.variant('type', [
  /** The panel can draw: the host replays everything. */
  v.object({ type: v.literal('ready') }),
  /** The marked sections as they stand in the fields, after each change. */
  v.object({ type: v.literal('mark'), revision: int, sections: markedSections }),
  /**
   * What the timeline shows: from `start` to `end` over `width` pixels, with room for as many pictures in a row as
   * `tiles` of them would be over the whole clip.
   */
  v.object({
    type: v.literal('look'),
    start: place,
    end: place,
    width: v.pipe(number, v.gtValue(0), v.maxValue(20_000)),
    tiles: v.pipe(int, v.minValue(0), v.maxValue(1e9)),
  }),
  /**
   * A piece of the clip's sound or picture in a form that this page can play, because it cannot play the clip's own.
   * `index` counts pieces of {@link SEGMENT_LENGTH} from 0:00.
   */
  v.object({
    type: v.literal('playable'),
    id: requestId,
    track: v.picklist(['sound', 'picture']),
    index: v.pipe(int, v.minValue(0), v.maxValue(1e6)),
  }),
  /** Send all marked sections to the agent, in one message. */
  v.object({ type: v.literal('remove'), id: requestId, revision: int, sections: markedSections }),
  /** Remove one section that the chat offered; what is marked stays marked. */
  v.object({ type: v.literal('take-out'), id: requestId, section: v.object({ in: place, out: place }) }),
  v.object({ type: v.literal('say'), id: requestId, text: v.pipe(v.string(), v.minLength(1), v.maxLength(100_000)) }),
  /** How the agent is to make the joins. */
  v.object({ type: v.literal('join'), id: requestId, dissolve: v.picklist(DISSOLVES) }),
  v.object({ type: v.literal('stop'), id: requestId }),
  /** Export as chosen, without what is marked; where an export is under way, after it and as the draft is now. */
  v.object({ type: v.literal('export'), id: requestId }),
  /** What the next export is to be; what is not named stays. An empty `name` takes the one that the template gives. */
  v.object({
    type: v.literal('choose-export'),
    id: requestId,
    format: v.optional(exportFormat),
    quality: v.optional(exportQuality),
    name: v.optional(v.pipe(v.string(), v.maxLength(300))),
  }),
  /** Let the person pick the folder for results, or go back to that of the clip. */
  v.object({ type: v.literal('choose-folder'), id: requestId, place: v.picklist(['dialog', 'beside-clip']) }),
  /** Take an export that waits off the queue. */
  v.object({ type: v.literal('cancel-export'), id: requestId, waiting: id }),
  /** Let the person pick a clip for this panel. */
  v.object({ type: v.literal('attach'), id: requestId }),
  /** Clips dropped on the panel from the Explorer: `uris` as VS Code wrote them, to be checked by the host. */
  v.object({
    type: v.literal('drop'),
    id: requestId,
    uris: v.pipe(v.array(v.pipe(v.string(), v.maxLength(8000))), v.maxLength(100)),
  }),
  /** Leave out one of the files on their way; the last one ends the work. */
  v.object({ type: v.literal('cancel-upload'), id: requestId, upload: id }),
  v.object({ type: v.literal('choose-engine'), id: requestId }),
  /** Carry out an action that a chat entry offers. */
  v.object({ type: v.literal('act'), id: requestId, entry: id, action: v.picklist(CHAT_ACTIONS) }),
  /** Puts the text of an entry, or the whole talk as markdown, into the clipboard. */
  v.object({ type: v.literal('copy'), id: requestId, entry: v.optional(id) }),
  v.object({ type: v.literal('session-menu'), id: requestId, item: v.picklist(SESSION_MENU) }),
  /** A link of the chat; the host opens it in the browser when it is http(s). */
  v.object({ type: v.literal('open-link'), id: requestId, url: v.pipe(v.string(), v.maxLength(8000)) }),
]);

export type PanelState = v.InferOutput<typeof panelState>;
export type PanelClip = v.InferOutput<typeof clip>;
export type PanelChatEntry = v.InferOutput<typeof chatEntry>;
export type PanelPicture = v.InferOutput<typeof picture>;
export type PanelTrack = v.InferOutput<typeof track>;
export type PanelExportOffer = v.InferOutput<typeof exportOffer>;
export type PanelWaitingExport = v.InferOutput<typeof waitingExport>;
export type ExportFormat = v.InferOutput<typeof exportFormat>;
export type ExportQuality = v.InferOutput<typeof exportQuality>;
export type PanelActivity = v.InferOutput<typeof activity>;
export type PanelUpload = NonNullable<Extract<PanelActivity, { kind: 'uploading' }>['files']>[number];
export type ChatActionName = (typeof CHAT_ACTIONS)[number];
export type SessionMenuItem = (typeof SESSION_MENU)[number];
export type ToPanel = v.InferOutput<typeof toPanelSchema>;
export type ToHost = v.InferOutput<typeof toHostSchema>;
/** A message of the panel that the host answers with `reply`. */
export type PanelRequest = Extract<ToHost, { id: number }>;

/** @returns undefined for anything that is not a message of the host. */
export function parseToPanel(value: unknown): ToPanel | undefined {
  const { success, output } = v.safeParse(toPanelSchema, value);
  return success ? output : undefined;
}

/** @returns undefined for anything that is not a message of the panel. */
export function parseToHost(value: unknown): ToHost | undefined {
  const { success, output } = v.safeParse(toHostSchema, value);
  return success ? output : undefined;
}
