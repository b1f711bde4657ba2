import { basename } from 'node:path';
import { parseExactDraft } from '../nemo/exact-json.js';
import type { ExportWish } from '../nemo/protocol.js';
import { isExportable, readDraft, type Draft } from '../timeline/draft.js';
import type { PlannedCut } from '../timeline/planned-cut.js';
import type { Section } from '../timeline/sections.js';
import type { Microseconds } from '../timeline/timecode.js';
import type { Carry } from './carry.js';
import { ChatLog } from './chat-log.js';
import { EngineLink } from './engine-link.js';
import type { SessionPorts, StateOfFile } from './ports.js';
import { once } from './once.js';
import { isOpenElsewhere, thisWindow } from './other-window.js';
import { stateOnDisk } from './seen-clip.js';
import { underWay } from './session-store.js';
import { STORED_FORMAT, type StoredSession } from './stored-session.js';
import { nameOfUpload } from './upload-source.js';
import type { Activity, ChatEntry, ClipOfSession, ExportChoice, SessionSnapshot } from './snapshot.js';
import { removedFromSource } from './source-ranges.js';

/** What a session knows. Every change of what is shown calls the listeners. */
export class SessionState {
  readonly id: string;
  readonly chat: ChatLog;
  readonly link: EngineLink;
  readonly stateOfFile: StateOfFile;
  #holder: string | undefined;
  readonly #createdAt: number;
  readonly #listeners = new Set<() => void>();
  #title: string;
  /** The person gave the session its name: a clip gives it no other. */
  #renamed: boolean;
  #clip: ClipOfSession | undefined;
  #draft: () => Draft;
  #timelineLength: () => Microseconds | undefined;
  #plan: PlannedCut | undefined;
  #wish: ExportWish | undefined;
  #exportChoice: ExportChoice | undefined;
  #activity: Activity = { kind: 'idle' };
  #snapshot: SessionSnapshot | undefined;
  /** The state of the clip's file that the person saw; see seen-clip.ts. */
  seen: string | undefined;
  /** All files that were uploaded, to carry them over to another engine. */
  uploads: readonly string[];
  /** Source ranges removed through the fields, for drafts that do not name their source ranges. */
  removed: readonly Section[];
  /** Messages that changed the timeline in the cloud. */
  said: NonNullable<StoredSession['said']>;
  /** The render under way. */
  render: StoredSession['render'];
  /** The upload or message under way. */
  inFlight: StoredSession['inFlight'];
  /** What the person has asked for and was not sent yet. */
  asked: StoredSession['asked'];
  /** The export that ended last, of those that had waited. */
  lastExport: string | undefined;
  batch: StoredSession['batch'];
  pricesTold: boolean;
  additions: string | undefined;

  constructor(ports: SessionPorts, stored: StoredSession) {
    this.id = stored.id;
    this.#holder = stored.holder;
    this.stateOfFile = ports.stateOfFile ?? stateOnDisk;
    this.#createdAt = stored.createdAt;
    this.#title = stored.title;
    this.#renamed = stored.renamed ?? false;
    const draft = once(() => readDraft(stored.draft));
    const { timeline } = stored;
    this.#draft = draft;
    this.#timelineLength =
      timeline === undefined
        ? (): Microseconds | undefined => lengthOf(draft())
        : (): Microseconds | undefined => timeline?.duration;
    this.#plan = stored.plan as PlannedCut | undefined;
    this.#wish = stored.wish as ExportWish | undefined;
    this.#exportChoice = stored.exportChoice;
    this.uploads = stored.uploads;
    this.removed = stored.removed;
    this.said = stored.said ?? [];
    this.render = stored.render;
    this.inFlight = stored.inFlight;
    this.asked = stored.asked;
    this.lastExport = stored.lastExport;
    this.batch = stored.batch;
    this.pricesTold = stored.pricesTold ?? false;
    this.additions = stored.additions;
    if (stored.clip) {
      const { path, uploaded, duration, seen } = stored.clip;
      this.seen = seen;
      this.#clip = { path, name: basename(path), uploaded, ...(duration === undefined ? {} : { duration }) };
    }
    this.chat = new ChatLog(
      () => stored.chat as readonly ChatEntry[],
      () => this.#changed(),
    );
    this.link = new EngineLink(ports, this.chat, stored.engine, stored.remote);
  }

