import * as vscode from 'vscode';

/**
 * Does work that a token of VS Code can end.
 *
 * @param work its signal is aborted with the token, for the reason CancellationError
 * @throws what the work throws
 */
export async function untilCancelled<T>(
  token: vscode.CancellationToken,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  const cancel = (): void => abort.abort(new vscode.CancellationError());
  const listener = token.onCancellationRequested(cancel);
  if (token.isCancellationRequested) cancel();
  try {
    return await work(abort.signal);
  } finally {
    listener.dispose();
  }
}
