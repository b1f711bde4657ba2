import * as vscode from 'vscode';
import type { EngineName } from '../session/ports.js';

/** Where the settings say to cut; undefined: the person is asked. */
export function engineSetting(): EngineName | undefined {
  const set = vscode.workspace.getConfiguration('videoTrimmer').get<string>('engine');
  return set === 'cloud' || set === 'local' ? set : undefined;
}
