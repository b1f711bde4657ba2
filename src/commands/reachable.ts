import * as vscode from 'vscode';
import { NemoError } from '../nemo/errors.js';
import type { EngineName } from '../session/ports.js';
import { SessionError } from '../session/session-error.js';

const KEYS: Record<EngineName, string> = { cloud: 'videoTrimmer.cloudIsAway', local: 'videoTrimmer.engineIsDown' };
const told = new Set<EngineName>();

/** Asks an engine for something. While it cannot be reached, the empty list of sessions says what to do about it. */
export async function reaching<T>(engine: EngineName, work: () => Promise<T>): Promise<T> {
  try {
    const result = await work();
    if (told.delete(engine)) void vscode.commands.executeCommand('setContext', KEYS[engine], false);
    return result;
  } catch (error) {
    const ours = error instanceof SessionError || error instanceof NemoError;
    const isAway = ours && ['unreachable', 'timed-out', 'server'].includes(error.kind);
    if (isAway && !told.has(engine)) {
      told.add(engine);
      void vscode.commands.executeCommand('setContext', KEYS[engine], true);
    }
    throw error;
  }
}
