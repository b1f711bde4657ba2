import { join } from 'node:path';
import { repository } from '../run/paths.js';

// `VIDEO_TRIMMER_README_SHOTS=1 npm test -- ui` takes the README's pictures anew.
const readmeShots = process.env['VIDEO_TRIMMER_README_SHOTS'] === '1';

/** Where a picture that the README shows goes: beside the other test pictures, or into the README. */
export function readmeShot(name: string): string {
  return readmeShots ? join(repository, 'media/readme', `${name}.webp`) : name;
}
