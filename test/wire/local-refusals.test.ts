import assert from 'node:assert/strict';
import dns from 'node:dns';
import { copyFile, mkdir, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { createServer, request, type IncomingHttpHeaders, type Server } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { LocalBench } from './local-setup.js';
import { ofKind } from './setup.js';

const ATTRIBUTION = { 'X-Skill-Source': 'test', 'X-Skill-Version': '1', 'X-Skill-Platform': 'unknown' };

/** Looks until it is so; the test's own time limit ends a wait in vain. */
async function until(so: () => Promise<boolean>): Promise<void> {
  while (!(await so())) await new Promise((resolve) => setImmediate(resolve));
}

describe('the engine on this machine', function () {
  this.timeout(60_000);
  let bench: LocalBench;
  let clip: string;
  before(async () => {
    bench = await LocalBench.open();
    clip = await bench.makeClip('talk.mp4', 6);
  });
  after(() => bench.close());

  describe('lets nobody else in', () => {
    /** Status of a credits request with these headers; `fetch` would not let us set Host. */
    const status = (headers: IncomingHttpHeaders): Promise<number> =>
      new Promise((resolve, reject) => {
        const { port } = new URL(bench.engine.baseUrl);
        const call = request({ host: '127.0.0.1', port, path: '/api/credits/balance/simple', headers }, (answer) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
        });
        call.on('error', reject).end();
      });

    it('without its token', async () => {
      assert.equal(await status({}), 401);
      assert.equal(await status({ authorization: 'Bearer wrong' }), 401);
      assert.equal(await status({ authorization: `Bearer ${bench.engine.token}` }), 200);
    });

    it('under another host name, as a web page that rebinds its name would come', async () => {
      const { port } = new URL(bench.engine.baseUrl);
      const authorization = `Bearer ${bench.engine.token}`;
      assert.equal(await status({ authorization, host: `evil.example:${port}` }), 403);
      assert.equal(await status({ authorization, host: '127.0.0.1' }), 403);
      assert.equal(await status({ authorization, host: `localhost:${port}` }), 200);
    });

    it('from a web page', async () => {
      assert.equal(
        await status({ authorization: `Bearer ${bench.engine.token}`, origin: 'https://evil.example' }),
        403,
      );
    });
  });

  describe('refuses in words, and keeps the timeline', () => {
    const cases: Record<string, RegExp> = {
      'remove 0:02 to 0:10': /^The clip ends at 0:06, so 0:10 is past its end\. Nothing was changed\.$/,
      'remove 0:07 to 0:08': /^The clip ends at 0:06/,
      'remove everything after 0:06': /^The clip ends at 0:06/,
      'remove the last 20 seconds': /^The clip ends at 0:06/,
      'remove 0:04 to 0:02': /^The out point 0:02 is before the in point 0:04\./,
      'remove 0:02 to 0:02': /^In and out are both 0:02/,
      'remove 0:00 to 0:06': /^Nothing would be left of the clip\./,
      'remove the first 6 seconds': /^Nothing would be left/,
      'keep only 0:00 to 0:06': /^That is the whole clip already/,
      'remove 0:75 to 0:80': /^"0:75" is not a time\./,
      'remove all pauses over 30 seconds': /^I found no pause of 30 s or longer\./,
      '删除0:02到0:10': /^视频在 0:06 结束，0:10 超出了范围。时间线没有改动。$/,
      undo: /^There is nothing to undo\.$/,
      "don't remove 0:01-0:02": /^I can cut the clip on this machine\./,
    };
    for (const [sentence, answer] of Object.entries(cases)) {
      it(sentence, async () => {
        const sessionId = await bench.newSession(clip);
        assert.match(await bench.say(sessionId, sentence), answer);
        assert.equal(await bench.timeline(sessionId), '0-6');
      });
    }

    it('but takes an out point a little past the end, as players round the length up', async () => {
      const sessionId = await bench.newSession(clip);
      await bench.say(sessionId, 'remove 0:02 to 0:06.5');
      assert.equal(await bench.timeline(sessionId), '0-2');
    });

    it('and asks for a video first', async () => {
      assert.match(await bench.say(await bench.newSession(), 'remove 0:01-0:02'), /^Add a video first/);
    });
  });

  describe('says what is wrong with a file', () => {
    const refused = async (path: string, words: RegExp): Promise<void> => {
      const sessionId = await bench.newSession();
      await assert.rejects(bench.client.upload(sessionId, [path]), (error: Error) => words.test(error.message));
      assert.equal(await bench.timeline(sessionId), '');
    };
    it('that does not exist', () => refused(join(bench.folder, 'nowhere.mp4'), /nowhere\.mp4/));
    it('that is a folder', async () => {
      await mkdir(join(bench.folder, 'folder.mp4'));
      await refused(join(bench.folder, 'folder.mp4'), /folder/);
    });
    it('that is empty', async () => {
      await writeFile(join(bench.folder, 'empty.mp4'), '');
      await refused(join(bench.folder, 'empty.mp4'), /empty/);
    });
    it('that is text under the name of a video', async () => {
      await writeFile(join(bench.folder, 'notes.mp4'), 'Dear diary. '.repeat(500));
      await refused(join(bench.folder, 'notes.mp4'), /notes\.mp4|not a video|media/);
    });
    it('that was cut off', async () => {
      const path = join(bench.folder, 'half.mp4');
      await copyFile(clip, path);
      await truncate(path, 20_000);
      await refused(path, /half\.mp4|broken|damaged|incomplete|complete/i);
    });
  });

  describe('cuts only the file that was opened', () => {
    it('and says so when it was deleted', async () => {
      const path = join(bench.folder, 'deleted.mp4');
      await copyFile(clip, path);
      const sessionId = await bench.newSession(path);
      await rm(path);
      await assert.rejects(bench.render(sessionId, 'render_deleted'), ofKind('refused', /moved, renamed or deleted/));
      const events = await bench.events(sessionId, 'remove the long pause');
      const error = events.find((event) => event.type === 'error');
      assert.match(error?.message ?? '', /moved, renamed or deleted/);
    });

    it('and says so when it was changed', async () => {
      const path = join(bench.folder, 'changed.mp4');
      await copyFile(clip, path);
      const sessionId = await bench.newSession(path);
      await utimes(path, 1, 1);
      await assert.rejects(
        bench.render(sessionId, 'render_changed'),
        ofKind('refused', /was changed since it was opened/),
      );
    });
  });

  describe('renders what it was given', () => {
    const submit = async (fields: object, headers: Record<string, string> = ATTRIBUTION): Promise<Response> =>
      bench.fetch('/api/render/proxy/lambda', { method: 'POST', body: JSON.stringify(fields), headers });

    it('only with the attribution headers, as the cloud does', async () => {
      const sessionId = await bench.newSession(clip);
      const { draft } = await bench.client.state(sessionId);
      assert.equal((await submit({ id: 'render_bare', sessionId, draft }, {})).status, 402);
    });

    it('only once under one id', async () => {
      const sessionId = await bench.newSession(clip);
      await bench.render(sessionId, 'render_once');
      await assert.rejects(bench.render(sessionId, 'render_once'), ofKind('refused', /already started/));
    });

    it('only from clips of the session, within their length, and from what it can do', async () => {
      const sessionId = await bench.newSession(clip);
      const { draft } = await bench.client.state(sessionId);
      const changed = (change: (segment: { asset: string; in_us: number; out_us: number }) => void): unknown => {
        const copy = structuredClone(draft) as {
          t: { sg: { m: { asset: string; in_us: number; out_us: number } }[] }[];
        };
        for (const track of copy.t) for (const segment of track.sg) change(segment.m);
        return copy;
      };
      const drafts = [
        null,
        {},
        { t: [] },
        { t: [{ tt: 0, sg: [{ id: 'x' }] }] },
        changed((segment) => (segment.asset = 'another')),
        changed((segment) => (segment.out_us = 60_000_000)),
        changed((segment) => (segment.in_us = -1)),
        changed((segment) => (segment.in_us = segment.out_us)),
        { t: [...(draft as { t: unknown[] }).t, { tt: 7, sg: [{ m: { title: 'Urban Dreams' } }] }] },
      ];
      for (const [index, wrong] of drafts.entries()) {
        const answer = await submit({ id: `render_wrong_${index}`, sessionId, draft: wrong });
        assert.equal(answer.status, 422, JSON.stringify(wrong));
        assert.match(((await answer.json()) as { message: string }).message, /^[A-Z][^{}]+\.$/);
      }
    });

    it('and stops when asked', async () => {
      const sessionId = await bench.newSession(clip);
      const { draft } = await bench.client.state(sessionId);
      const output = { format: 'source', quality: 'high' };
      await bench.client.submitRender({ id: 'render_a', sessionId, draft, output });
      await bench.client.submitRender({ id: 'render_b', sessionId, draft, output });
      await bench.client.cancelRender('render_b');
      const cancelled = await bench.finished('render_b');
      assert.deepEqual(cancelled, {
        status: 'cancelled',
        progress: 0,
        message: 'The export was cancelled. Your edit is kept.',
      });
      assert.equal((await bench.finished('render_a')).status, 'completed');
    });

    it('and sends any part of the file, so that a download can resume', async () => {
      const sessionId = await bench.newSession(clip);
      const { size = 0 } = await bench.render(sessionId, 'render_parts');
      const path = '/api/render/proxy/render_parts/download';
      const whole = Buffer.from(await (await bench.fetch(path)).arrayBuffer());
      assert.equal(whole.length, size);
      const ranges: [string, Buffer][] = [
        ['bytes=100-199', whole.subarray(100, 200)],
        [`bytes=${size - 5}-`, whole.subarray(-5)],
        ['bytes=-7', whole.subarray(-7)],
        [`bytes=10-${size * 2}`, whole.subarray(10)],
      ];
      for (const [range, bytes] of ranges) {
        const part = await bench.fetch(path, { headers: { Range: range } });
        assert.equal(part.status, 206);
        assert.deepEqual(Buffer.from(await part.arrayBuffer()), bytes);
      }
      assert.equal((await bench.fetch(path, { headers: { Range: `bytes=${size}-` } })).status, 416);
      const stale = await bench.fetch(path, { headers: { Range: 'bytes=5-9', 'If-Range': '"other"' } });
      assert.equal(stale.status, 200);
      await stale.body?.cancel();
    });
  });

  describe('takes files in other ways too', () => {
    it('as multipart, with several files and names in any script', async () => {
      const sessionId = await bench.newSession();
      const form = new FormData();
      form.append('files', new Blob([await readFile(clip)]), '采访 1.mp4');
      form.append('files', new Blob([await readFile(clip)]), '../../evil.mp4');
      const answer = await bench.fetch(`/api/upload-video/nemo_agent/me/${sessionId}`, { method: 'POST', body: form });
      const { data } = (await answer.json()) as { data: { files: { filename: string; duration: number }[] } };
      assert.deepEqual(
        data.files.map((file) => [file.filename, file.duration]),
        [
          ['采访 1.mp4', 6],
          ['evil.mp4', 6],
        ],
      );
      assert.equal((await readdir(join(bench.dataFolder, 'uploads', sessionId))).length, 2);
      await bench.say(sessionId, 'remove 1s to 2s');
      assert.equal((await bench.render(sessionId, 'render_multipart')).cut?.frames, 125);
    });

    it('and keeps nothing of a multipart upload that is no video', async () => {
      const sessionId = await bench.newSession();
      const form = new FormData();
      form.append('files', new Blob(['Dear diary. '.repeat(500)]), 'notes.mp4');
      const answer = await bench.fetch(`/api/upload-video/nemo_agent/me/${sessionId}`, { method: 'POST', body: form });
      assert.equal(answer.status, 422);
      assert.deepEqual(await readdir(join(bench.dataFolder, 'uploads', sessionId)), []);
    });

    it('and keeps nothing of a multipart upload that breaks off', async () => {
      const sessionId = await bench.newSession();
      const folder = join(bench.dataFolder, 'uploads', sessionId);
      const { port } = new URL(bench.engine.baseUrl);
      const path = `/api/upload-video/nemo_agent/me/${sessionId}`;
      const headers = {
        authorization: `Bearer ${bench.engine.token}`,
        'content-type': 'multipart/form-data; boundary=x',
        'content-length': 10_000_000,
      };
      const call = request({ host: '127.0.0.1', port, path, method: 'POST', headers });
      call.on('error', () => undefined);
      call.write('--x\r\nContent-Disposition: form-data; name="files"; filename="a.mp4"\r\n\r\n');
      call.write(Buffer.alloc(1_000_000));
      await until(async () => (await readdir(folder).catch(() => [])).length === 1);
      call.destroy();
      await until(async () => (await readdir(folder)).length === 0);
      const torn = await bench.fetch(path, {
        method: 'POST',
        headers: { 'Content-Type': 'multipart/form-data; boundary=x' },
        body: '--x\r\nContent-Disposition: form-data; name="files"; filename="a.mp4"\r\n\r\nab',
      });
      assert.equal(torn.status, 422);
      assert.deepEqual(await readdir(folder), []);
    });

    it('from the web', async () => {
      const bytes = await readFile(clip);
      const web = createServer((asked, answer) => {
        if (asked.url === '/there/my%20clip.mp4') answer.end(bytes);
        else answer.writeHead(404).end();
      });
      await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
      try {
        const base = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
        const sessionId = await bench.newSession();
        const [file] = await bench.client.uploadUrls(sessionId, [`${base}/there/my%20clip.mp4`]);
        assert.equal(file?.filename, 'my clip.mp4');
        await assert.rejects(
          bench.client.uploadUrls(sessionId, [`${base}/gone.mp4`]),
          ofKind('refused', /answered 404/),
        );
        await assert.rejects(bench.client.uploadUrls(sessionId, ['ftp://x/y.mp4']), ofKind('refused', /Only files/));
      } finally {
        web.closeAllConnections();
        web.close();
      }
    });

    describe('from a server of the web that leads on', () => {
      const real = dns.lookup;
      let web: Server;
      let port: number;
      let target: string;
      let asked: string[];

      beforeEach(async () => {
        asked = [];
        const bytes = await readFile(clip);
        web = createServer((request, answer) => {
          asked.push(`${request.headers.host?.split(':')[0]} ${request.url}`);
          if (request.url === '/first.mp4') answer.writeHead(302, { location: target }).end();
          else answer.end(bytes);
        });
        await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
        ({ port } = web.address() as AddressInfo);
        // Every name of these tests is this machine, as a name of the web can be.
        const here = (_name: string, options: { all?: boolean }, done: (...found: unknown[]) => void): void =>
          options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4);
        Object.assign(dns, { lookup: here });
        syncBuiltinESMExports();
      });
      afterEach(() => {
        Object.assign(dns, { lookup: real });
        syncBuiltinESMExports();
        web.closeAllConnections();
        web.close();
      });

      for (const [name, place] of [
        ['loopback', 'http://127.0.0.1:PORT/secret.mp4'],
        ['loopback by its name', 'http://localhost:PORT/secret.mp4'],
        ['loopback of IPv6', 'http://[::ffff:127.0.0.1]:PORT/secret.mp4'],
        ['the metadata of a cloud machine', 'http://169.254.169.254/secret.mp4'],
        ['a name that stands for loopback', 'http://inner.invalid:PORT/secret.mp4'],
        ['a file', 'file:///etc/hostname'],
      ] as const) {
        it(`to ${name}: that is not asked`, async () => {
          target = place.replace('PORT', String(port));
          const sessionId = await bench.newSession();
          await assert.rejects(
            bench.client.uploadUrls(sessionId, [`http://clips.invalid:${port}/first.mp4`]),
            ofKind('refused', /leads into this machine|leads nowhere/),
          );
          assert.deepEqual(asked, ['clips.invalid /first.mp4']);
        });
      }

      it('to another place of its own: the file is taken', async () => {
        target = '/second.mp4';
        const sessionId = await bench.newSession();
        const [file] = await bench.client.uploadUrls(sessionId, [`http://clips.invalid:${port}/first.mp4`]);
        assert.equal(file?.filename, 'first.mp4');
        assert.deepEqual(asked, ['clips.invalid /first.mp4', 'clips.invalid /second.mp4']);
      });
    });
  });

  describe('answers what it does not know in the form of the API', () => {
    it('an unknown session', async () => {
      const unknown = '5000000000000000001';
      await assert.rejects(bench.client.state(unknown), ofKind('session-not-found'));
      await assert.rejects(bench.client.upload(unknown, [clip]), ofKind('session-not-found'));
      await assert.rejects(bench.say(unknown, 'undo'), ofKind('session-not-found'));
      const answer = await bench.fetch('/run_sse', {
        method: 'POST',
        body: JSON.stringify({ session_id: unknown, new_message: { parts: [{ text: 'undo' }] } }),
      });
      assert.equal(answer.status, 404);
      assert.ok('error' in ((await answer.json()) as object));
      assert.equal((await bench.fetch('/api/state/nemo_agent/me/..%2f..%2fetc/latest')).status, 404);
    });

    it('a session whose file is damaged: it is set aside, not lost', async () => {
      const sessionId = await bench.newSession(clip);
      const file = join(bench.dataFolder, 'sessions', `${sessionId}.json`);
      await writeFile(file, '{"version":1,');
      await assert.rejects(bench.client.state(sessionId), ofKind('session-not-found'));
      assert.equal(await readFile(`${file}.unreadable`, 'utf8'), '{"version":1,');
    });

    it('a request that is no request', async () => {
      const post = (body: string): Promise<Response> => bench.fetch('/run_sse', { method: 'POST', body });
      assert.equal((await post('{')).status, 422);
      assert.equal((await post('{}')).status, 422);
      assert.equal((await post('"'.padEnd(5_000_000, 'x'))).status, 413);
      assert.equal((await bench.fetch('/nothing')).status, 404);
      assert.equal((await bench.fetch('/run_sse')).status, 405);
    });

    it('an anonymous token without a client id', async () => {
      const path = '/api/auth/anonymous-token';
      assert.equal((await bench.fetch(path, { method: 'POST' })).status, 400);
      const answer = await bench.fetch(path, { method: 'POST', headers: { 'X-Client-Id': 'x' } });
      const { data } = (await answer.json()) as { data: { token: string } };
      assert.equal(data.token, bench.engine.token);
    });
  });
});
