/**
 * What stays for long is few and large, tables of samples: little room for garbage is enough. Where a cut is done with
 * tables as large as those that come next, it asks for the collection itself. Those tables have V8 collect often, in
 * which all that lives is marked in five milliseconds; marking it in steps and other threads takes several times that.
 */
export const SMALL_HEAP = ['--max-semi-space-size=8', '--no-incremental-marking', '--expose-gc'];

// The worker reads files that anybody may have made: it gets no token and nothing else it does not need.
const NEEDED =
  /^(PATH|HOME|USERPROFILE|TMPDIR|TEMP|TMP|SYSTEMROOT|WINDIR|COMSPEC|LANG|LC_\w+|LD_LIBRARY_PATH|DYLD_\w+)$/i;

/** Names the bundle with the sentences in the person's language. */
export const WORDS = 'VIDEO_TRIMMER_WORDS';

/**
 * Of what this process was given, what the worker needs, and how it is to use memory.
 *
 * @param words absolute path of the bundle with the sentences in the person's language; English without one
 */
export function workerEnvironment(words?: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => NEEDED.test(name));
  // Inside VS Code the running program is Electron, which acts as Node with this; Node itself ignores it.
  // The AV1 encoder writes a page about itself to the log otherwise. The C library of Linux would keep a pool of memory
  // for every thread of a codec, and what was freed.
  const frugal = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: String(2 ** 20) };
  const named = words === undefined ? {} : { [WORDS]: words };
  return { ...Object.fromEntries(kept), ...frugal, ...named, ELECTRON_RUN_AS_NODE: '1', SVT_LOG: '1' };
}
