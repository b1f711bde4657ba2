import * as l10n from '@vscode/l10n';
import type { CodecParameters, Stream } from 'node-av/lib';

import { rotation } from '../probe.js';
import { check, native } from '../native.js';
import { pixelAspect, type FrameTraits, type PictureSize } from './picture-encoder.js';

/**
 * The coded size of a picture that is to be `height` high when it is shown: in the shape of the source, with square
 * pixels and even sides.
 *
 * @returns undefined where the source is not higher: a picture is never enlarged
 */
export function scaledSize(
  stream: Stream,
  { width, height, interlaced }: Pick<FrameTraits, 'width' | 'height' | 'interlaced'>,
  wanted: number | undefined,
): PictureSize | undefined {
  const { shape, onSide, shown } = shownPicture(stream, { width, height });
  if (wanted === undefined || wanted >= shown) return undefined;
  // Of interlaced pictures each field has to be even.
  const step = interlaced ? 4 : 2;
  const even = (value: number): number => Math.max(step, Math.round(value / step) * step);
  return onSide
    ? { width: even(wanted), height: even(wanted / shape) }
    : { width: even(wanted * shape), height: even(wanted) };
}

/** What is said where the picture would have to be enlarged; undefined where it would not. */
export function keptSizeNote(stream: Stream, traits: PictureSize, wanted: number | undefined): string | undefined {
  if (wanted === undefined || wanted <= shownPicture(stream, traits).shown) return undefined;
  return l10n.t(
    'The picture kept its size, {0}: enlarging it would add no detail.',
    shownSize(stream.codecpar, traits),
  );
}

/** Width by height as coded with square pixels, whether the picture lies on its side, and its height when shown. */
function shownPicture(
  stream: Stream,
  { width, height }: PictureSize,
): { shape: number; onSide: boolean; shown: number } {
  const aspect = pixelAspect(stream);
  const shape = (width / height) * (aspect.num > 0 && aspect.den > 0 ? aspect.num / aspect.den : 1);
  const onSide = rotation(stream.codecpar) % 180 !== 0;
  return { shape, onSide, shown: onSide ? height * shape : height };
}

/** `1280×720`, as it is shown. */
export function shownSize(codecpar: CodecParameters, { width, height }: PictureSize): string {
  return rotation(codecpar) % 180 === 0 ? `${width}×${height}` : `${height}×${width}`;
}

/** A turned picture is moved back into view by its display matrix: by pixels of the source, which are fewer now. */
export function scaleDisplayMatrix(codecpar: CodecParameters, from: PictureSize, to: PictureSize): void {
  const { c } = native();
  const matrix = codecpar.getCodedSideData(c.AV_PKT_DATA_DISPLAYMATRIX);
  if (!matrix || matrix.length < 36) return;
  const changed = Buffer.from(matrix);
  const turned = rotation(codecpar) % 180 !== 0;
  const [across, down] = [to.width / from.width, to.height / from.height];
  changed.writeInt32LE(Math.round(matrix.readInt32LE(24) * (turned ? down : across)), 24);
  changed.writeInt32LE(Math.round(matrix.readInt32LE(28) * (turned ? across : down)), 28);
  check(codecpar.addCodedSideData(c.AV_PKT_DATA_DISPLAYMATRIX, changed), 'describe track');
}
