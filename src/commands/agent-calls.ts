import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { AgentPorts, AgentTool, ToolAnswer, ToolCall } from '../agents/agent-tool.js';
import { AllowedFiles } from '../agents/allowed-files.js';
import { asPlainMarkdown } from '../agents/chat-mirror.js';
import { JobSessions } from '../agents/job-sessions.js';
import { failureInWords } from '../agents/tool-failure.js';
import { readInput, shownTime } from '../agents/tool-input.js';
import type { ToolName } from '../agents/tool-names.js';
import { agentTools, runTool } from '../agents/tools.js';
import { exportVideo } from '../agents/export-video.js';
import { trimVideo } from '../agents/trim-video.js';
import { systemClock } from '../nemo/clock.js';
import { formatOfName, outputCandidates } from '../session/output-name.js';
import { nameFromTemplate } from '../session/output-template.js';
import { untilCancelled } from './cancellation.js';
import type { CommandDeps } from './deps.js';
import { outputTemplate } from './export-desk.js';
import { isShown } from './session.js';
import { requireTrust } from './trust.js';

/** The tools for agents, as VS Code calls them. */
export class AgentCalls {
  readonly #jobs: JobSessions;
  readonly #ports: AgentPorts;

  constructor({ book, media, connectEngine, diagnostics }: CommandDeps) {
    this.#jobs = new JobSessions({
      connectEngine,
      readDuration: async (path) => (await media.probe(path)).duration,
      clock: systemClock,
      outputTemplate,
      log: diagnostics.journal.log,
    });
    this.#ports = {
      media,
      files: new AllowedFiles({
        folders: () => Promise.resolve([openFolders()]),
        isShown: (path) => isShown(vscode.Uri.file(path)),
      }),
      openSession: this.#jobs.open,
      editOf: (clip) => book.findByClip(clip),
    };
  }

  /** What the person reads before a tool runs; those that only read need not ask. */
  prepare(name: ToolName, input: unknown): vscode.PreparedToolInvocation {
    switch (name) {
      case 'trim_video':
        return asking(() => prepareTrim(input), vscode.l10n.t('Trim a video?'), vscode.l10n.t('Trimming…'));
      case 'export_video':
        return asking(() => prepareExport(input), vscode.l10n.t('Export a video?'), vscode.l10n.t('Exporting…'));
      case 'find_pauses':
        return { invocationMessage: vscode.l10n.t('Looking for pauses in {0}', clipName(input)) };
      case 'probe_video':
        return { invocationMessage: vscode.l10n.t('Reading {0}', clipName(input)) };
    }
  }

  /** @throws Error whose message is for the model; CancellationError */
  async invoke(
    name: ToolName,
    input: unknown,
    token: vscode.CancellationToken,
  ): Promise<vscode.LanguageModelToolResult> {
    try {
      const { text, data } = await untilCancelled(token, (signal) => this.run(name, input, { signal }));
      return new vscode.LanguageModelToolResult([
        new vscode.LanguageModelTextPart(text),
        new vscode.LanguageModelTextPart(JSON.stringify(data)),
      ]);
    } catch (error) {
      if (token.isCancellationRequested) throw new vscode.CancellationError();
      throw new Error(failureInWords(error), { cause: error });
    }
  }

  /** @throws as `AgentTool.run` does, and RestrictedMode */
  async run(name: ToolName, input: unknown, call: ToolCall): Promise<ToolAnswer<unknown>> {
    requireTrust();
    return await runTool(toolNamed(name), input, this.#ports, call);
  }

  async close(): Promise<void> {
    await this.#jobs.close();
  }
}

function toolNamed(name: ToolName): AgentTool {
  const tool = agentTools.find((one) => one.name === name);
  if (!tool) throw new RangeError(`There is no tool ${name}.`);
  return tool;
}

function openFolders(): string[] {
  const folders = vscode.workspace.workspaceFolders ?? [];
  return folders.filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath);
}

interface Question {
  readonly title: string;
  readonly lines: readonly string[];
  readonly doing: string;
}

/** Input that is wrong is told when the tool runs; the person sees what is wrong with it, too. */
function asking(prepare: () => Question, title: string, doing: string): vscode.PreparedToolInvocation {
  const question = ((): Question => {
    try {
      return prepare();
    } catch (error) {
      return { title, lines: [failureInWords(error)], doing };
    }
  })();
  return {
    invocationMessage: question.doing,
    confirmationMessages: {
      title: question.title,
      message: new vscode.MarkdownString(question.lines.map(asPlainMarkdown).join('\n\n')),
    },
  };
}

function prepareTrim(input: unknown): Question {
  const { path, sections = [], instruction, output, resolution } = readInput(trimVideo.input, input);
  const name = basename(path);
  const named = sections.map((section) => `${shownTime(section.in)}–${shownTime(section.out)}`).join(', ');
  return {
    title: vscode.l10n.t('Trim {0}?', name),
    doing: vscode.l10n.t('Trimming {0}', name),
    lines: [
      vscode.l10n.t('The video: {0}', path),
      ...(named === '' ? [] : [vscode.l10n.t('Removed: {0}', named)]),
      ...(instruction === undefined ? [] : [vscode.l10n.t('In words: {0}', instruction)]),
      ...whereTo(path, output, resolution),
    ],
  };
}

function prepareExport(input: unknown): Question {
  const { path, what = 'auto', format, output, resolution } = readInput(exportVideo.input, input);
  const name = basename(path);
  const exported = {
    auto: vscode.l10n.t('Exported: your edit of it if there is one, else the whole file'),
    edit: vscode.l10n.t('Exported: your edit of it'),
    file: vscode.l10n.t('Exported: the whole file'),
  }[what];
  return {
    title: vscode.l10n.t('Export {0}?', name),
    doing: vscode.l10n.t('Exporting {0}', name),
    lines: [vscode.l10n.t('The video: {0}', path), exported, ...whereTo(path, output, resolution, format)],
  };
}

function whereTo(
  path: string,
  output: string | undefined,
  resolution: string | undefined,
  format = formatOfName(path) ?? 'mp4',
): string[] {
  const facts = { clip: path, ending: format, resolution, now: Date.now() };
  const [beside = ''] = outputCandidates(path, format, undefined, nameFromTemplate(outputTemplate(), facts));
  return [
    ...(resolution === undefined ? [] : [vscode.l10n.t('Scaled down to: {0}', resolution)]),
    output === undefined
      ? vscode.l10n.t('The result goes beside it, as {0} or the next free name.', basename(beside))
      : vscode.l10n.t('The result goes to: {0}', output),
    vscode.l10n.t('The video itself stays as it is, and nothing is overwritten.'),
  ];
}

function clipName(input: unknown): string {
  const { path } = (input ?? {}) as { path?: unknown };
  return typeof path === 'string' ? basename(path) : vscode.l10n.t('a video');
}
