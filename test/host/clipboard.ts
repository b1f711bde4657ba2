import * as vscode from 'vscode';

/** @returns what the command puts into the clipboard; the person's own is left alone */
export async function copiedBy(command: string): Promise<string> {
  const real = Object.getOwnPropertyDescriptor(vscode.env, 'clipboard');
  let text = '';
  const writeText = (given: string): Promise<void> => Promise.resolve(void (text = given));
  Object.defineProperty(vscode.env, 'clipboard', { configurable: true, value: { writeText } });
  try {
    await vscode.commands.executeCommand(command);
  } finally {
    if (real) Object.defineProperty(vscode.env, 'clipboard', real);
  }
  return text;
}
