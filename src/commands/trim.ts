import * as vscode from 'vscode';
import { SessionError } from '../session/session-error.js';
import type { TrimSession } from '../session/trim-session.js';
import { checkSections, type TypedSection } from '../timeline/sections.js';
import { EDITOR_ID } from '../views/trim-editor.js';
import { askSections, localVideos, noVideo, pickVideo } from './clip-choice.js';
import type { CommandDeps } from './deps.js';

/** Trim Middle Section: opens the panel on clips, or asks for clip and section where none is selected. */
export class TrimCommands {
  readonly #deps: CommandDeps;

  constructor(deps: CommandDeps) {
    this.#deps = deps;
  }

  /** @param clicked and `selected` as the Explorer gives them; from the palette there are none */
  async trim(clicked?: vscode.Uri, selected?: readonly vscode.Uri[]): Promise<void> {
    const chosen = selected !== undefined && selected.length > 0 ? selected : clicked ? [clicked] : [];
    if (chosen.length === 0) return await this.#trimAsked();
    const paths = localVideos(chosen);
    if (paths.length === 0) throw noVideo(chosen);
    for (const path of paths) this.openClip(path, { preserveFocus: path !== paths.at(-1) });
  }

  /** The clip in the editor that VS Code keeps for the file itself: a tab that can be split, with the file's own name. */
  async openAsFile(clicked: vscode.Uri | undefined): Promise<void> {
    if (!clicked) return;
    if (localVideos([clicked]).length === 0) throw noVideo([clicked]);
    await vscode.commands.executeCommand('vscode.openWith', clicked, EDITOR_ID);
  }

  /** One session and one tab for a clip: opening it again shows what was done to it. */
  openClip(path: string, options: { preserveFocus?: boolean } = {}): TrimSession {
    const { book, editors } = this.#deps;
    const session = book.findByClip(path) ?? book.create(path);
    editors.open(session, { focus: 'in', ...options });
    return session;
  }

  /**
   * Removes what is marked, in one message.
   *
   * @returns whether the timeline changed; it does not when the agent asks back
   * @throws SessionError with the first thing to correct
   */
  async remove(session: TrimSession, typed: readonly TypedSection[]): Promise<boolean> {
    await session.place.assertHere();
    const { clip } = session.snapshot;
    const duration = clip ? await this.#deps.clips.duration(clip.path) : undefined;
    if (clip && duration !== undefined && clip.duration !== duration) session.setClip(clip.path, duration);
    const { sections, problems } = checkSections(typed, duration);
    if (problems[0]) throw new SessionError('nothing-to-do', problems[0].message);
    const outcome = await session.remove(sections.filter((section) => section !== undefined));
    return outcome.difference?.changed === true;
  }

  async #trimAsked(): Promise<void> {
    const path = await pickVideo();
    if (path === undefined) return;
    const duration = await this.#deps.clips.duration(path);
    const sections = await askSections(path, duration);
    const session = this.openClip(path);
    // Closing the question leaves the panel open, where sections can be marked too.
    if (sections) await this.remove(session, sections);
  }
}
