import assert from 'node:assert/strict';
import { readSync } from 'node:fs';
import { mkdtemp, open, rm, stat, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { build } from 'esbuild';

import { copyBytes, type Meanwhile } from '../../../../src/media/isobmff/copy-bytes.js';
import { copyInThreads } from '../../../../src/media/isobmff/copy-thread.js';
import { HeadStart, type Front } from '../../../../src/media/isobmff/head-start.js';
import type { Segment } from '../../../../src/media/isobmff/stripes.js';

const MB = 2 ** 20;
const SIZE = 200 * MB;
/** Each page of the source begins with its own number; the rest are holes, which cost nothing. */
const PAGE = 4096 * 16;

describe('Moving the bytes of a large clip', () => {
  let folder: string;
  let source: FileHandle;
  let scratch: FileHandle;
  let bundled: URL;
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
  const pace = (): Promise<void> => Promise.resolve();
  const segments: Segment[] = [
    { data: Buffer.from('head') },
    { offset: 0, length: removed.from },
    { data: between },
    { file: 1, offset: 2, length: MB },
    { file: 1, offset: 2 + MB, length: 3 },
    { offset: removed.to, length: SIZE - removed.to },
  ];

  /** @param front what a thread copies before the rest is known; `position` is that of the first byte behind "head" */
  async function copied(front?: Front, meanwhile?: Meanwhile): Promise<number> {
    const output = await open(join(folder, 'output'), 'w+');
    const [head, ...rest] = segments;
    assert.ok(head);
    try {
      let told = 0;
      const copy = async (position: number, part: readonly Segment[], begun?: HeadStart): Promise<void> => {
        const onBytes = (count: number): void => void (told += count);
        await copyBytes([source, scratch], output, position, part, { pace, onBytes, begun, meanwhile });
      };
      if (front) {
        await using begun = await HeadStart.begin(join(folder, 'source'), join(folder, 'output'), front);
        await new Promise((resolve) => setTimeout(resolve, 100));
        await copy(0, [head]);
        await copy(4, rest, begun);
      } else await copy(0, segments);
      const read = (at: number, length: number): Buffer => {
        const data = Buffer.alloc(length);
        return data.subarray(0, readSync(output.fd, data, 0, length, at));
      };
      assert.equal((await output.stat()).size, 4 + SIZE - (removed.to - removed.from) + added);
      assert.equal(read(0, 4).toString(), 'head');
      for (let at = 0; at < SIZE; at += PAGE) {
        if (at >= removed.from && at < removed.to) continue;
        const moved = at < removed.from ? 4 : 4 + added - (removed.to - removed.from);
        assert.equal(read(at + moved, 8).readDoubleLE(), at);
      }
      assert.deepEqual(read(4 + removed.from, between.length), between);
      assert.deepEqual(read(4 + removed.from + between.length, waiting.length), waiting);
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
    bundled = pathToFileURL(bundle);
    copyInThreads(bundled);
    const told = await copied();
    assert.ok(told > SIZE / 2 && told <= SIZE);
  });

  describe('of which a part is begun before the rest is known', () => {
    const foretold: readonly (readonly [string, Front])[] = [
      ['where it was foretold', { offset: 0, length: removed.from - 3 * MB, position: 4 }],
      ['where more was foretold than is there', { offset: 0, length: removed.from + 50 * MB, position: 4 }],
      ['where other bytes were foretold', { offset: 30 * MB, length: 100 * MB, position: 4 }],
      ['where the header was to be longer', { offset: 0, length: removed.from - 3 * MB, position: 4 + MB }],
    ];
    for (const [where, front] of foretold) {
      it(`puts every byte in its place ${where}`, async function () {
        this.timeout(20_000);
        copyInThreads(bundled);
        await copied(front);
      });
    }

    for (const [where, front] of [...foretold.slice(0, 1), ['without that', undefined] as const]) {
      it(`has its beginning at hand while the rest is written ${where}`, async function () {
        this.timeout(20_000);
        copyInThreads(bundled);
        const after = 4 + removed.from + added + MB;
        let called = 0;
        const work = async (): Promise<void> => {
          called += 1;
          const output = await open(join(folder, 'output'), 'r');
          try {
            const data = Buffer.alloc(added);
            await output.read(data, 0, added, 4 + removed.from);
            assert.deepEqual(data, Buffer.concat([between, waiting.subarray(0, MB + 3)]));
            for (let at = 0; at < removed.from; at += PAGE) {
              readSync(output.fd, data, 0, 8, 4 + at);
              assert.equal(data.readDoubleLE(), at);
            }
          } finally {
            await output.close();
          }
        };
        await copied(front, { after, work });
        assert.equal(called, 1);
      });
    }

    it('ends the thread when what is done meanwhile fails', async function () {
      this.timeout(20_000);
      copyInThreads(bundled);
      const fails = { after: 100 * MB, work: () => Promise.reject(new Error('no')) };
      await assert.rejects(copied({ offset: 0, length: 50 * MB, position: 4 }, fails), /no/);
    });

    it('does it alone where the thread does not begin', async function () {
      this.timeout(20_000);
      copyInThreads(pathToFileURL(join(folder, 'nowhere.mjs')));
      await copied({ offset: 0, length: removed.from - 3 * MB, position: 4 });
    });

    it('lets the thread go when the rest never comes', async () => {
      copyInThreads(bundled);
      const front = { offset: 0, length: 150 * MB, position: 4 };
      await (await open(join(folder, 'left'), 'w')).close();
      const begun = await HeadStart.begin(join(folder, 'source'), join(folder, 'left'), front);
      assert.ok(begun?.thread);
      await begun[Symbol.asyncDispose]();
      assert.equal(begun.thread, undefined);
      const { size } = await stat(join(folder, 'left'));
      assert.ok(size < front.length);
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.equal((await stat(join(folder, 'left'))).size, size);
    });
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
      await assert.rejects(copyBytes([source], output, 0, beyond, { pace, onBytes: () => undefined }), RangeError);
    } finally {
      await output.close();
    }
  });
});
