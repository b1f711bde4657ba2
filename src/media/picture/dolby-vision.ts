import path from 'node:path';
import * as l10n from '@vscode/l10n';
import type { Stream } from 'node-av/lib';

import { shownName } from '../../timeline/shown-name.js';
import { MediaError } from '../media.js';
import { native } from '../native.js';

// Places in AVDOVIDecoderConfigurationRecord, which is one byte a field.
const PROFILE = 2;
const COMPATIBILITY = 7;

/**
 * Pictures of Dolby Vision that stand on a base of their own kind of colours look false without its data, which pictures
 * that are encoded anew do not have.
 *
 * @throws MediaError `unsupported`
 */
export function assertColoursStay({ codecpar }: Stream, file: string): void {
  const { c } = native();
  const record = codecpar.getCodedSideData(c.AV_PKT_DATA_DOVI_CONF);
  if (!record || record.length <= COMPATIBILITY || record[COMPATIBILITY] !== 0) return;
  const message = l10n.t(
    '{0} is Dolby Vision of a kind (profile {1}) that loses its colours when it is encoded anew. Nothing was written.',
    shownName(path.basename(file)),
    record[PROFILE] ?? 0,
  );
  throw new MediaError('unsupported', message);
}
