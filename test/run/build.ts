import { repository } from './paths.js';
import { run } from './processes.js';

/** Builds what is shipped, for the person who tries it out. @throws Error when it does not build. */
export async function build(): Promise<void> {
  const code = await run(process.execPath, ['esbuild.mjs'], { cwd: repository });
  if (code !== 0) throw new Error('The extension could not be built.');
}
