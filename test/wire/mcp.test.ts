// The MCP server as other clients start it: a process of its own, driven by the official SDK's client over stdio.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import {
  CallToolResultSchema,
  ListRootsRequestSchema,
  type CallToolResult,
  type Progress,
} from '@modelcontextprotocol/sdk/types.js';
import { repository } from '../run/paths.js';
import { CliBench, until } from './cli-run.js';
import { judge } from './local-setup.js';

const run = promisify(execFile);
const server = join(repository, 'dist', 'mcp-server.mjs');

interface Wire {
  readonly client: Client;
  readonly pid: number;
  /** What came over standard output and was no message. */
  readonly strange: Error[];
  call(name: string, input: unknown, options?: Parameters<Client['callTool']>[2]): Promise<CallToolResult>;
}

function textOf({ content }: CallToolResult): string {
  const [first] = content;
  return first?.type === 'text' ? first.text : '';
}

function dataOf<T>(result: CallToolResult): T {
  assert.notEqual(result.isError, true, textOf(result));
  return result.structuredContent as T;
}

describe('MCP server', function () {
  this.timeout(120_000);
  let bench: CliBench;
  let clip: string;
  let long: string;
  let wire: Wire;
  const opened: Client[] = [];

  async function connect(options: { roots?: string[]; folders?: string[] } = {}): Promise<Wire> {
    const { roots, folders = [] } = options;
    const client = new Client({ name: 'test', version: '1' }, { capabilities: roots ? { roots: {} } : {} });
    if (roots) {
      client.setRequestHandler(ListRootsRequestSchema, () => ({
        roots: roots.map((folder) => ({ uri: pathToFileURL(folder).href })),
      }));
    }
    opened.push(client);
    const strange: Error[] = [];
    client.onerror = (error) => strange.push(error);
    const tmp = join(dirname(bench.folder), 'tmp');
    const env = { PATH: process.env['PATH'] ?? '', HOME: bench.home, TMPDIR: tmp };
    const transport = new StdioClientTransport({ command: process.execPath, args: [server, ...folders], env });
    await client.connect(transport);
    // The client then checks each result by the schema of its tool.
    await client.listTools();
    return {
      client,
      strange,
      pid: transport.pid ?? 0,
      call: async (name, input, options) =>
        CallToolResultSchema.parse(
          await client.callTool({ name, arguments: input as Record<string, unknown> }, CallToolResultSchema, options),
        ),
    };
  }

  async function refusal(on: Wire, name: string, input: unknown): Promise<string> {
    const before = await bench.files();
    const result = await on.call(name, input);
    assert.equal(result.isError, true, textOf(result));
    assert.equal(result.structuredContent, undefined);
    assert.deepEqual(await bench.files(), before);
    const text = textOf(result);
    assert.doesNotMatch(text, /\bat \/|node:|Error:/u);
    return text;
  }

  before(async () => {
    await run(process.execPath, ['esbuild.mjs', 'mcp', 'worker'], { cwd: repository });
    bench = await CliBench.open();
    clip = join(bench.folder, 'talk.mkv');
    const chapters = join(bench.home, 'chapters.txt');
    await writeFile(
      chapters,
      [0, 4].map((at, n) => `[CHAPTER]\nTIMEBASE=1/1\nSTART=${at}\nEND=${at + 4}\ntitle=Part ${n + 1}\n`).join(''),
    );
    const subtitles = join(bench.home, 'words.srt');
    await writeFile(subtitles, '1\n00:00:01,000 --> 00:00:02,000\nHello\n');
    const tone = "aevalsrc='if(between(t,4,7),0,0.4*sin(880*t))':s=48000:d=10";
    const inputs = ['-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=25:d=10', '-f', 'lavfi', '-i', tone];
    const codecs = ['-c:v', 'libx264', '-preset', 'veryfast', '-g', '50', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
    const also = ['-f', 'ffmetadata', '-i', chapters, '-i', subtitles, '-map_metadata', '2', '-c:s', 'srt'];
    const maps = ['-map', '0:v', '-map', '1:a', '-map', '3:s', '-metadata:s:s:0', 'language=eng'];
    await run('ffmpeg', ['-v', 'error', ...inputs, ...also, ...maps, ...codecs, clip]);
    const quick = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
    long = await bench.makeClip('long.mp4', quick, { seconds: 12, size: '1280x720' });
    wire = await connect({ roots: [bench.folder] });
  });

  after(async () => {
    for (const client of opened) await client.close();
    await until(async () => (await bench.leftovers()).length === 0);
    await bench.close();
  });

  afterEach(() => assert.deepEqual(wire.strange, [], 'standard output carries messages and nothing else'));

  it('offers four tools, each with what a model and a careful client need to know', async () => {
    const { tools } = await wire.client.listTools();
    assert.deepEqual(
      tools.map(({ name, annotations }) => [name, annotations?.readOnlyHint, annotations?.destructiveHint]),
      [
        ['trim_video', false, false],
        ['export_video', false, false],
        ['find_pauses', true, false],
        ['probe_video', true, false],
      ],
    );
    for (const { description = '', inputSchema, outputSchema, annotations } of tools) {
      assert.match(description, /absolute path/iu);
      assert.match(description, /never overwrites|writes no file/iu);
      assert.deepEqual(inputSchema.required, ['path']);
      assert.equal(outputSchema?.type, 'object');
      assert.equal(annotations?.openWorldHint, false);
    }
  });

  describe('the tools', () => {
    it('trim_video cuts exactly what was asked, beside the source, and tells how far it is', async () => {
      const progress: Progress[] = [];
      const result = await wire.call(
        'trim_video',
        {
          path: clip,
          sections: [
            { in: 1, out: '0:02.5' },
            { in: '0:08', out: 9 },
          ],
        },
        { onprogress: (told) => progress.push(told) },
      );
      const data = dataOf<{ output: string; duration: number; removed: unknown; reencodedFrames: number }>(result);
      assert.equal(data.output, join(bench.folder, 'talk.trimmed.mkv'));
      assert.deepEqual(data.removed, [
        { in: 1, out: 2.5 },
        { in: 8, out: 9 },
      ]);
      const { frames, duration } = await judge(data.output);
      // 25 frames a second: 37.5 of them lie in [1, 2.5).
      assert.equal(frames, 250 - 38 - 25);
      assert.ok(Math.abs(duration - data.duration) < 0.1);
      assert.ok(data.reencodedFrames < frames);
      assert.match(textOf(result), /Removed 0:01–0:02\.5 and 0:08–0:09/u);
      const fractions = progress.map((told) => told.progress);
      assert.ok(fractions.length > 0, 'no progress was told');
      assert.deepEqual(
        fractions,
        [...new Set(fractions)].sort((a, b) => a - b),
      );
      assert.ok(progress.every(({ total, message }) => total === 1 && message !== undefined));
    });

    it('trim_video understands words, and writes where it is told', async () => {
      const output = join(bench.folder, 'short.mkv');
      const input = { path: clip, instruction: 'remove the long pause', output };
      const data = dataOf<{ output: string; removed: { in: number; out: number }[] }>(
        await wire.call('trim_video', input),
      );
      assert.equal(data.output, output);
      const [{ in: from, out: to } = { in: 0, out: 0 }] = data.removed;
      assert.ok(Math.abs(from - 4.1) < 0.1 && Math.abs(to - 6.9) < 0.1, `${from}-${to}`);
      assert.match(await refusal(wire, 'trim_video', input), /short\.mkv is there already/u);
    });

    it('find_pauses finds them, and its list is what trim_video takes', async () => {
      const { pauses, duration } = dataOf<{ pauses: { in: number; out: number; length: number }[]; duration: number }>(
        await wire.call('find_pauses', { path: clip, minimum: 1 }),
      );
      assert.equal(pauses.length, 1);
      assert.ok(Math.abs((pauses[0]?.in ?? 0) - 4) < 0.05 && Math.abs((pauses[0]?.length ?? 0) - 3) < 0.1);
      assert.ok(Math.abs(duration - 10) < 0.1);
      const none = await wire.call('find_pauses', { path: clip, minimum: 5 });
      assert.deepEqual(dataOf<{ pauses: unknown[] }>(none).pauses, []);
      assert.match(textOf(none), /^There is no pause of 5 s or longer/u);
    });

    it('probe_video tells streams, keyframes and chapters', async () => {
      const result = await wire.call('probe_video', { path: clip });
      const data = dataOf<Record<string, unknown>>(result);
      assert.equal(data['container'], 'matroska');
      assert.deepEqual(data['video'], {
        ...(data['video'] as object),
        codec: 'h264',
        width: 320,
        height: 180,
        rotation: 0,
        frameRate: 25,
      });
      assert.deepEqual(data['otherTracks'], [{ kind: 'subtitle', codec: 'subrip', language: 'eng' }]);
      const { count, longestInterval } = data['keyframes'] as { count: number; longestInterval: number };
      assert.equal(count, 5);
      assert.ok(Math.abs(longestInterval - 2) < 0.1, String(longestInterval));
      const chapters = data['chapters'] as { start: number; title: string }[];
      assert.deepEqual(
        chapters.map(({ start, title }) => [Math.round(start), title]),
        [
          [0, 'Part 1'],
          [4, 'Part 2'],
        ],
      );
      assert.match(textOf(result), /0:10 long; matroska; .*h264 320×180, 25 fps/u);
    });

    it('export_video converts a whole file, and refuses what would only copy it', async () => {
      const data = dataOf<{ output: string; what: string; frames: number }>(
        await wire.call('export_video', { path: clip, format: 'mp4' }),
      );
      assert.deepEqual(data, { ...data, output: join(bench.folder, 'talk.trimmed.mp4'), what: 'file' });
      assert.equal((await judge(data.output)).frames, 250);
      assert.match(await refusal(wire, 'export_video', { path: clip }), /only copy the file/u);
      assert.match(await refusal(wire, 'export_video', { path: clip, what: 'edit' }), /no edit of .* to export/u);
    });

    it('leaves the source as it was', async () => {
      const before = [await readFile(clip), (await stat(clip)).mtimeMs] as const;
      await wire.call('trim_video', { path: clip, sections: [{ in: 0, out: 5 }] });
      assert.ok(before[0].equals(await readFile(clip)));
      assert.equal((await stat(clip)).mtimeMs, before[1]);
    });
  });

  describe('what is refused, in words', () => {
    const cases: [what: string, name: string, input: () => unknown, said: RegExp][] = [
      [
        'a relative path',
        'probe_video',
        () => ({ path: 'talk.mkv' }),
        /must be an absolute path, such as .*talk\.mkv/u,
      ],
      ['a way out of the roots', 'probe_video', () => ({ path: join(bench.folder, '../home/x.mp4') }), /lies outside/u],
      ['another file of the machine', 'probe_video', () => ({ path: '/etc/passwd' }), /lies outside/u],
      [
        'an output outside',
        'trim_video',
        () => ({ path: clip, sections: [{ in: 1, out: 2 }], output: '/tmp/a.mp4' }),
        /lies outside/u,
      ],
      [
        'an output that is no video',
        'trim_video',
        () => ({ path: clip, sections: [{ in: 1, out: 2 }], output: join(bench.folder, 'a.sh') }),
        /ends in one of \.mp4/u,
      ],
      [
        'a file that is not there',
        'probe_video',
        () => ({ path: join(bench.folder, 'none.mp4') }),
        /none\.mp4 was not found/u,
      ],
      [
        'a character that no name has',
        'probe_video',
        () => ({ path: `${clip}\0.mp4` }),
        /character that no file name has/u,
      ],
      [
        'an address on the web',
        'probe_video',
        () => ({ path: 'https://example.com/a.mp4' }),
        /must be an absolute path/u,
      ],
      ['a number for a path', 'trim_video', () => ({ path: 7 }), /path is missing or not as described/u],
      ['nothing at all', 'trim_video', () => ({}), /path is missing/u],
      ['a field that there is not', 'trim_video', () => ({ path: clip, start: 1 }), /no field start/u],
      ['a prototype as a field', 'trim_video', () => JSON.parse(`{"path":"/a","__proto__":{"x":1}}`) as unknown, /\S/u],
      ['nothing to do', 'trim_video', () => ({ path: clip }), /Say what to remove/u],
      [
        'a time that is none',
        'trim_video',
        () => ({ path: clip, sections: [{ in: 'soon', out: 2 }] }),
        /sections\[0\]\.in/u,
      ],
      [
        'a time past the end',
        'trim_video',
        () => ({ path: clip, sections: [{ in: 20, out: 30 }] }),
        /sections\[0\]: The clip ends at 0:10/u,
      ],
      [
        'sections that overlap',
        'trim_video',
        () => ({
          path: clip,
          sections: [
            { in: 1, out: 4 },
            { in: 3, out: 5 },
          ],
        }),
        /sections\[1\]: Overlaps/u,
      ],
      [
        'all of the clip',
        'trim_video',
        () => ({ path: clip, sections: [{ in: 0, out: 10 }] }),
        /Nothing would be left/u,
      ],
      [
        'a million sections',
        'trim_video',
        () => ({ path: clip, sections: Array.from({ length: 1e5 }, () => ({ in: 1, out: 2 })) }),
        /sections is missing or not as described/u,
      ],
      [
        'a megabyte of a path',
        'probe_video',
        () => ({ path: `/${'a'.repeat(1e6)}` }),
        /path is missing or not as described/u,
      ],
      [
        'a novel for an instruction',
        'trim_video',
        () => ({ path: clip, instruction: 'cut '.repeat(1e5) }),
        /instruction is/u,
      ],
      [
        'words that ask back',
        'trim_video',
        () => ({ path: clip, instruction: 'remove the section' }),
        /Which section/u,
      ],
      ['a size that is none', 'export_video', () => ({ path: clip, resolution: '$(reboot)' }), /resolution is/u],
    ];
    for (const [what, name, input, said] of cases) {
      it(`${what} (${name})`, async () => {
        assert.match(await refusal(wire, name, input()), said);
      });
    }

    it('a link that leads out of the roots', async () => {
      const secret = join(bench.home, 'secret.mkv');
      await copyFile(clip, secret);
      await symlink(secret, join(bench.folder, 'link.mkv'));
      await symlink(bench.home, join(bench.folder, 'linked'));
      assert.match(await refusal(wire, 'probe_video', { path: join(bench.folder, 'link.mkv') }), /lies outside/u);
      const output = join(bench.folder, 'linked', 'a.mkv');
      const input = { path: clip, sections: [{ in: 1, out: 2 }], output };
      assert.match(await refusal(wire, 'trim_video', input), /lies outside/u);
      assert.ok(!(await readdir(bench.home)).includes('a.mkv'));
    });

    it('a tool that there is not', async () => {
      await assert.rejects(wire.call('rm', {}), /There is no such tool; there are trim_video/u);
    });

    it('everything, where the client has no folder open', async () => {
      const empty = await connect({ roots: [] });
      assert.match(await refusal(empty, 'probe_video', { path: clip }), /no files, because no folder is open/u);
    });

    it('nothing of the sort, where neither client nor person has named a folder', async () => {
      const free = await connect();
      const { duration } = dataOf<{ duration: number }>(await free.call('probe_video', { path: clip }));
      assert.ok(Math.abs(duration - 10) < 0.1);
    });

    it('files outside the folders of the command line', async () => {
      const bound = await connect({ folders: [bench.home] });
      assert.match(await refusal(bound, 'probe_video', { path: clip }), /lies outside/u);
    });
  });

  it('cancelled in the middle, leaves no file and goes on working', async () => {
    const before = await bench.files();
    const cancel = new AbortController();
    const result = wire.call(
      'trim_video',
      { path: long, sections: [{ in: 1, out: 2 }], resolution: '480p' },
      {
        signal: cancel.signal,
        onprogress: ({ progress }) => progress > 0.1 && cancel.abort('enough'),
      },
    );
    await assert.rejects(result, /enough/u);
    const rendered = async (): Promise<string[]> => (await bench.leftovers()).filter((name) => /\.mp4/u.test(name));
    await until(async () => (await rendered()).length === 0);
    assert.deepEqual(await bench.files(), before);
    dataOf(await wire.call('probe_video', { path: long }));
  });

  it('ends with its client, also in the middle, and leaves nothing', async () => {
    const before = await bench.files();
    const leaving = await connect({ roots: [bench.folder] });
    const begun = new Promise<void>((resolve) => {
      const input = { path: long, sections: [{ in: 1, out: 2 }], resolution: '480p' };
      const onprogress = ({ progress }: Progress): void => {
        if (progress > 0.1) resolve();
      };
      leaving.call('trim_video', input, { onprogress }).catch(() => undefined);
    });
    await begun;
    await leaving.client.close();
    await until(async () => {
      const { stdout } = await run('ps', ['-eo', 'pid']);
      return !stdout.split('\n').some((line) => line.trim() === String(leaving.pid));
    });
    assert.deepEqual(await bench.files(), before);
  });
});
