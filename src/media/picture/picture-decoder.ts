import * as l10n from '@vscode/l10n';
import type { CodecContext, CodecParameters, Stream } from 'node-av/lib';

import { MediaError } from '../media.js';
import { check, native } from '../native.js';

/**
 * An open decoder of a picture track, with as many threads as the machine has processors unless `setUp` says otherwise.
 *
 * @param coding the track's own parameters where they are known better than its container states them
 * @param setUp sets options that have to be set before the decoder opens
 * @throws MediaError `unsupported` when no decoder for it is at hand
 */
export function openPictureDecoder(
  { codecpar, timeBase }: Stream,
  setUp?: (decoder: CodecContext) => void,
  coding: CodecParameters = codecpar,
): CodecContext {
  const { av } = native();
  const codec = av.Codec.findDecoder(coding.codecId);
  if (!codec) {
    const name = av.avGetCodecName(coding.codecId) ?? 'unknown';
    const message = l10n.t('The picture of this clip ({0}) cannot be read on this machine.', name.toUpperCase());
    throw new MediaError('unsupported', message);
  }
  const decoder = new av.CodecContext();
  try {
    decoder.allocContext3(codec);
    decoder.parametersToContext(coding);
    decoder.pktTimebase = timeBase;
    decoder.threadCount = 0;
    setUp?.(decoder);
    check(decoder.open2Sync(codec, null), 'open picture decoder');
    return decoder;
  } catch (error) {
    decoder.freeContext();
    throw error;
  }
}
