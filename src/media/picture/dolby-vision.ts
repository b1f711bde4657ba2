import path from 'node:path';
import * as l10n from '@vscode/l10n';
import type { Stream } from 'node-av/lib';

import { shownName } from '../../timeline/shown-name.js';
import { MediaError } from '../media.js';
import { native } from '../native.js';

// Places in AVDOVIDecoderConfigurationRecord, which is one byte a field.
const PROFILE = 2;
const COMPATIBILITY = 7;

function recordOf({ codecpar }: Stream): Buffer | null {
  return codecpar.getCodedSideData(native().c.AV_PKT_DATA_DOVI_CONF);
}

/** Whether a track announces Dolby Vision. */
export function isVision(stream: Stream): boolean {
  return recordOf(stream) !== null;
}

/** The profile of Dolby Vision of which players see false colours that do not know it; undefined for all else. */
export function ownColours(stream: Stream): number | undefined {
  const record = recordOf(stream);
  if (!record || record.length <= COMPATIBILITY || record[COMPATIBILITY] !== 0) return undefined;
  return record[PROFILE] ?? 0;
}

/**
 * Pictures that stand on a base of colours of their own look false without their data, which pictures that are encoded
 * anew as a whole do not have.
 *
 * @throws MediaError `unsupported`
 */
export function assertColoursStay(stream: Stream, file: string): void {
  const profile = ownColours(stream);
  if (profile === undefined) return;
  const message = l10n.t(
    '{0} is Dolby Vision of a kind (profile {1}) that loses its colours when it is encoded anew. Nothing was written.',
    shownName(path.basename(file)),
    profile,
  );
  throw new MediaError('unsupported', message);
}
