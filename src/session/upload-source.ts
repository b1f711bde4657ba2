import { basename } from 'node:path';
import { nameOfLink } from './router.js';

// What a session was given: absolute paths, and addresses on the web.

/** Told by its scheme, http or https. */
export function isLink(source: string): boolean {
  return /^https?:\/\//iu.test(source);
}

/** As it is told of. */
export function nameOfUpload(source: string): string {
  return isLink(source) ? nameOfLink(new URL(source).pathname) : basename(source);
}
