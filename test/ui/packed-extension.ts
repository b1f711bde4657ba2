import { existsSync } from 'node:fs';
import { ownTarget } from '../run/native-parts.js';
import { packExtension } from '../run/package.js';

let packed: Promise<string> | undefined;

/**
 * The VSIX that a user of this platform gets, packed once a process from the build in dist; or the one that
 * VIDEO_TRIMMER_VSIX names.
 */
export function packedExtension(): Promise<string> {
  const given = process.env['VIDEO_TRIMMER_VSIX'];
  if (given && existsSync(given)) return Promise.resolve(given);
  packed ??= packExtension(ownTarget());
  return packed;
}
