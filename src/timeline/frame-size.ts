const NAMED: Readonly<Record<string, readonly [number, number]>> = {
  '8k': [7680, 4320],
  '4k': [3840, 2160],
  uhd: [3840, 2160],
  '2k': [2560, 1440],
  fullhd: [1920, 1080],
};
/** So little is no other size: 854 pixels are as good as 853. */
const SAME = 0.02;

/** Pixels of a picture as it is shown; undefined where they are not known. */
export interface ShownSize {
  readonly width?: number | undefined;
  readonly height?: number | undefined;
}

export interface ScaledSize {
  readonly width: number;
  readonly height: number;
  /** The picture would have to be enlarged, which is not done: it adds no detail. */
  readonly enlarged: boolean;
}

/**
 * What a size such as `1080p`, `4k` or `1920x1080` asks of a clip: the picture fits into it, lying or standing as it is.
 * A film in 2.39:1 becomes 1920×804 for 1080p, an upright video 1080×1920.
 *
 * @returns undefined where the picture has that size, or none is known
 */
export function scaledSize({ width, height }: ShownSize, size: string): ScaledSize | undefined {
  const box = boxOf(size.toLowerCase().replace(/\s/gu, ''));
  if (!box || !width || !height) return undefined;
  const scale = Math.min(box[0] / Math.max(width, height), box[1] / Math.min(width, height));
  if (Math.abs(scale - 1) < SAME) return undefined;
  const even = (value: number): number => Math.max(2, Math.round((value * scale) / 2) * 2);
  return { width: even(width), height: even(height), enlarged: scale > 1 };
}

/** The longer and the shorter side. */
function boxOf(size: string): readonly [number, number] | undefined {
  const named = NAMED[size];
  if (named) return named;
  const [, a, b] = /^(\d{3,4})[x×](\d{3,4})$/u.exec(size) ?? [];
  if (a !== undefined && b !== undefined) return [Math.max(Number(a), Number(b)), Math.min(Number(a), Number(b))];
  const short = Number(/^(\d{3,4})p?$/u.exec(size)?.[1] ?? Number.NaN);
  return Number.isNaN(short) ? undefined : [Math.round((short * 16) / 9), short];
}
