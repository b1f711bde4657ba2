import { MediaError } from '../media/media.js';
import { NemoError } from '../nemo/errors.js';
import { SessionError } from '../session/session-error.js';
import { ToolRefusal } from './agent-tool.js';

/** What went wrong, in a sentence for the model; what is not one of ours says no more than that it happened. */
export function failureInWords(error: unknown): string {
  const ours = [ToolRefusal, SessionError, MediaError, NemoError].some((kind) => error instanceof kind);
  return ours
    ? (error as Error).message
    : 'Something went wrong in Video Trimmer itself. The files are as they were, and nothing was written.';
}
