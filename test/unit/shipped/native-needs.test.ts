import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nativeProblems } from '../../run/native-needs.js';
import { nativePart, ownTarget, targets, type Target } from '../../run/native-parts.js';

describe('a native part that is packed', () => {
  const own = ownTarget();
  let file: Buffer;

  before(async function () {
    if (own === undefined) return this.skip();
    file = await readFile(join((await nativePart(own)).folder, 'node-av.node'));
  });

  it('is for this system and needs nothing that not every system has', () => {
    assert.deepEqual(nativeProblems(own as Target, file), []);
  });

  for (const target of targets.filter((name) => name !== own)) {
    it(`is refused when it is that of another system, as for ${target}`, () => {
      assert.deepEqual(nativeProblems(target, file), [`The native part is for ${own}, not for ${target}.`]);
    });
  }

  it('is refused when it is not whole, or nothing of the kind', () => {
    for (const broken of [file.subarray(0, 3), file.subarray(0, 100), Buffer.from('<!doctype html>')])
      assert.match(nativeProblems(own as Target, broken).join(), /cannot be read/);
  });

  it('is refused when it needs a later C library than VS Code does', function () {
    if (process.platform !== 'linux') return this.skip();
    assert.deepEqual(nativeProblems(own as Target, changed('GLIBC_2.28\0', 'GLIBC_2.39\0')), [
      'The native part wants release 2.39 of the system; promised is 2.28.',
    ]);
  });

  it('is refused when it needs a library that not every system has', function () {
    if (process.platform !== 'linux') return this.skip();
    assert.deepEqual(nativeProblems(own as Target, changed('librt.so.1\0', 'libav.so.1\0')), [
      'The native part wants libav.so.1, which not every system has.',
    ]);
  });

  it('is refused for Apple silicon when it is not signed, or for a later macOS', () => {
    assert.deepEqual(nativeProblems('darwin-arm64', machO({ release: 12, signed: true })), []);
    assert.deepEqual(nativeProblems('darwin-arm64', machO({ release: 14, signed: false })), [
      'The native part wants release 14.0 of the system; promised is 12.0.',
      'The native part is not signed.',
    ]);
  });

  function changed(from: string, to: string): Buffer {
    const copy = Buffer.from(file);
    for (let at = copy.indexOf(from); at >= 0; at = copy.indexOf(from, at + 1)) copy.write(to, at, 'latin1');
    return copy;
  }
});

/** Nothing but the headers of a library for Apple silicon. */
function machO({ release, signed }: { release: number; signed: boolean }): Buffer {
  const name = Buffer.from('/usr/lib/libSystem.B.dylib\0\0\0\0\0\0');
  const load = [words(0xc, 24 + name.length, 24, 0, 0, 0), name];
  const build = words(0x32, 24, 1, release << 16, 0, 0);
  const signature = signed ? words(0x1d, 16, 32, 16) : Buffer.alloc(0);
  return Buffer.concat([words(0xfeedfacf, 0x0100000c, 0, 8, signed ? 3 : 2, 0, 0, 0), ...load, build, signature]);
}

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => bytes.writeUInt32LE(value, 4 * index));
  return bytes;
}
