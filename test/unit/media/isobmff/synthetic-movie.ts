// A small mp4 made byte by byte, so that tests do not lean on what they test.

export interface SyntheticTrack {
  readonly kind: 'vide' | 'soun' | 'text';
  readonly timescale: number;
  readonly step: number;
  readonly sizes: readonly number[];
  /** Presentation minus decode time, in steps. */
  readonly reorder?: readonly number[];
  readonly sync?: readonly number[];
  /** Samples in each chunk. */
  readonly chunk: number;
}

export function box(type: string, ...parts: readonly Buffer[]): Buffer {
  const size = parts.reduce((sum, part) => sum + part.length, 8);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(size);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, ...parts]);
}

export function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => bytes.writeInt32BE(value | 0, i * 4));
  return bytes;
}

/** The bytes of a sample: its own for each track and place. */
export function sampleBytes(track: number, place: number, size: number): Buffer {
  return Buffer.alloc(size, Buffer.from(`${track}:${place};`));
}

const IDENTITY = words(0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000);

/** The file, its tracks' chunks taking turns. */
export function syntheticMovie(tracks: readonly SyntheticTrack[]): Buffer {
  const ftyp = box('ftyp', Buffer.from('isom'), words(512), Buffer.from('isommp41'));
  const data: Buffer[] = [];
  const offsets: number[][] = tracks.map(() => []);
  let at = ftyp.length + 8;
  for (let turn = 0; tracks.some(({ sizes, chunk }) => turn * chunk < sizes.length); turn++) {
    for (const [n, { sizes, chunk }] of tracks.entries()) {
      if (turn * chunk >= sizes.length) continue;
      offsets[n]?.push(at);
      for (let i = turn * chunk; i < Math.min(sizes.length, (turn + 1) * chunk); i++) {
        const bytes = sampleBytes(n, i, sizes[i] ?? 0);
        data.push(bytes);
        at += bytes.length;
      }
    }
  }
  const traks = tracks.map((track, n) => trak(track, n, offsets[n] ?? []));
  const mvhd = box('mvhd', words(0, 1, 1, 1000, 0, 0x1_0000, 0x100_0000, 0, 0), IDENTITY, words(0, 0, 0, 0, 0, 0, 99));
  return Buffer.concat([ftyp, box('mdat', ...data), box('moov', mvhd, ...traks)]);
}

function trak(track: SyntheticTrack, n: number, offsets: readonly number[]): Buffer {
  const { kind, timescale, step, sizes, reorder, sync, chunk } = track;
  const count = sizes.length;
  const tkhd = box('tkhd', words(7, 1, 1, n + 1, 0, 0, 0, 0, 0, 0), IDENTITY, words(0, 0));
  const mdhd = box('mdhd', words(0, 1, 1, timescale, count * step, 0x55c4_0000));
  const hdlr = box('hdlr', words(0, 0), Buffer.from(kind), words(0, 0, 0, 0));
  const dref = box('dinf', box('dref', words(0, 1), box('url ', words(1))));
  const last = count % chunk;
  const runs = [1, chunk, 1, ...(last > 0 && offsets.length > 1 ? [offsets.length, last, 1] : [])];
  if (offsets.length === 1) runs[1] = count;
  const frames = kind === 'soun' && step === 1;
  const stbl = box(
    'stbl',
    box('stsd', words(0, 1), frames ? pcmDescription() : description(kind)),
    box('stts', words(0, 1, count, step)),
    ...(reorder ? [box('ctts', words(0, count), words(...reorder.flatMap((steps) => [1, steps * step])))] : []),
    ...(sync ? [box('stss', words(0, sync.length), words(...sync.map((place) => place + 1)))] : []),
    box('stsc', words(0, runs.length / 3), words(...runs)),
    frames ? box('stsz', words(0, PCM_FRAME, count)) : box('stsz', words(0, 0, count), words(...sizes)),
    box('stco', words(0, offsets.length), words(...offsets)),
  );
  return box('trak', tkhd, box('mdia', mdhd, hdlr, box('minf', dref, stbl)));
}

/** Bytes of a frame of the PCM that a sound track with steps of 1 has: two channels of 16 bits. */
export const PCM_FRAME = 4;

function pcmDescription(): Buffer {
  return box('sowt', words(0, 1, 0, 0, 0x2_0010, 0, 48_000 * 2 ** 16));
}

function description(kind: SyntheticTrack['kind']): Buffer {
  const entry = Buffer.alloc(8);
  entry.writeUInt16BE(1, 6);
  if (kind === 'vide') return box('avc1', entry, Buffer.alloc(70), box('avcC', Buffer.from([1, 77, 0, 30])));
  if (kind === 'soun') return box('mp4a', entry, Buffer.alloc(20), box('esds', words(0)));
  return box('tx3g', entry, Buffer.alloc(30));
}
