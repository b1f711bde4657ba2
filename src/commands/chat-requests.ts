import { basename } from 'node:path';
import * as vscode from 'vscode';
import { asPlainMarkdown, ChatMirror } from '../agents/chat-mirror.js';
import { route } from '../session/router.js';
import { SessionError } from '../session/session-error.js';
import type { ExportOutcome } from '../session/snapshot.js';
import type { TrimSession } from '../session/trim-session.js';
import { isExportable } from '../timeline/draft.js';
import { formatLength } from '../timeline/timecode.js';
import type { AgentCalls } from './agent-calls.js';
import { untilCancelled } from './cancellation.js';
import { isVideo } from './clip-choice.js';
import type { CommandDeps } from './deps.js';
import { isEndedByPerson, sentenceOf } from './outcome.js';
import { requireTrust } from './trust.js';

/** What a request came to, for the questions that may follow. */
interface Followed {
  readonly clip: string;
  readonly exported: boolean;
  readonly edited: boolean;
}

/** Answers `@trimmer` in the editor's chat, by the same sessions as our own panel. */
export class ChatRequests {
  readonly #deps: CommandDeps;
  readonly #calls: AgentCalls;

  constructor(deps: CommandDeps, calls: AgentCalls) {
    this.#deps = deps;
    this.#calls = calls;
  }

  async answer(
    request: vscode.ChatRequest,
    stream: vscode.ChatResponseStream,
    token: vscode.CancellationToken,
  ): Promise<vscode.ChatResult> {
    try {
      requireTrust();
      const clip = this.#clipOf(request);
      if (clip === undefined) return askForClip(stream);
      return await this.#answerOn(clip, request, stream, token);
    } catch (error) {
      if (token.isCancellationRequested || isEndedByPerson(error)) return {};
      // What the agent says itself is shown; a failure is a sentence of ours.
      stream.markdown(asPlainMarkdown(sentenceOf(error)));
      return {};
    }
  }

  followups(metadata: vscode.ChatResult['metadata']): vscode.ChatFollowup[] {
    const followed = metadata as Partial<Followed> | undefined;
    if (followed?.clip === undefined || followed.exported === true) return [];
    const pauses = { prompt: vscode.l10n.t('remove the long pauses'), label: vscode.l10n.t('Remove the long pauses') };
    const undo = { prompt: vscode.l10n.t('undo'), label: vscode.l10n.t('Undo') };
    const save = { prompt: '', command: 'export', label: vscode.l10n.t('Export the result') };
    return followed.edited === true ? [save, undo] : [pauses];
  }

