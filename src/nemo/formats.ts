/** What the NemoVideo cloud takes (product text, "Supported formats"). Our own engine has its own list and no limit. */

const CONTENT_TYPES = new Map([
  ['mp4', 'video/mp4'],
  ['mov', 'video/quicktime'],
  ['avi', 'video/x-msvideo'],
  ['webm', 'video/webm'],
  ['mkv', 'video/x-matroska'],
  ['jpg', 'image/jpeg'],
  ['png', 'image/png'],
  ['gif', 'image/gif'],
  ['webp', 'image/webp'],
  ['mp3', 'audio/mpeg'],
  ['wav', 'audio/wav'],
  ['m4a', 'audio/mp4'],
  ['aac', 'audio/aac'],
]);

/** Extensions without the dot, lower case, in the order in which they are shown. */
export const SUPPORTED_EXTENSIONS: readonly string[] = [...CONTENT_TYPES.keys()];

/** Bytes; "500 MB" read as the larger of its two meanings, so the server decides about the last few. */
export const MAX_UPLOAD_BYTES = 500 * 1024 * 1024;

/** The part after the last dot of a file name, lower case; empty without one. */
export function extensionOf(path: string): string {
  return /\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
}

/** By its ending, in capitals too; the file itself is not looked at. */
export function isSupportedFile(path: string): boolean {
  return CONTENT_TYPES.has(extensionOf(path));
}

/** MIME type by extension, `application/octet-stream` for the rest. */
export function contentTypeOf(path: string): string {
  return CONTENT_TYPES.get(extensionOf(path)) ?? 'application/octet-stream';
}
