import { stat } from 'node:fs/promises';
import * as l10n from '@vscode/l10n';
import { refuseRenamed } from './moved-clip.js';
import { SessionError } from './session-error.js';
import type { StateOfFile } from './ports.js';
import type { SessionState } from './session-state.js';

/** As the disk says. */
export const stateOnDisk: StateOfFile = (path) =>
  stat(path, { bigint: true }).then(
    ({ size, mtimeNs, ino }) => `${size} ${mtimeNs} ${ino}`,
    () => undefined,
  );

/** Remembers the clip as the person sees it now, unless that was done before. */
export async function seeClip(state: SessionState): Promise<void> {
  const path = state.clip?.path;
  if (path === undefined || state.seen !== undefined) return;
  const now = await state.stateOfFile(path);
  if (state.clip?.path === path) state.seen ??= now;
}

/**
 * Makes sure that the times which the person marked or wrote are those of the file as it is now. In the cloud the file
 * stays as it was sent, so there it is only said. Once said, the file as it is now counts.
 *
 * @throws SessionError `refused`, with an offer where it was renamed; where it has changed, what our own engine had of
 *   the older file is forgotten then
 */
export async function assertSameClip(state: SessionState): Promise<void> {
  const { clip, seen } = state;
  await seeClip(state);
  if (!clip || seen === undefined) return;
  const now = await state.stateOfFile(clip.path);
  const isSent = clip.uploaded && state.link.engine === 'cloud';
  // One that is gone altogether is said by whoever wants to read it.
  if (now === undefined && !isSent) await refuseRenamed(state);
  if (now === undefined || now === seen) return;
  state.seen = now;
  if (isSent) {
    const text = l10n.t(
      '{0} has changed on this machine since it was uploaded. NemoVideo goes on with the file as it was; start a new session to cut the new one.',
      clip.name,
    );
    state.chat.add({ kind: 'status', text });
    return;
  }
  if (clip.uploaded) state.forgetRemote();
  const message = l10n.t(
    '{0} has changed since it was opened here, so the sections were marked on an older file. Nothing was cut; look at it again and mark them anew.',
    clip.name,
  );
  throw new SessionError('refused', message);
}
