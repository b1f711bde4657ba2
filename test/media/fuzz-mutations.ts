// Damage to the headers of mp4, mov, mkv and webm, from a seed: the same seed and number give the same file.

export type Random = (below: number) => number;

/** Numbers that repeat from run to run. @returns whole numbers from 0 up to what is asked for */
export function randomness(seed: number, n: number): Random {
  let state = (Math.imul(seed, 0x9e37_79b1) ^ Math.imul(n + 1, 0x85eb_ca6b)) >>> 0;
  return (below) => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** A box or an element: [at, end), its content from `content` on. */
interface Part {
  readonly at: number;
  readonly content: number;
  readonly end: number;
  /** The field that tells its size. */
  readonly size: { readonly at: number; readonly width: number };
  readonly media: boolean;
  readonly parents: readonly Part[];
}

/** What it takes to damage files of one family. */
interface Format {
  parts(file: Buffer): Part[];
  readSize(file: Buffer, part: Part): number;
  /** @returns false when the field is too narrow */
  writeSize(file: Buffer, part: Part, size: number): boolean;
}

/** Boxes that hold boxes, with the bytes before those (ISO/IEC 14496-12). */
const BOXES: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    'moov trak mdia minf stbl edts dinf udta moof traf mvex ilst tref'.split(' ').map((type) => [type, 0]),
  ),
  ...{ meta: 4, stsd: 8, dref: 8, avc1: 78, hvc1: 78, hev1: 78, av01: 78, vp09: 78, mp4a: 28, Opus: 28 },
};

const ISOBMFF: Format = {
  parts(file) {
    const found: Part[] = [];
    const read = (from: number, to: number, parents: readonly Part[]): void => {
      for (let at = from; at + 8 <= to;) {
        const size = file.readUInt32BE(at);
        const type = file.toString('latin1', at + 4, at + 8);
        if (size < 8 || at + size > to) return;
        const end = at + size;
        const part = { at, content: at + 8, end, size: { at, width: 4 }, media: type === 'mdat', parents };
        found.push(part);
        const skipped = BOXES[type];
        if (skipped !== undefined) read(at + 8 + skipped, end, [...parents, part]);
        at = end;
      }
    };
    read(0, file.length, []);
    return found;
  },
  readSize: (file, { size }) => file.readUInt32BE(size.at),
  writeSize: (file, { size: field }, size) => {
    file.writeUInt32BE(size >>> 0, field.at);
    return true;
  },
};

/** Elements that hold elements (RFC 9559): Segment, Tracks, Cluster and what is below. */
const MASTERS = new Set([
  ...[0x1a45_dfa3, 0x1853_8067, 0x114d_9b74, 0x4dbb, 0x1549_a966, 0x1654_ae6b, 0xae, 0xe0, 0xe1, 0x1c53_bb6b, 0xbb],
  ...[0xb7, 0x1f43_b675, 0xa0, 0x1043_a770, 0x45b9, 0xb6, 0x80, 0x1254_c367, 0x7373, 0x63c0, 0x67c8, 0x1941_a469],
]);
const BLOCKS = new Set([0xa1, 0xa3]);

const MATROSKA: Format = {
  parts(file) {
    const found: Part[] = [];
    const read = (from: number, to: number, parents: readonly Part[]): void => {
      for (let at = from; at + 2 <= to;) {
        const idLength = Math.clz32(file[at] ?? 0) - 23;
        if (idLength > 4 || at + idLength >= to) return;
        const id = file.readUIntBE(at, idLength);
        const sizeAt = at + idLength;
        const width = Math.clz32(file[sizeAt] ?? 0) - 23;
        if (width > 8 || sizeAt + width > to) return;
        const content = sizeAt + width;
        const end = Math.min(to, content + vint(file, sizeAt, width));
        const part = { at, content, end, size: { at: sizeAt, width }, media: BLOCKS.has(id), parents };
        found.push(part);
        if (MASTERS.has(id)) read(content, end, [...parents, part]);
        at = end;
      }
    };
    read(0, file.length, []);
    return found;
  },
  readSize: (file, { size: { at, width } }) => vint(file, at, width),
  writeSize: (file, { size: { at, width } }, size) => {
    if (size < 0 || size >= 2 ** (7 * width) - 1) return false;
    let value = size + 2 ** (7 * width);
    for (let n = width - 1; n >= 0; n--) {
      file[at + n] = value % 256;
      value = Math.floor(value / 256);
    }
    return true;
  },
};

