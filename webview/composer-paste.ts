import { droppedUris, type DragPayload } from './drop-uris.js';

/** What a paste into the message field means. */
export type Pasted =
  /** Addresses of files: they are attached. */
  | { readonly kind: 'uris'; readonly uris: readonly string[] }
  /** Contents of files, which a page gets without the place they come from. */
  | { readonly kind: 'files' }
  /** Text to be typed, a link to a clip on the web too: that goes up when the message is sent. */
  | { readonly kind: 'text' };

const MEDIA = /\.(?:mp4|mov|avi|webm|mkv|jpe?g|png|gif|webp|mp3|wav|m4a|aac)$/iu;

/** @param payload of the clipboard; its `types` has `Files` when it carries contents of files */
export function pasted(payload: DragPayload): Pasted {
  const text = payload.getData('text/plain').trim();
  const listed = droppedUris(payload).filter((uri) => !/^https?:/iu.test(uri));
  if (listed.length > 0) return { kind: 'uris', uris: listed };
  const lines = text.split(/\r?\n/u).map((line) => line.trim());
  const uris = lines.map(fileUri);
  if (uris.every((uri) => uri !== undefined)) return { kind: 'uris', uris };
  // Some programs copy a picture of the text beside the text itself.
  return payload.types.includes('Files') && text === '' ? { kind: 'files' } : { kind: 'text' };
}

/** Of a line that is nothing but the path of a media file, as "Copy Path" gives it, in quotes or not. */
function fileUri(line: string): string | undefined {
  const path = line.replace(/^(["'])(.*)\1$/u, '$2');
  if (!MEDIA.test(path)) return undefined;
  if (/^(?:file|vscode-remote):\/\//iu.test(path)) return path;
  if (/^\/[^/]/u.test(path)) return `file://${encoded(path)}`;
  if (/^[a-z]:[\\/]/iu.test(path)) return `file:///${encoded(path.replaceAll('\\', '/'))}`;
  return undefined;
}

function encoded(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
