import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createNemoClient, DEFAULT_WEB_URL } from '../../src/nemo/client.js';
import { staticTokenSource } from '../../src/nemo/tokens.js';
import { SessionBook } from '../../src/session/session-book.js';
import { SessionError } from '../../src/session/session-error.js';
import { ODD_NAMES } from '../media/names.js';
import { CliBench } from './cli-run.js';
import { judge, LocalBench } from './local-setup.js';
import { ATTRIBUTION } from './setup.js';

describe('a clip whose name has', function () {
  this.timeout(120_000);
  let bench: LocalBench;
  let cli: CliBench;
  let plain: string;
  let folder: string;

  before(async () => {
    bench = await LocalBench.open();
    plain = await bench.makeClip('plain.mp4', 3);
    await CliBench.build();
    cli = await CliBench.open();
  });
  after(async () => {
    await bench.close();
    await cli.close();
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(bench.folder, 'names-'));
  });

  const book = (): SessionBook => new SessionBook(bench.sessionPorts());
  const give = async (where: string, name: string): Promise<string | undefined> => {
    const clip = join(where, `${name}.mp4`);
    return await copyFile(plain, clip).then(
      () => clip,
      () => undefined,
    );
  };

  for (const [what, name] of ODD_NAMES) {
    it(`${what} is sent, named in the chat, cut, and exported beside itself and under a name like it`, async function () {
      const clip = await give(folder, name);
      if (clip === undefined) return this.skip();
      const session = book().create(clip);
      await session.remove([{ in: 1_000_000, out: 2_000_000 }]);
      const named = await session.say(`remove the last half second of "${basename(clip)}"`);
      assert.equal(named.difference?.changed, true, named.answer);
      const first = await session.export();
      const second = await session.export();
      const chosen = join(folder, `${[...name].slice(0, -1).join('')}2.mp4`);
      const third = await session.export({ outputPath: chosen });
      assert.equal(third.outputPath, chosen);
      assert.deepEqual(
        (await readdir(folder)).sort(),
        [clip, first.outputPath, second.outputPath, chosen].map((path) => basename(path)).sort(),
      );
      for (const { outputPath } of [first, second, third]) {
        assert.ok(Math.abs((await bench.media.probe(outputPath)).duration - 1_500_000) < 60_000);
      }
      assert.deepEqual(await readFile(clip), await readFile(plain));
    });
  }

  it('any of these is sent as bytes, too, as to the cloud', async () => {
    const client = createNemoClient({
      baseUrl: bench.engine.baseUrl,
      webUrl: DEFAULT_WEB_URL,
      tokens: staticTokenSource(bench.engine.token),
      attribution: ATTRIBUTION,
      environment: {},
    });
    for (const [what, name] of ODD_NAMES) {
      const clip = await give(folder, name);
      if (clip === undefined) continue;
      const sessionId = await bench.newSession();
      const [file] = await client.upload(sessionId, [clip]);
      assert.equal(file?.duration, 3_000_000, what);
      await bench.client.forgetSession(sessionId);
    }
    await client.close();
  });

  it('a path, a device or an escape is received under a name of our own, in the folder of the session', async () => {
    const bytes = new Blob([await readFile(plain)]);
    for (const name of ['../../escaped', '/tmp/absolute', 'C:\\con', 'con', '.', '..']) {
      const sessionId = await bench.newSession();
      const form = new FormData();
      form.append('file', bytes, `${name}.mp4`);
      const path = `/api/upload-video/nemo_agent/me/${sessionId}`;
      const response = await bench.fetch(path, { method: 'POST', body: form });
      assert.equal(response.status, 200, `${name}: ${await response.clone().text()}`);
      const received = await readdir(join(bench.dataFolder, 'uploads', sessionId));
      assert.equal(received.length, 1);
      assert.match(received[0] ?? '', /^\d+-[tb]\d+-[0-9a-f-]+\.mp4$/);
      await bench.client.forgetSession(sessionId);
    }
  });

  for (const [what, name] of ODD_NAMES) {
    it(`${what} is cut by the command line`, async function () {
      const clip = await give(cli.folder, name);
      if (clip === undefined) return this.skip();
      try {
        const before = await readdir(cli.folder);
        // A name that begins with a dash is told from an option by its folder, as everywhere.
        const argument = name.startsWith('-') ? `./${basename(clip)}` : basename(clip);
        const { code, out, err } = await cli.trim([argument, '--remove', '0:01-0:02', '--json']);
        assert.equal(code, 0, err);
        const { output } = JSON.parse(out) as { output: string };
        assert.ok(Math.abs((await judge(`file:${output}`)).duration - 2) < 0.1);
        assert.equal((await readdir(cli.folder)).length, before.length + 1);
        await rm(output);
      } finally {
        await rm(clip);
      }
    });
  }

  it('more bytes than a name may have is refused as a result before anything is rendered', async () => {
    const clip = await give(folder, 'talk');
    const session = book().create(clip);
    await session.remove([{ in: 1_000_000, out: 2_000_000 }]);
    let rendered = false;
    session.onDidChange(
      () => (rendered ||= session.snapshot.activity.kind === 'exporting' && 'fraction' in session.snapshot.activity),
    );
    // Windows counts letters, not bytes.
    for (const name of ['x'.repeat(252), '𝕍'.repeat(process.platform === 'win32' ? 126 : 63)]) {
      await assert.rejects(session.export({ outputPath: join(folder, `${name}.mp4`) }), (error: unknown) => {
        assert.ok(error instanceof SessionError);
        assert.equal(error.message, 'The name of the result is too long. Choose a shorter one.');
        return true;
      });
    }
    assert.equal(rendered, false);
    assert.deepEqual(await readdir(folder), ['talk.mp4']);
  });

  it('the same letters in another form of Unicode is another file, and neither is written over', async () => {
    const [composed, decomposed] = [join(folder, 'Zoë.mp4'), join(folder, 'Zoë.mp4'.normalize('NFD'))];
    await copyFile(plain, composed);
    await writeFile(decomposed, 'other', { flag: 'wx' }).catch(() => undefined);
    const before = await readFile(decomposed);
    const session = book().create(composed);
    await session.remove([{ in: 0, out: 1_000_000 }]);
    await session.export();
    await assert.rejects(session.export({ outputPath: decomposed }), /is there already and was left as it is/);
    assert.deepEqual(await readFile(decomposed), before);
  });
});
