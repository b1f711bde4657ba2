import type * as z from 'zod/mini';
import type { MediaEngine } from '../media/media.js';
import type { TrimSession } from '../session/trim-session.js';
import type { Microseconds } from '../timeline/timecode.js';
import type { AllowedFiles } from './allowed-files.js';
import type { ToolName } from './tool-names.js';

/** What the tools work with; filled by VS Code and by the MCP server. */
export interface AgentPorts {
  readonly media: MediaEngine;
  readonly files: AllowedFiles;
  /** A session of its own for one job, on this machine: nothing is uploaded, whatever engine the person chose. */
  readonly openSession: (clip: string, duration: Microseconds) => JobSession;
  /** What the person has edited of a clip, where there is a person with an editor. */
  readonly editOf?: (clip: string) => TrimSession | undefined;
}

export interface JobSession {
  readonly session: TrimSession;
  /** Ends what runs and forgets the session; files that it exported stay. */
  readonly close: () => Promise<void>;
}

export interface ToolCall {
  readonly signal: AbortSignal;
  /** Rising, 0 to 1, with a word on what is done. */
  readonly onProgress?: (fraction: number, doing: string) => void;
}

export interface ToolAnswer<Output> {
  /** The result in a few plain English sentences. */
  readonly text: string;
  readonly data: Output;
}

/** A tool as agents see it, the same through every door. */
export interface AgentTool<Input extends z.core.$ZodType = z.core.$ZodType, Output = unknown> {
  readonly name: ToolName;
  readonly title: string;
  /** For the model, in English: what it does, what it wants and gives, and what it never does. */
  readonly description: string;
  readonly input: Input;
  readonly output: z.core.$ZodType<Output>;
  /** Writes no file. */
  readonly readOnly: boolean;
  /** @throws ToolRefusal, SessionError, MediaError: each with a sentence; the signal's reason */
  run(input: z.output<Input>, ports: AgentPorts, call: ToolCall): Promise<ToolAnswer<Output>>;
}

/** What was asked for is not done; the message says why and what to ask for instead. */
export class ToolRefusal extends Error {
  override readonly name = 'ToolRefusal';
}
