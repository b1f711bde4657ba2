import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod/mini';

import type { FileIdentity } from '../file/source.js';

// A file of the cache: magic and version, SHA-256 of all that follows, length of the header, header (JSON), blobs.
const MAGIC = Buffer.from('VTLOOK\0\x01', 'latin1');
const HASH = 32;
const MOST_BYTES = 64 * 1024 * 1024;
/** What a process that ended in the middle of writing left behind, when another has its number now. Milliseconds. */
const STALE = 3_600_000;
/** Folders that this process has looked through for such. */
const tidied = new Set<string>();

const headerSchema = z.object({
  path: z.string(),
  size: z.number(),
  modified: z.number(),
  inode: z.number(),
  blobs: z.array(z.int().check(z.nonnegative())),
  facts: z.unknown(),
});

/** What was seen or heard in a clip: facts small enough for JSON, and bytes. */
export interface CachedLook {
  readonly facts: unknown;
  readonly blobs: readonly Uint8Array[];
}

/**
 * Remembers on disk what looking at clips gave, by the identity of the file. Losing any of it costs time only, so
 * nothing here throws: what is damaged, of another version or of another file is as good as not there. Several windows
 * may use the folder at once: files appear whole, by renaming.
 */
export class LookCache {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async read(kind: string, file: string, identity: FileIdentity): Promise<CachedLook | undefined> {
    await this.#tidy();
    const name = this.#name(kind, file, identity);
    const data = await readFile(name).catch(() => undefined);
    const look = data && decode(data, file, identity);
    // What is used last goes last.
    if (look) await utimes(name, new Date(), new Date()).catch(() => undefined);
    return look;
  }

  async write(kind: string, file: string, identity: FileIdentity, look: CachedLook): Promise<void> {
    const name = this.#name(kind, file, identity);
    const part = `${name}.${process.pid}-${randomUUID()}.part`;
    try {
      await mkdir(this.#folder, { recursive: true });
      const handle = await open(part, 'wx');
      try {
        await handle.writev(encode(file, identity, look));
      } finally {
        await handle.close();
      }
      await rename(part, name);
      await this.#shrink();
    } catch {
      await rm(part, { force: true }).catch(() => undefined);
    }
  }

  /** What processes that are gone were writing. One of another machine loses what it writes, which costs time only. */
  async #tidy(): Promise<void> {
    if (tidied.has(this.#folder)) return;
    tidied.add(this.#folder);
    const names = await readdir(this.#folder).catch(() => []);
    for (const name of names) {
      const pid = Number(/\.(\d+)-[^.]+\.part$/.exec(name)?.[1]);
      if (pid > 0 && !isRunning(pid)) await rm(path.join(this.#folder, name), { force: true }).catch(() => undefined);
    }
  }

  async #shrink(): Promise<void> {
    const names = (await readdir(this.#folder)).map((name) => path.join(this.#folder, name));
    const found = await Promise.all(
      names.map(async (name) => {
        // Another window may be tidying up too.
        const info = await stat(name).catch(() => undefined);
        return info?.isFile() ? { name, size: info.size, used: info.mtimeMs } : undefined;
      }),
    );
    const files = found.filter((file) => file !== undefined).sort((a, b) => b.used - a.used);
    let bytes = 0;
    for (const { name, size, used } of files) {
      const isPart = name.endsWith('.part');
      if (!isPart) bytes += size;
      if (isPart ? used < Date.now() - STALE : bytes > MOST_BYTES) await rm(name, { force: true });
    }
  }

  #name(kind: string, file: string, { size, modified, inode }: FileIdentity): string {
    const key = createHash('sha256')
      .update(JSON.stringify([file, size, modified, inode]))
      .digest('hex')
      .slice(0, 32);
    return path.join(this.#folder, `${key}.${kind}`);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user exists too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function encode(file: string, identity: FileIdentity, look: CachedLook): Buffer[] {
  const { size, modified, inode } = identity;
  const blobs = look.blobs.map((blob) => blob.length);
  const header = Buffer.from(JSON.stringify({ path: file, size, modified, inode, blobs, facts: look.facts }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  const rest = [length, header, ...look.blobs.map((blob) => Buffer.from(blob.buffer, blob.byteOffset, blob.length))];
  const hash = createHash('sha256');
  for (const piece of rest) hash.update(piece);
  return [MAGIC, hash.digest(), ...rest];
}

function decode(data: Buffer, file: string, identity: FileIdentity): CachedLook | undefined {
  const start = MAGIC.length + HASH;
  if (data.length < start + 4 || !data.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  const hash = createHash('sha256').update(data.subarray(start)).digest();
  if (!hash.equals(data.subarray(MAGIC.length, start))) return undefined;
  const headerEnd = start + 4 + data.readUInt32LE(start);
  let json: unknown;
  try {
    json = JSON.parse(data.toString('utf8', start + 4, headerEnd));
  } catch {
    return undefined;
  }
  const header = headerSchema.safeParse(json).data;
  if (header?.path !== file || header.size !== identity.size) return undefined;
  if (header.modified !== identity.modified || header.inode !== identity.inode) return undefined;
  let at = headerEnd;
  const blobs = header.blobs.map((length) => Uint8Array.from(data.subarray(at, (at += length))));
  return at === data.length ? { facts: header.facts, blobs } : undefined;
}
