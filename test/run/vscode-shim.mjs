#!/usr/bin/env node
// Stands in for the `code` executable: `runTests({ vscodeExecutablePath })` of @vscode/test-electron starts it.
import { register } from 'tsx/esm/api';

register();
// When the reader of our output is gone, so is the run: the server and the browser must not outlive it.
process.stdout.on('error', () => process.kill(process.pid, 'SIGTERM'));
const { runInServer } = await import('./vscode-shim.ts');
process.exitCode = await runInServer(process.argv.slice(2));