function vint(file: Buffer, at: number, width: number): number {
  let value = (file[at] ?? 0) & (0xff >> width);
  for (let n = 1; n < width; n++) value = value * 256 + (file[at + n] ?? 0);
  return value;
}

// Values at the edges of what counts, sizes and times may be.
const EDGES = [0, 1, 2, 7, 8, 0x7f, 0xff, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_fff8, 0xffff_ffff];

/** Damages a whole file in one to four ways. @param ending of its name, which tells the family */
export function damage(whole: Buffer, ending: string, random: Random): Buffer {
  const format = /^(mkv|webm)$/.test(ending) ? MATROSKA : ISOBMFF;
  let file: Buffer = Buffer.from(whole);
  for (let left = 1 + random(4); left > 0 && file.length > 0; left--) file = damageOnce(file, format, random);
  return file;
}

function damageOnce(file: Buffer, format: Format, random: Random): Buffer {
  const parts = format.parts(file);
  const headers = parts.filter(({ media }) => !media);
  const part = headers[random(Math.max(1, headers.length))];
  if (!part) return file.subarray(0, random(file.length));
  // The headers are what is read first; the media has its turn too.
  const within = random(8) === 0 ? { content: 0, end: file.length } : part;
  const at = within.content + random(Math.max(1, within.end - within.content));
  switch (random(11)) {
    case 0:
    case 1:
      if (at < file.length) file[at] = (file[at] ?? 0) ^ (1 << random(8));
      return file;
    case 2:
      if (at < file.length) file[at] = random(256);
      return file;
    case 3:
    case 4: {
      const aligned = part.content + ((at - part.content) & ~3);
      if (aligned >= 0 && aligned + 4 <= file.length) file.writeUInt32BE(EDGES[random(EDGES.length)] ?? 0, aligned);
      return file;
    }
    case 5:
      format.writeSize(file, part, lie(format.readSize(file, part), random));
      return file;
    case 6: {
      const copy = Buffer.from(file.subarray(part.at, part.end));
      return splice(file, format, part, part.end, part.end, copy);
    }
    case 7: {
      const siblings = headers.filter((other) => other.parents.at(-1) === part.parents.at(-1) && other.at >= part.end);
      const other = siblings[random(Math.max(1, siblings.length))];
      return other ? swap(file, part, other) : file;
    }
    case 8:
      return splice(file, format, part, part.at, part.end, Buffer.alloc(0));
    case 9:
      file.fill(random(2) === 0 ? 0 : 0xff, at, Math.min(file.length, at + 1 + random(64)));
      return file;
    default:
      // A cut at any place, or right behind a header.
      return file.subarray(0, random(2) === 0 ? random(file.length) : part.content);
  }
}

function lie(size: number, random: Random): number {
  switch (random(4)) {
    case 0:
      return EDGES[random(EDGES.length)] ?? 0;
    case 1:
      return size + 1 + random(16);
    case 2:
      return Math.max(0, size - 1 - random(16));
    default:
      return random(size * 2 + 1);
  }
}

/** Replaces [from, to), and tells the parents' sizes of it. */
function splice(file: Buffer, format: Format, part: Part, from: number, to: number, inserted: Buffer): Buffer {
  const spliced = Buffer.concat([file.subarray(0, from), inserted, file.subarray(to)]);
  for (const parent of part.parents) {
    format.writeSize(spliced, parent, format.readSize(file, parent) + inserted.length - (to - from));
  }
  return spliced;
}

function swap(file: Buffer, one: Part, other: Part): Buffer {
  return Buffer.concat([
    file.subarray(0, one.at),
    file.subarray(other.at, other.end),
    file.subarray(one.end, other.at),
    file.subarray(one.at, one.end),
    file.subarray(other.end),
  ]);
}
