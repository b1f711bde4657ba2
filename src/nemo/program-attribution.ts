import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as z from 'zod/mini';
import { skillPlatform, type Attribution } from './attribution.js';

/**
 * The attribution of a program of ours outside VS Code.
 *
 * @param program `import.meta.url` of the bundle, which lies one folder below package.json
 */
export async function programAttribution(program: string): Promise<Attribution> {
  const text = await readFile(new URL('../package.json', program), 'utf8');
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(text));
  return { version, platform: skillPlatform(fileURLToPath(program)) };
}
