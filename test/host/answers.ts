import * as vscode from 'vscode';

type Questions = Pick<
  typeof vscode.window,
  | 'showQuickPick'
  | 'showInputBox'
  | 'showInformationMessage'
  | 'showWarningMessage'
  | 'showErrorMessage'
  | 'showSaveDialog'
  | 'showOpenDialog'
>;

/** What a person was asked or told: the title, prompt or message. */
export interface Asked {
  readonly how: keyof Questions;
  readonly text: string;
  readonly options: unknown;
}

/**
 * Stands in for the person: VS Code's questions are answered by these functions instead of being shown, everything else
 * of VS Code is real. A question without an answer here is dismissed.
 *
 * @returns what was asked and told, in order
 */
export async function answering(
  answers: { readonly [Name in keyof Questions]?: (...asked: unknown[]) => unknown },
  run: () => Promise<unknown>,
): Promise<Asked[]> {
  const asked: Asked[] = [];
  const names = [
    'showQuickPick',
    'showInputBox',
    'showInformationMessage',
    'showWarningMessage',
    'showErrorMessage',
    'showSaveDialog',
    'showOpenDialog',
  ] as const;
  const window = vscode.window as unknown as Record<string, unknown>;
  const real = names.map((name) => [name, window[name]] as const);
  for (const name of names) {
    window[name] = async (...given: unknown[]): Promise<unknown> => {
      const options = name === 'showQuickPick' ? given[1] : given[0];
      const { title, prompt } = (typeof options === 'object' ? (options ?? {}) : {}) as Record<string, string>;
      asked.push({ how: name, text: typeof options === 'string' ? options : (title ?? prompt ?? ''), options });
      return await answers[name]?.(...given);
    };
  }
  try {
    await run();
  } finally {
    for (const [name, value] of real) window[name] = value;
  }
  return asked;
}
