import { appendFileSync } from 'node:fs';
import { format } from 'node:util';

/**
 * Prints a line of the test run. Through the console of the extension host it would reach the VS Code server's window
 * among much that is VS Code's own, and the last lines may be lost when the window closes: so the shim names a file,
 * by VIDEO_TRIMMER_REPORT, and prints it. Desktop VS Code shows the console as it is.
 */
export function say(...values: unknown[]): void {
  const report = process.env['VIDEO_TRIMMER_REPORT'];
  if (report) appendFileSync(report, `${format(...values)}\n`);
  else console.log(...values);
}
