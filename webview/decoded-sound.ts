/** Whether a page that has read a clip has found no sound in it that it can play. Chromium alone counts. */
export function decodesNoSound(video: HTMLVideoElement): boolean {
  return 'webkitAudioDecodedByteCount' in video && video.webkitAudioDecodedByteCount === 0;
}
