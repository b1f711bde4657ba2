import type { Activity } from '../session/snapshot.js';
import type { TrimSession } from '../session/trim-session.js';
import type { ToolCall } from './agent-tool.js';

// Shares of the whole: reading and editing take moments, the export takes the rest.
const EDITING = 0.05;
const EXPORTING = 0.1;

/**
 * Tells of what a session does, and ends it with the call.
 *
 * @returns stops both
 */
export function followSession(session: TrimSession, { signal, onProgress }: ToolCall): () => void {
  let told = 0;
  const tell = (): void => {
    const [fraction, doing] = stepOf(session.snapshot.activity);
    if (fraction <= told) return;
    told = fraction;
    onProgress?.(fraction, doing);
  };
  const stop = (): void => void session.stop();
  const unlisten = session.onDidChange(tell);
  signal.addEventListener('abort', stop, { once: true });
  return () => {
    unlisten();
    signal.removeEventListener('abort', stop);
  };
}

function stepOf(activity: Activity): [fraction: number, doing: string] {
  switch (activity.kind) {
    case 'idle':
    case 'connecting':
    case 'uploading':
      return [0.01, 'Reading the clip'];
    case 'editing':
      return [EDITING, 'Editing'];
    case 'exporting':
      return [EXPORTING + (1 - EXPORTING) * Math.min(1, activity.fraction ?? 0), 'Writing the file'];
  }
}