  async #answerOn(
    clip: string,
    request: vscode.ChatRequest,
    stream: vscode.ChatResponseStream,
    token: vscode.CancellationToken,
  ): Promise<vscode.ChatResult> {
    const text = wordsOf(request);
    stream.reference(vscode.Uri.file(clip));
    switch (request.command) {
      case 'pauses':
        await this.#ask('find_pauses', clip, stream, token);
        return result({ clip, exported: false, edited: false });
      case 'probe':
        await this.#ask('probe_video', clip, stream, token);
        return result({ clip, exported: false, edited: false });
      case 'export':
        return await this.#say(clip, `export ${text}`.trim(), stream, token);
      default:
        if (text !== '') return await this.#say(clip, text, stream, token);
        stream.markdown(
          vscode.l10n.t(
            'Say what to remove, such as "remove the section between 0:45 and 1:20" or "remove the long pause".',
          ),
        );
        stream.button(openPanel(clip));
        return result({ clip, exported: false, edited: false });
    }
  }

  async #ask(
    tool: 'find_pauses' | 'probe_video',
    clip: string,
    stream: vscode.ChatResponseStream,
    token: vscode.CancellationToken,
  ): Promise<void> {
    const invocation = this.#calls.prepare(tool, { path: clip });
    if (typeof invocation.invocationMessage === 'string') stream.progress(invocation.invocationMessage);
    const { text } = await untilCancelled(token, (signal) => this.#calls.run(tool, { path: clip }, { signal }));
    stream.markdown(asPlainMarkdown(text));
    stream.button(openPanel(clip));
  }

  /** The same road as a message in our own chat: the same session, the same engine, the same answer. */
  async #say(
    clip: string,
    text: string,
    stream: vscode.ChatResponseStream,
    token: vscode.CancellationToken,
  ): Promise<vscode.ChatResult> {
    const { book, current } = this.#deps;
    const session = book.findByClip(clip) ?? book.create(clip);
    current.set(session);
    const asked = route(text);
    if (asked.action === 'export' && !isExportable(session.snapshot.draft)) {
      const nothing = vscode.l10n.t('Nothing is cut yet. Say first what to remove; then export.');
      throw new SessionError('nothing-to-do', nothing);
    }
    const mirror = new ChatMirror(session, stream, doing);
    const listener = token.onCancellationRequested(() => void session.stop());
    try {
      const outcome = await session.say(text);
      mirror.stop();
      if (!mirror.said && !outcome.exported) stream.markdown(asPlainMarkdown(outcome.answer));
      if (outcome.exported) showFile(outcome.exported, stream);
      stream.button(openPanel(clip));
      const exported = outcome.exported !== undefined;
      return result({ clip, exported, edited: hasEdit(session) });
    } finally {
      mirror.stop();
      listener.dispose();
    }
  }

  /** What is attached goes first, then what the person works on. */
  #clipOf({ references }: vscode.ChatRequest): string | undefined {
    // They come in reverse; the first that was named is meant.
    const attached = references
      .toReversed()
      .map(({ value }) => uriOf(value))
      .find((uri) => uri?.scheme === 'file' && isVideo(uri));
    return attached?.fsPath ?? this.#deps.current.session?.snapshot.clip?.path;
  }
}

function uriOf(value: unknown): vscode.Uri | undefined {
  if (value instanceof vscode.Uri) return value;
  return value instanceof vscode.Location ? value.uri : undefined;
}

/** The prompt without the names of what is attached, such as `#file:talk.mp4`. */
function wordsOf({ prompt, references }: vscode.ChatRequest): string {
  let text = prompt;
  // In reverse order, as they come, the places of the earlier ones stay true.
  for (const { range } of references) if (range) text = `${text.slice(0, range[0])} ${text.slice(range[1])}`;
  return text.replace(/\s+/gu, ' ').trim();
}

function askForClip(stream: vscode.ChatResponseStream): vscode.ChatResult {
  stream.markdown(vscode.l10n.t('Which video? Attach one with #, or open one in Video Trimmer, and ask again.'));
  stream.button({ command: 'videoTrimmer.trimMiddleSection', title: vscode.l10n.t('Choose a Video…') });
  return {};
}

function openPanel(clip: string): vscode.Command {
  const title = vscode.l10n.t('Open in Video Trimmer');
  return { command: 'videoTrimmer.trimMiddleSection', title, arguments: [vscode.Uri.file(clip)] };
}

function showFile({ outputPath, duration }: ExportOutcome, stream: vscode.ChatResponseStream): void {
  const uri = vscode.Uri.file(outputPath);
  const name = asPlainMarkdown(basename(outputPath));
  stream.markdown(`\n\n${vscode.l10n.t('Exported {0} ({1}).', name, formatLength(duration))}`);
  stream.reference(uri);
  stream.button({ command: 'vscode.open', title: vscode.l10n.t('Open the Result'), arguments: [uri] });
  stream.button({ command: 'revealFileInOS', title: vscode.l10n.t('Reveal the Result'), arguments: [uri] });
}

function hasEdit({ snapshot }: TrimSession): boolean {
  const { draft, clip } = snapshot;
  return isExportable(draft) && clip?.duration !== undefined && draft.duration < clip.duration;
}

function result(followed: Followed): vscode.ChatResult {
  return { metadata: { ...followed } };
}

function doing(activity: string): string {
  switch (activity) {
    case 'connecting':
      return vscode.l10n.t('Connecting...');
    case 'uploading':
      return vscode.l10n.t('Uploading…');
    case 'editing':
      return vscode.l10n.t('Editing…');
    case 'exporting':
      return vscode.l10n.t('Exporting…');
    default:
      return '';
  }
}
