import * as l10n from '@vscode/l10n';
import type { Codec, CodecContext, CodecParameters, Stream } from 'node-av/lib';

import { MediaError } from '../media.js';
import { check, native } from '../native.js';

/**
 * The decoder, by FFmpeg's name, of pictures of VP8 or VP9 that are transparent in part: that is a picture of its own
 * beside each, which FFmpeg's own decoders leave out.
 */
function transparentDecoder({ codecpar, metadata }: Stream): string | undefined {
  const { c } = native();
  const isVp8 = codecpar.codecId === c.AV_CODEC_ID_VP8;
  if (!isVp8 && codecpar.codecId !== c.AV_CODEC_ID_VP9) return undefined;
  return metadata?.get('alpha_mode') === '1' ? (isVp8 ? 'libvpx' : 'libvpx-vp9') : undefined;
}

export function isTransparent(stream: Stream): boolean {
  return transparentDecoder(stream) !== undefined;
}

function findDecoder(stream: Stream, codecId: CodecParameters['codecId']): Codec | null {
  const { av } = native();
  const name = transparentDecoder(stream) as Parameters<typeof av.Codec.findDecoderByName>[0] | undefined;
  return (name && av.Codec.findDecoderByName(name)) ?? av.Codec.findDecoder(codecId);
}

/**
 * An open decoder of a picture track, with as many threads as the machine has processors unless `setUp` says otherwise.
 *
 * @param coding the track's own parameters where they are known better than its container states them
 * @param setUp sets options that have to be set before the decoder opens
 * @throws MediaError `unsupported` when no decoder for it is at hand
 */
export function openPictureDecoder(
  stream: Stream,
  setUp?: (decoder: CodecContext) => void,
  coding: CodecParameters = stream.codecpar,
): CodecContext {
  const { av } = native();
  const codec = findDecoder(stream, coding.codecId);
  if (!codec) {
    const name = av.avGetCodecName(coding.codecId) ?? 'unknown';
    const message = l10n.t('The picture of this clip ({0}) cannot be read on this machine.', name.toUpperCase());
    throw new MediaError('unsupported', message);
  }
  const decoder = new av.CodecContext();
  try {
    decoder.allocContext3(codec);
    decoder.parametersToContext(coding);
    decoder.pktTimebase = stream.timeBase;
    decoder.threadCount = 0;
    setUp?.(decoder);
    check(decoder.open2Sync(codec, null), 'open picture decoder');
    return decoder;
  } catch (error) {
    decoder.freeContext();
    throw error;
  }
}
