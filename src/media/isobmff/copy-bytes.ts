import type { FileHandle } from 'node:fs/promises';

/** What the result consists of, in its order: bytes of the source, or of ours. */
export type Segment = { readonly offset: number; readonly length: number } | { readonly data: Uint8Array };

export interface CopyHooks {
  readonly signal?: AbortSignal | undefined;
  /** Told the number of bytes written since it was last told. */
  readonly onBytes?: ((count: number) => void) | undefined;
}

// Two of these overlap reading and writing. They stay in the processor's cache: twice the size took three times the
// processor's time. A slow disk moves one in less than the time in which a cancel has to show.
const BLOCK = 2 * 2 ** 20;
// It is faster to read over so many unwanted bytes than to begin anew behind them.
const SMALL_GAP = 64 * 2 ** 10;

/**
 * Moves bytes to `position` in the output and on. Unwanted bytes in between are read with the others where they are
 * few, but never written.
 *
 * @throws the file system's errors, the signal's reason, and RangeError when the source ends early
 */
export async function copyBytes(
  input: FileHandle,
  output: FileHandle,
  position: number,
  segments: Iterable<Segment>,
  { signal, onBytes }: CopyHooks,
): Promise<void> {
  let buffer = Buffer.allocUnsafeSlow(BLOCK);
  let other = Buffer.allocUnsafeSlow(BLOCK);
  let writing: Promise<void> = Promise.resolve();
  let at = position;
  try {
    for (const block of blocks(segments)) {
      signal?.throwIfAborted();
      const filled = await fill(input, buffer, block);
      await writing;
      signal?.throwIfAborted();
      writing = write(output, buffer.subarray(0, filled), at).then(() => onBytes?.(filled));
      // It is awaited in the next turn; until then a failure must not count as unhandled.
      writing.catch(() => undefined);
      at += filled;
      [buffer, other] = [other, buffer];
    }
    await writing;
  } finally {
    await writing.catch(() => undefined);
  }
}

interface Block {
  /** What to read, and where to in the buffer. */
  readonly reads: { readonly offset: number; length: number; readonly at: number }[];
  /** The pieces of the buffer that are wanted, in order; those with data are put in afterwards. */
  readonly pieces: { readonly at: number; length: number; readonly data?: Uint8Array }[];
}

function* blocks(segments: Iterable<Segment>): Generator<Block> {
  let block: Block = { reads: [], pieces: [] };
  let used = 0;
  for (const segment of segments) {
    const length = 'data' in segment ? segment.data.length : segment.length;
    for (let done = 0; done < length;) {
      if (used >= BLOCK) {
        yield block;
        block = { reads: [], pieces: [] };
        used = 0;
      }
      if ('data' in segment) {
        const taken = Math.min(length - done, BLOCK - used);
        block.pieces.push({ at: used, length: taken, data: segment.data.subarray(done, done + taken) });
        used += taken;
        done += taken;
        continue;
      }
      const offset = segment.offset + done;
      const before = block.reads.at(-1);
      const gap = before ? offset - (before.offset + before.length) : -1;
      const continues = before?.at === used - (before?.length ?? 0);
      const merges = before && continues && gap >= 0 && gap <= SMALL_GAP && used + gap < BLOCK;
      const skipped = merges ? gap : 0;
      const taken = Math.min(length - done, BLOCK - used - skipped);
      if (merges) before.length += skipped + taken;
      else block.reads.push({ offset, length: taken, at: used });
      const piece = block.pieces.at(-1);
      if (piece && !piece.data && piece.at + piece.length === used + skipped) piece.length += taken;
      else block.pieces.push({ at: used + skipped, length: taken });
      used += skipped + taken;
      done += taken;
    }
  }
  if (used > 0) yield block;
}

/** @returns how many bytes at the front of the buffer are to be written */
async function fill(input: FileHandle, buffer: Buffer, { reads, pieces }: Block): Promise<number> {
  for (const { offset, length, at } of reads) {
    for (let done = 0; done < length;) {
      const { bytesRead } = await input.read(buffer, at + done, length - done, offset + done);
      if (bytesRead === 0) throw new RangeError('the source ends early');
      done += bytesRead;
    }
  }
  let filled = 0;
  for (const { at, length, data } of pieces) {
    if (data) buffer.set(data, filled);
    else if (at !== filled) buffer.copyWithin(filled, at, at + length);
    filled += length;
  }
  return filled;
}

async function write(output: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += (await output.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
}
