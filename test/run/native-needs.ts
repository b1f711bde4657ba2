// What a native part wants of the system that loads it, as its own headers say: so that one for another system, or one
// that wants more than VS Code itself does, is never packed.
import type { Target } from './native-parts.js';

export interface NativeNeeds {
  /** As VS Code names it, `linux-arm64`. */
  readonly platform: string;
  /** Names of the libraries that must be there, as the file has them. */
  readonly libraries: readonly string[];
  /** Linux: the newest C library that a symbol is of. macOS: the oldest release that it is for. Undefined on Windows. */
  readonly release: string | undefined;
  /** macOS: there is a code signature. */
  readonly signed: boolean;
}

interface Limits {
  /** What every system of the kind brings along. */
  readonly libraries: RegExp;
  /** The oldest system that is promised. */
  readonly release?: string;
}

const limits: Readonly<Record<string, Limits>> = {
  // VS Code and its server want glibc 2.28 themselves. Neither wants libstdc++ of anybody who does not have it.
  linux: {
    libraries: /^(?:lib(?:c|m|mvec|dl|rt|pthread)\.so\.\d|ld-linux-(?:x86-64|aarch64)\.so\.\d)$/,
    release: '2.28',
  },
  darwin: { libraries: /^\/(?:usr\/lib|System\/Library\/Frameworks)\//, release: '12.0' },
  // node.exe stands for the program that loads it, whatever that is called.
  win32: {
    libraries:
      /^(?:(?:advapi32|avicap32|bcrypt|cfgmgr32|crypt32|gdi32|kernel32|ncrypt|ole32|oleaut32|secur32|shlwapi|user32|ws2_32)\.dll|node\.exe)$/i,
  },
};

/** Why the file must not be packed for the target, a sentence each; none when it may. */
export function nativeProblems(target: Target, file: Buffer): string[] {
  let needs: NativeNeeds;
  try {
    needs = readNeeds(file);
  } catch (error) {
    return [`The native part cannot be read: ${error instanceof Error ? error.message : String(error)}.`];
  }
  if (needs.platform !== target) return [`The native part is for ${needs.platform}, not for ${target}.`];
  const { libraries, release } = limits[target.split('-')[0] ?? ''] ?? { libraries: /^$/ };
  const problems = needs.libraries
    .filter((name) => !libraries.test(name))
    .map((name) => `The native part wants ${name}, which not every system has.`);
  if (needs.libraries.length === 0) problems.push('The native part names no library, which none can do without.');
  if (release !== undefined && (needs.release === undefined || isLater(needs.release, release)))
    problems.push(`The native part wants release ${needs.release ?? '?'} of the system; promised is ${release}.`);
  // Apple silicon loads nothing without one; that of the linker is enough.
  if (target === 'darwin-arm64' && !needs.signed) problems.push('The native part is not signed.');
  return problems;
}

/** @throws Error, RangeError when it is no native part of a 64-bit system, or not whole */
export function readNeeds(file: Buffer): NativeNeeds {
  if (file.readUInt32BE(0) === 0x7f454c46) return readElf(file);
  if (file.readUInt32LE(0) === 0xfeedfacf) return readMachO(file);
  if (file.toString('latin1', 0, 2) === 'MZ') return readPe(file);
  throw new Error('it is of no known kind');
}

/** System V ABI, "Object Files" and "Program Loading"; symbol versions: LSB Core, "Symbol Versioning". */
function readElf(file: Buffer): NativeNeeds {
  const [count, size, first] = [file.readUInt16LE(0x3c), file.readUInt16LE(0x3a), long(file, 0x28)];
  const section = (index: number): { type: number; at: number; size: number; names: number } => {
    const at = first + index * size;
    return {
      type: file.readUInt32LE(at + 4),
      at: long(file, at + 0x18),
      size: long(file, at + 0x20),
      names: file.readUInt32LE(at + 0x28),
    };
  };
  const sections = Array.from({ length: count }, (_, index) => section(index));
  const ofType = (type: number) => sections.filter((one) => one.type === type);
  const libraries: string[] = [];
  for (const { at, size: bytes, names } of ofType(6)) {
    for (let entry = at; entry < at + bytes; entry += 16)
      if (long(file, entry) === 1) libraries.push(text(file, section(names).at + long(file, entry + 8)));
  }
  let release: string | undefined;
  for (const { at, names } of ofType(0x6ffffffe)) {
    for (const library of chain(file, at, 12)) {
      for (const version of chain(file, library + file.readUInt32LE(library + 8), 12)) {
        const named = /^GLIBC_([\d.]+)$/.exec(text(file, section(names).at + file.readUInt32LE(version + 8)))?.[1];
        if (named !== undefined && (release === undefined || isLater(named, release))) release = named;
      }
    }
  }
  return { platform: `linux-${architecture(file.readUInt16LE(18), 62, 183)}`, libraries, release, signed: false };
}

/** Apple's <mach-o/loader.h>. */
function readMachO(file: Buffer): NativeNeeds {
  const libraries: string[] = [];
  let [release, signed]: [string | undefined, boolean] = [undefined, false];
  let at = 32;
  for (let left = file.readUInt32LE(16); left > 0; left -= 1) {
    const command = file.readUInt32LE(at);
    // Load, load weakly, export anew.
    if ([0xc, 0x80000018, 0x8000001f].includes(command)) libraries.push(text(file, at + file.readUInt32LE(at + 8)));
    // The second is that of older linkers.
    if (command === 0x32 || command === 0x24) {
      const version = file.readUInt32LE(at + (command === 0x32 ? 12 : 8));
      release = `${version >>> 16}.${(version >>> 8) & 0xff}`;
    }
    if (command === 0x1d) signed = file.readUInt32LE(at + 8) + file.readUInt32LE(at + 12) <= file.length;
    at += file.readUInt32LE(at + 4);
  }
  const platform = `darwin-${architecture(file.readUInt32LE(4), 0x01000007, 0x0100000c)}`;
  return { platform, libraries, release, signed };
}

/** Microsoft's "PE Format". */
function readPe(file: Buffer): NativeNeeds {
  const header = file.readUInt32LE(0x3c) + 4;
  const optional = header + 20;
  if (file.readUInt16LE(optional) !== 0x20b) throw new Error('it is not for 64 bits');
  const sections = optional + file.readUInt16LE(header + 16);
  const count = file.readUInt16LE(header + 2);
  const placeOf = (address: number): number => {
    for (let at = sections; at < sections + 40 * count; at += 40) {
      const begin = file.readUInt32LE(at + 12);
      if (address >= begin && address < begin + file.readUInt32LE(at + 16))
        return address - begin + file.readUInt32LE(at + 20);
    }
    throw new Error('it points outside of itself');
  };
  const libraries: string[] = [];
  // The libraries that it loads at once, and those when they are first used: where the list is, how long an entry is,
  // and where in it the address of the name is.
  for (const [directory, size, name] of [
    [1, 20, 12],
    [13, 32, 4],
  ] as const) {
    const address = file.readUInt32LE(optional + 112 + 8 * directory);
    if (address === 0) continue;
    for (let at = placeOf(address); file.readUInt32LE(at + name) !== 0; at += size)
      libraries.push(text(file, placeOf(file.readUInt32LE(at + name))));
  }
  const platform = `win32-${architecture(file.readUInt16LE(header), 0x8664, 0xaa64)}`;
  return { platform, libraries, release: undefined, signed: false };
}

function architecture(code: number, x64: number, arm64: number): string {
  return code === x64 ? 'x64' : code === arm64 ? 'arm64' : `another processor (${code})`;
}

/** The places of entries that name the distance to the next. */
function* chain(file: Buffer, first: number, next: number): Generator<number> {
  for (let at = first; ;) {
    yield at;
    const step = file.readUInt32LE(at + next);
    if (step === 0) return;
    at += step;
  }
}

function long(file: Buffer, at: number): number {
  return Number(file.readBigUInt64LE(at));
}

function text(file: Buffer, at: number): string {
  const end = file.indexOf(0, at);
  if (at >= file.length || end < 0) throw new RangeError('it ends too early');
  return file.toString('latin1', at, end);
}

function isLater(version: string, than: string): boolean {
  return version.localeCompare(than, 'en', { numeric: true }) > 0;
}
