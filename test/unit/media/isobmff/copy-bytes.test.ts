import assert from 'node:assert/strict';
import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { build } from 'esbuild';

import { copyBytes, copyInThreads, type Segment } from '../../../../src/media/isobmff/copy-bytes.js';

const MB = 2 ** 20;
const SIZE = 200 * MB;
/** Each page of the source begins with its own number; the rest are holes, which cost nothing. */
const PAGE = 4096 * 16;

describe('Moving the bytes of a large clip', () => {
  let folder: string;
  let source: FileHandle;
  let scratch: FileHandle;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'video-trimmer-copy-'));
    source = await open(join(folder, 'source'), 'w+');
    const stamp = Buffer.alloc(8);
    for (let at = 0; at < SIZE; at += PAGE) {
      stamp.writeDoubleLE(at);
      await source.write(stamp, 0, 8, at);
    }
    await source.truncate(SIZE);
    scratch = await open(join(folder, 'scratch'), 'w+');
    await scratch.write(Buffer.concat([Buffer.from('..'), waiting]));
  });
  after(async () => {
    copyInThreads(undefined);
    await source.close();
    await scratch.close();
    await rm(folder, { recursive: true });
  });

  const removed = { from: 61 * MB, to: 72 * MB };
  const between = Buffer.alloc(3 * MB + 17, 7);
  /** Bytes of a second file, right behind those. */
  const waiting = Buffer.alloc(MB + 3, 9);
  const added = between.length + waiting.length;
  const segments: Segment[] = [
    { data: Buffer.from('head') },
    { offset: 0, length: removed.from },
    { data: between },
    { file: 1, offset: 2, length: MB },
    { file: 1, offset: 2 + MB, length: 3 },
    { offset: removed.to, length: SIZE - removed.to },
  ];

  async function copied(): Promise<number> {
    const output = await open(join(folder, 'output'), 'w+');
    try {
      let told = 0;
      await copyBytes(
        [source, scratch],
        output,
        0,
        segments,
        () => Promise.resolve(),
        (count) => (told += count),
      );
      const read = async (at: number, length: number): Promise<Buffer> => {
        const data = Buffer.alloc(length);
        const { bytesRead } = await output.read(data, 0, length, at);
        return data.subarray(0, bytesRead);
      };
      assert.equal((await output.stat()).size, 4 + SIZE - (removed.to - removed.from) + added);
      assert.equal((await read(0, 4)).toString(), 'head');
      for (let at = 0; at < SIZE; at += PAGE) {
        if (at >= removed.from && at < removed.to) continue;
        const moved = at < removed.from ? 4 : 4 + added - (removed.to - removed.from);
        assert.equal((await read(at + moved, 8)).readDoubleLE(), at);
      }
      assert.deepEqual(await read(4 + removed.from, between.length), between);
      assert.deepEqual(await read(4 + removed.from + between.length, waiting.length), waiting);
      return told;
    } finally {
      await output.close();
    }
  }

  it('puts every byte in its place with a second thread', async function () {
    this.timeout(20_000);
    const bundle = join(folder, 'thread.mjs');
    const entry = resolve(import.meta.dirname, '../../../../src/media/isobmff/copier.ts');
    await build({
      entryPoints: [entry],
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      outfile: bundle,
    });
    copyInThreads(pathToFileURL(bundle));
    const told = await copied();
    assert.ok(told > SIZE / 2 && told <= SIZE);
  });

  it('does it alone where a second thread cannot begin', async function () {
    this.timeout(20_000);
    copyInThreads(pathToFileURL(join(folder, 'nowhere.mjs')));
    await copied();
  });

  it('says so when the source ends early, and lets the second thread go', async () => {
    const output = await open(join(folder, 'short'), 'w+');
    const beyond = [{ offset: 0, length: SIZE + MB }];
    try {
      await assert.rejects(
        copyBytes(
          [source],
          output,
          0,
          beyond,
          () => Promise.resolve(),
          () => undefined,
        ),
        RangeError,
      );
    } finally {
      await output.close();
    }
  });
});