  /** What was under way when this was read is the work of another window, which goes on with it. */
  get isElsewhere(): boolean {
    return isOpenElsewhere(this.#holder);
  }

  /** What is under way from now on is this window's. */
  claim(): void {
    this.#holder = undefined;
  }

  get snapshot(): SessionSnapshot {
    if (this.#snapshot) return this.#snapshot;
    const { asTheyAre } = this.chat;
    const [draft, timelineLength] = [this.#draft, this.#timelineLength];
    this.#snapshot = {
      id: this.id,
      title: this.#title,
      engine: this.link.engine,
      activity: this.#activity,
      clip: this.#clip,
      attached: this.uploads.filter((upload) => upload !== this.#clip?.path).map((upload) => nameOfUpload(upload)),
      get chat() {
        return asTheyAre();
      },
      get draft() {
        return draft();
      },
      get timelineLength() {
        return timelineLength();
      },
      plan: this.#plan,
      wish: this.#wish,
      exportChoice: this.#exportChoice,
      createdAt: this.#createdAt,
    };
    return this.#snapshot;
  }

  get clip(): ClipOfSession | undefined {
    return this.#clip;
  }

  get draft(): Draft {
    return this.#draft();
  }

  get activity(): Activity {
    return this.#activity;
  }

  set activity(activity: Activity) {
    if (JSON.stringify(activity) === JSON.stringify(this.#activity)) return;
    this.#activity = activity;
    this.#changed();
  }

  set title(title: string) {
    if (this.#renamed) return;
    this.#title = title;
    this.#changed();
  }

  /** @param title as the person wants it from now on */
  rename(title: string): void {
    this.#renamed = true;
    this.#title = title;
    this.#changed();
  }

  set exportChoice(choice: ExportChoice) {
    this.#exportChoice = choice;
    this.#changed();
  }

  get plan(): PlannedCut | undefined {
    return this.#plan;
  }

  /** @param plan what an export of it would do @param wish what one is to be, by what was said */
  takeDraft(raw: unknown, plan?: PlannedCut, wish?: ExportWish): Draft {
    this.#plan = plan;
    this.#wish = wish;
    const draft = readDraft(typeof raw === 'string' ? parseExactDraft(raw) : raw);
    this.#draft = (): Draft => draft;
    this.#timelineLength = (): Microseconds | undefined => lengthOf(draft);
    this.#changed();
    return draft;
  }

  takeClip(path: string, duration: Microseconds | undefined, uploaded: boolean): void {
    // Several files one after the other: the session is about all of them.
    if (!this.batch && !this.#renamed) this.#title = basename(path);
    if (this.#clip?.path !== path) this.seen = undefined;
    this.#clip = { path, name: basename(path), uploaded, ...(duration === undefined ? {} : { duration }) };
    this.#changed();
  }

  /**
   * The clip's file lies at another path now. The cloud has it already; our own engine is told with the next message.
   *
   * @param seen the state of the file, which is the one that the person saw
   */
  moveClip(path: string, seen: string): void {
    const clip = this.#clip;
    if (!clip) return;
    if (!this.#renamed && this.#title === clip.name) this.#title = basename(path);
    this.uploads = this.uploads.map((upload) => (upload === clip.path ? path : upload));
    this.seen = seen;
    const uploaded = clip.uploaded && this.link.engine !== 'local';
    this.#clip = { ...clip, path, name: basename(path), uploaded };
    this.#changed();
  }

  /** The edit so far, for another engine; undefined when nothing was edited. */
  toCarry(): Carry | undefined {
    const named = removedFromSource(this.draft, this.#clip?.duration);
    const inWords = named === undefined && this.said.some(({ marked }) => !marked);
    const sections = inWords ? [] : (named ?? this.removed);
    const said = inWords ? this.said.map(({ text }) => text) : [];
    return sections.length + said.length > 0 ? { sections, said } : undefined;
  }

  /** The engine's session is gone, and with it the timeline and the uploads. */
  forgetRemote(): void {
    this.link.forgetSession();
    this.removed = [];
    this.said = [];
    this.additions = undefined;
    if (this.#clip) this.#clip = { ...this.#clip, uploaded: false };
    this.takeDraft(null);
  }

  onDidChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  forgetListeners(): void {
    this.#listeners.clear();
  }

  toStored(): StoredSession {
    const { engine, remote } = this.link;
    const { path, duration, uploaded = false } = this.#clip ?? {};
    const clip = path === undefined ? undefined : { path, duration, uploaded, seen: this.seen };
    const { render, inFlight, batch, asked } = this;
    const isUnderWay = underWay({ render, inFlight, batch, asked }) !== undefined;
    const timelineLength = this.#timelineLength();
    return {
      version: STORED_FORMAT,
      id: this.id,
      title: this.#title,
      renamed: this.#renamed,
      createdAt: this.#createdAt,
      engine,
      clip,
      uploads: [...this.uploads],
      remote,
      draft: this.draft.raw,
      timeline: timelineLength === undefined ? null : { duration: timelineLength },
      plan: this.#plan,
      wish: this.#wish,
      exportChoice: this.#exportChoice,
      removed: [...this.removed],
      said: [...this.said],
      chat: this.chat.lasting.map(({ streaming: _, ...entry }) => ({ ...entry, actions: [...(entry.actions ?? [])] })),
      holder: isUnderWay ? (this.isElsewhere ? this.#holder : thisWindow) : undefined,
      render,
      inFlight,
      asked,
      lastExport: this.lastExport,
      batch,
      pricesTold: this.pricesTold,
      additions: this.additions,
    };
  }

  #changed(): void {
    this.#snapshot = undefined;
    for (const listener of [...this.#listeners]) listener();
  }
}

/** Of a draft that can be exported. */
function lengthOf(draft: Draft): Microseconds | undefined {
  return isExportable(draft) ? draft.duration : undefined;
}
