import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { constants, existsSync } from 'node:fs';
import { copyFile, mkdir, open, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';

import { createMediaEngine } from '../../src/media/engine.js';
import { MediaError } from '../../src/media/media.js';
import { workerEnvironment } from '../../src/media/worker-environment.js';
import { ffmpeg, makeClip } from './clips.js';
import { openBench, type Bench } from './workbench.js';

const run = promisify(execFile);
const KEPT = [{ in: 0, out: 1_000_000 }];

/** Something that a hostile file names, and that nobody may open: it tells when somebody does. */
interface Bait {
  /** A named pipe, whose opening for reading is seen. */
  readonly pipe: string;
  readonly url: string;
  /** @returns what was touched since the last time */
  touched(): Promise<string[]>;
  close(): Promise<void>;
}

async function layBait(folder: string): Promise<Bait> {
  const pipe = path.join(folder, 'secret.ts');
  await run('mkfifo', [pipe]);
  let requests: string[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(`request ${request.url}`);
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    pipe,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    touched: async () => {
      const found = requests;
      requests = [];
      // Opening a pipe for writing without waiting succeeds only when somebody has it open for reading.
      const held = await open(pipe, constants.O_WRONLY | constants.O_NONBLOCK).catch(() => undefined);
      await held?.close();
      return held ? ['pipe', ...found] : found;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('A hostile file', function () {
  this.timeout(60_000);
  let bench: Bench;
  let bait: Bait;
  let clip: string;
  let stream: string;

  before(async function () {
    if (process.platform === 'win32') return this.skip();
    bench = await openBench();
    await mkdir(bench.file('bait'));
    bait = await layBait(bench.file('bait'));
    clip = bench.file('clip.mp4');
    await makeClip(clip, { frames: 60 });
    stream = bench.file('clip.ts');
    await ffmpeg('-i', clip, '-c', 'copy', stream);
  });
  after(async () => {
    await bait?.close();
    await bench?.close();
  });

  const scripts: readonly (readonly [string, () => string])[] = [
    [
      'a list for the concat demuxer',
      () => `ffconcat version 1.0\nfile '${bait.pipe}'\nfile '${bait.url}/concat.ts'\n`,
    ],
    [
      'an HLS playlist',
      () =>
        `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MAP:URI="${bait.url}/map"\n#EXTINF:2,\n${bait.pipe}\n#EXTINF:2,\n${bait.url}/hls.ts\n#EXT-X-ENDLIST\n`,
    ],
    [
      'an HLS playlist with a key',
      () => `#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="${bait.url}/key"\n#EXTINF:2,\n${bait.pipe}\n`,
    ],
    [
      'a DASH manifest',
      () =>
        `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT2S"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>${bait.url}/dash.mp4</BaseURL></Representation></AdaptationSet></Period></MPD>`,
    ],
    [
      'a description of a session (SDP)',
      () =>
        'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n',
    ],
    ['a QuickTime reference to a stream', () => `rtsptext\r\n${bait.url.replace('http', 'rtsp')}/x\r\n`],
    ['a Windows Media redirector', () => `<ASX version="3.0"><Entry><Ref href="${bait.url}/x.wmv"/></Entry></ASX>`],
    [
      'a smooth streaming manifest',
      () => `<SmoothStreamingMedia><StreamIndex Url="${bait.url}/x"/></SmoothStreamingMedia>`,
    ],
    [
      'subtitles of VobSub',
      () => '# VobSub index file, v7 (do not modify this line!)\nsize: 720x576\nid: en, index: 0\n',
    ],
  ];
  for (const [name, text] of scripts) {
    for (const ending of ['mp4', 'mkv', 'ts', 'mov']) {
      it(`that is ${name} under the name of an ${ending} opens nothing else`, async () => {
        const file = bench.file(`${name.replace(/\W/g, '-')}.${ending}`);
        await writeFile(file, text());
        const results = await Promise.allSettled([
          bench.engine.probe(file),
          bench.engine.cut({ input: file, output: bench.file(`never.${ending}`), kept: KEPT }),
          bench.engine.sound(file, () => undefined),
          bench.engine.thumbnails(file, { count: 2, height: 40 }),
          bench.engine.keyframes(file, 100),
        ]);
        for (const result of results) {
          const reason: unknown = result.status === 'rejected' ? result.reason : undefined;
          assert.ok(reason instanceof MediaError && reason.code === 'not-media', String(reason));
        }
        assert.deepEqual(await bait.touched(), []);
      });
    }
  }

  it('would reach what it names where any program lets it: the attack is a real one', async () => {
    const list = bench.file('list.ffconcat');
    await writeFile(list, `ffconcat version 1.0\nfile '${bait.url}/proof.ts'\n`);
    await run('ffprobe', [
      '-v',
      'quiet',
      '-f',
      'concat',
      '-safe',
      '0',
      '-protocol_whitelist',
      'file,http,tcp',
      list,
    ]).catch(() => undefined);
    assert.deepEqual(await bait.touched(), ['request /proof.ts']);
  });

  it('whose name is that of a protocol is a file and nothing else', async () => {
    const names = [
      'concat:a.ts|b.ts',
      'subfile,,start,0,end,100,,:clip.ts',
      'data:video;base64,AAAA.mp4',
      'pipe:0.mp4',
      'crypto:clip.mp4',
      'http:clip.mp4',
      'img-%03d.mp4',
      'cache:clip.mp4',
    ];
    for (const name of names) {
      const file = bench.file(name);
      await copyFile(name.includes('.ts') ? stream : clip, file);
      const { duration } = await bench.engine.probe(file);
      assert.ok(Math.abs(duration - 2_000_000) < 100_000, `${name}: ${duration}`);
    }
    for (const url of [
      `${bait.url}/probe.mp4`,
      `http:${bait.url}`,
      `concat:${bait.pipe}`,
      `subfile,,start,0,end,9,,:${clip}`,
    ]) {
      await assert.rejects(
        bench.engine.probe(url),
        (error) => error instanceof MediaError && error.code === 'not-found',
      );
    }
    assert.deepEqual(await bait.touched(), []);
  });

  it('whose tracks lie in another file by its own word gets nothing out of that', async () => {
    const bytes = await readFile(clip);
    for (const [what, reference] of [
      ['url', Buffer.concat([Buffer.from('url \0\0\0\0'), Buffer.from(`file://${bait.pipe}\0`)])],
      ['http', Buffer.concat([Buffer.from('url \0\0\0\0'), Buffer.from(`${bait.url}/dref\0`)])],
      ['alis', alias(bait.pipe)],
    ] as const) {
      for (const ending of ['mov', 'mp4']) {
        const file = bench.file(`dref-${what}.${ending}`);
        await writeFile(file, withDataReference(bytes, reference));
        const output = bench.file(`dref-${what}-cut.${ending}`);
        await Promise.allSettled([
          bench.engine.probe(file),
          bench.engine.cut({ input: file, output, kept: KEPT }),
          bench.engine.thumbnails(file, { count: 2, height: 40 }),
          bench.engine.sound(file, () => undefined),
        ]);
        assert.deepEqual(await bait.touched(), [], `${what} ${ending}`);
        if (!existsSync(output)) continue;
        // What it names must not come along into the result either, for the next program to follow.
        const written = (await readFile(output)).toString('latin1');
        assert.ok(!written.includes('secret') && !written.includes(bait.url), `${what} ${ending}`);
      }
    }
  });

  it('that is linked with other files in Matroska opens none of them', async () => {
    const linked = bench.file('linked.mkv');
    const next = path.join(bench.file('bait'), 'next.mkv');
    await ffmpeg('-i', clip, '-c', 'copy', linked);
    await run('mkfifo', [next]);
    const bytes = await readFile(linked);
    await writeFile(linked, withLinkedSegment(bytes, '../bait/next.mkv'));
    await bench.engine.probe(linked).catch(() => undefined);
    await bench.engine.cut({ input: linked, output: bench.file('linked-cut.mkv'), kept: KEPT }).catch(() => undefined);
    const held = await open(next, constants.O_WRONLY | constants.O_NONBLOCK).catch(() => undefined);
    await held?.close();
    assert.equal(held, undefined);
    assert.deepEqual(await bait.touched(), []);
  });

  it('is worked on by a process that knows nothing of the person: no token, no setting, no proxy', async () => {
    const secrets = {
      NEMO_TOKEN: 'secret-1',
      NEMO_CLIENT_ID: 'secret-2',
      HTTPS_PROXY: 'http://user:secret-3@proxy',
      GITHUB_TOKEN: 'secret-4',
      AWS_SECRET_ACCESS_KEY: 'secret-5',
      SSH_AUTH_SOCK: '/secret-6',
      NODE_OPTIONS: '--max-old-space-size=3000',
      VSCODE_IPC_HOOK: '/secret-7',
      LD_PRELOAD: '',
      XDG_RUNTIME_DIR: '/secret-8',
    };
    const before = { ...process.env };
    Object.assign(process.env, secrets);
    const engine = createMediaEngine({ workerPath: bench.workerPath });
    try {
      const known = new Set(Object.keys(workerEnvironment()));
      for (const name of Object.keys(secrets)) assert.ok(!known.has(name), name);
      await engine.probe(clip);
      if (process.platform !== 'linux') return;
      const all = await readdir('/proc');
      for (const pid of all.filter((name) => /^\d+$/.test(name))) {
        const parent = /\nPPid:\s*(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''))?.[1];
        const args = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
        if (Number(parent) !== process.pid || !args.includes('media-worker')) continue;
        const environment = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0');
        const names = environment.map((entry) => entry.split('=')[0] ?? '').filter((name) => name !== '');
        assert.doesNotMatch(environment.join('\n') + args, /secret-/);
        for (const name of names) {
          // Node adds the channel to its parent.
          assert.ok(known.has(name) || name.startsWith('NODE_CHANNEL_'), name);
        }
      }
    } finally {
      await engine.close();
      for (const name of Object.keys(secrets)) {
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
      }
    }
  });
});

/** A Macintosh alias record (type `alis`) with the whole path, as QuickTime followed it. */
function alias(target: string): Buffer {
  const record = Buffer.alloc(150);
  record.writeUInt16BE(2, 6);
  const text = Buffer.from(target);
  const head = Buffer.alloc(4);
  // Absolute path in POSIX form.
  head.writeUInt16BE(18, 0);
  head.writeUInt16BE(text.length, 2);
  const end = Buffer.from([0xff, 0xff, 0, 0]);
  return Buffer.concat([Buffer.from('alis\0\0\0\0'), record, head, text, Buffer.alloc(text.length % 2), end]);
}

/** The movie with another data reference in all its tracks, as long as before in front of it: the index comes last. */
function withDataReference(movie: Buffer, reference: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(4 + reference.length);
  const entry = Buffer.concat([size, reference]);
  return replaceIn(movie, 'dref', (content) => Buffer.concat([content.subarray(0, 8), entry]));
}

const PARENTS = new Set(['moov', 'trak', 'mdia', 'minf', 'dinf']);

function replaceIn(boxes: Buffer, type: string, change: (content: Buffer) => Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at + 8 <= boxes.length;) {
    const length = boxes.readUInt32BE(at) || boxes.length - at;
    const own = boxes.toString('latin1', at + 4, at + 8);
    let content = boxes.subarray(at + 8, at + length);
    if (own === type) content = Buffer.from(change(content));
    else if (PARENTS.has(own)) content = replaceIn(content, type, change);
    const head = Buffer.from(boxes.subarray(at, at + 8));
    head.writeUInt32BE(content.length + 8);
    parts.push(head, content);
    at += length;
  }
  return Buffer.concat(parts);
}

/** Puts NextFilename and NextUID (RFC 9559 5.1.2) into the segment's information, in the place of its space. */
function withLinkedSegment(file: Buffer, next: string): Buffer {
  const element = (id: number[], data: Buffer): Buffer =>
    Buffer.concat([Buffer.from([...id, 0x80 | data.length]), data]);
  const link = Buffer.concat([
    element([0x3e, 0x83, 0xbb], Buffer.from(next)),
    element([0x3e, 0xb9, 0x23], Buffer.alloc(16, 7)),
  ]);
  // A Void element that FFmpeg's muxer leaves behind the seek head is long enough for an Info element of ours.
  const info = element([0x15, 0x49, 0xa9, 0x66], link);
  for (let at = file.indexOf(0xec); at >= 0; at = file.indexOf(0xec, at + 1)) {
    if (file[at + 1] !== 0x01) continue;
    const length = Number(file.readBigUInt64BE(at + 1) & 0x00ff_ffff_ffff_ffffn) + 9;
    if (length < info.length + 9 || at + length > file.length) continue;
    const rest = Buffer.alloc(length - info.length);
    rest[0] = 0xec;
    rest.writeBigUInt64BE(BigInt(rest.length - 9) | 0x0100_0000_0000_0000n, 1);
    return Buffer.concat([file.subarray(0, at), info, rest, file.subarray(at + length)]);
  }
  throw new Error('no room for a link');
}
