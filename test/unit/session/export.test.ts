import assert from 'node:assert/strict';
import fs, { link, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newRenderId } from '../../../src/session/export.js';
import { checkOutputName, outputCandidates, temporaryName } from '../../../src/session/output-name.js';
import { publish } from '../../../src/session/publish.js';
import { SessionError } from '../../../src/session/session-error.js';
import { chat, nemoError, scene, SECOND, type Scene } from './scripted-cloud.js';

const refused =
  (kind: SessionError['kind'], message: RegExp) =>
  (error: unknown): true => {
    assert.ok(error instanceof SessionError);
    assert.equal(error.kind, kind);
    assert.match(error.message, message);
    return true;
  };

describe('an export', () => {
  let folder: string;
  let clip: string;
  let s: Scene;
  let resultLength: number | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trim-export-'));
    clip = join(folder, 'talk.mp4');
    await writeFile(clip, 'the source');
    resultLength = undefined;
    s = scene({ clip, resultLength: () => resultLength ?? 145 * SECOND });
    s.cloud.scripts = [[{ cut: { in: 45 * SECOND, out: 80 * SECOND } }]];
    await s.clock.run(s.session.remove([{ in: 45 * SECOND, out: 80 * SECOND }]));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const files = (): Promise<string[]> => readdir(folder).then((names) => names.sort());

  it('writes beside the clip, sends the draft back word for word, and leaves the source alone', async () => {
    const outcome = await s.clock.run(s.session.export());
    assert.deepEqual(await files(), ['talk.mp4', 'talk.trimmed.mp4']);
    assert.equal(await readFile(clip, 'utf8'), 'the source');
    assert.equal(await readFile(outcome.outputPath, 'utf8'), 'the result');
    const [render] = s.cloud.renders;
    assert.deepEqual((render?.draft as { unknown: unknown }).unknown, { kept: 1 });
    assert.deepEqual(render?.output, { format: 'mp4', quality: 'high' });
    assert.match(render?.id ?? '', /^render_\d{13}$/u);
    assert.equal(outcome.sourceDuration, 180 * SECOND);
    assert.equal(
      chat(s.session).at(-1),
      'export: Exported talk.trimmed.mp4: 3:00 → 2:25. [open-output,reveal-output,open-in-browser]',
    );
  });

  it('never overwrites: -2, -3, …', async () => {
    await s.clock.run(s.session.export());
    await s.clock.run(s.session.export());
    await s.clock.run(s.session.say('导出'));
    assert.deepEqual(await files(), ['talk.mp4', 'talk.trimmed-2.mp4', 'talk.trimmed-3.mp4', 'talk.trimmed.mp4']);
  });

  it('refuses a chosen name that exists, before anything is rendered', async () => {
    await assert.rejects(
      s.clock.run(s.session.export({ outputPath: clip })),
      refused('exists', /talk\.mp4 is there already and was left as it is/u),
    );
    assert.equal(s.cloud.renders.length, 0);
    assert.equal(await readFile(clip, 'utf8'), 'the source');
  });

  for (const [what, outputPath, kind, message] of [
    ['a folder that is not there', '/no-such-folder/a.mp4', 'file', /"no-such-folder" is not there/u],
    ['an ending that no video has', '/tmp/a.txt', 'refused', /\.mp4, \.mov/u],
    ['a container that the cloud does not write', '/tmp/new-name.mov', 'refused', /exports MP4/u],
  ] as const) {
    it(`refuses ${what} before anything is rendered`, async () => {
      await assert.rejects(s.clock.run(s.session.export({ outputPath })), refused(kind, message));
      assert.equal(s.cloud.renders.length, 0);
    });
  }

  it('that is short is told soon: the cloud is looked at after 3 seconds already', async () => {
    const begun = s.clock.now();
    await s.clock.run(s.session.export());
    assert.equal(s.clock.now() - begun, 3_000);
  });

  it('looks every 30 seconds in the cloud after the first look, and takes its time', async () => {
    s.cloud.statuses = [{ status: 'pending' }, { status: 'processing', progress: 0.5 }, { status: 'completed' }];
    const begun = s.clock.now();
    const shown: unknown[] = [];
    s.session.onDidChange(() => shown.push(s.session.snapshot.activity));
    await s.clock.run(s.session.export());
    assert.equal(s.clock.now() - begun, 3_000 + 30_000 + 30_000);
    const half = { kind: 'exporting', startedAt: begun, fraction: 0.45 };
    assert.ok(shown.some((activity) => JSON.stringify(activity) === JSON.stringify(half)));
  });

  it('that fails is tried once more under a new id', async () => {
    s.cloud.statuses = [{ status: 'failed', message: 'node lost' }, { status: 'completed' }];
    await s.clock.run(s.session.export());
    const [first, second, third] = s.cloud.renders.map(({ id }) => id);
    assert.ok(first !== undefined && second !== undefined && first !== second);
    assert.equal(third, undefined);
  });

  it('that fails twice says so and leaves nothing behind', async () => {
    s.cloud.statuses = [{ status: 'failed', message: 'The renderer is out of memory.' }];
    await assert.rejects(s.clock.run(s.session.export()), refused('refused', /out of memory/u));
    assert.equal(s.cloud.renders.length, 2);
    assert.deepEqual(await files(), ['talk.mp4']);
  });

  it('blocked by the plan (402) says how to go on, and goes on here when asked to', async () => {
    s.cloud.fail('submit', nemoError('export-blocked'));
    await assert.rejects(
      s.clock.run(s.session.export()),
      refused('export-blocked', /^Register or upgrade your plan to unlock export\.$/u),
    );
    assert.equal(s.cloud.renders.length, 1);
    s.local.scripts = [[{ cut: { in: 45 * SECOND, out: 80 * SECOND } }]];
    await s.clock.run(s.session.useEngine('local'));
    assert.deepEqual(s.local.renders[0]?.output, { format: 'source', quality: 'high' });
    assert.deepEqual(await files(), ['talk.mp4', 'talk.trimmed.mp4']);
  });

  for (const [what, length] of [
    ['cut short', 60],
    ['empty', 0],
    ['too long', 200],
  ] as const) {
    it(`whose file is ${what} is not handed over`, async () => {
      resultLength = length * SECOND;
      await assert.rejects(s.clock.run(s.session.export()), refused('bad-answer', /so it was not kept/u));
      assert.deepEqual(await files(), ['talk.mp4']);
    });
  }

  it('whose download breaks leaves nothing behind', async () => {
    s.cloud.fail('download', nemoError('unreachable'));
    await assert.rejects(s.clock.run(s.session.export()), refused('unreachable', /cannot be reached/u));
    assert.deepEqual(await files(), ['talk.mp4']);
  });

  it('on a full disk says so in words', async () => {
    s.cloud.fail('download', Object.assign(new Error('write'), { code: 'ENOSPC', syscall: 'write' }));
    await assert.rejects(s.clock.run(s.session.export()), refused('file', /not enough free space/u));
  });

  it('survives polls that fail for a while', async () => {
    s.cloud.fail('status', nemoError('server'), nemoError('unreachable'), nemoError('timed-out'));
    await s.clock.run(s.session.export());
    assert.equal(s.cloud.renders.length, 1);
  });

  it('of an empty timeline is refused in words', async () => {
    s.cloud.kept = [];
    await assert.rejects(s.clock.run(s.session.export()), refused('nothing-to-do', /timeline is empty/u));
    assert.equal(s.cloud.renders.length, 0);
  });

  it('that is stopped is cancelled at the server and leaves nothing behind', async () => {
    s.cloud.statuses = [{ status: 'processing' }];
    const work = s.session.export();
    const stopped = s.clock.sleep(40_000).then(() => s.session.stop());
    await assert.rejects(s.clock.run(Promise.all([work, stopped])), refused('stopped', /^Stopped\.$/u));
    await stopped;
    assert.ok(s.cloud.calls.includes(`cancel ${s.cloud.renders[0]?.id ?? ''}`));
    assert.deepEqual(await files(), ['talk.mp4']);
    assert.equal(s.session.pendingRender, undefined);
  });

  for (const [how, status] of [
    ['as a failure in words', { status: 'failed', message: 'Render canceled by user' }],
    ['without a word of why', { status: 'cancelled' }],
    ['with a message about something else', { status: 'cancelled', message: 'Node drained.' }],
  ] as const) {
    it(`that was cancelled, told ${how}, is not made again`, async () => {
      s.cloud.statuses = [status];
      await assert.rejects(
        s.clock.run(s.session.export()),
        refused('refused', /^The export was cancelled\. Your edit is kept\.$/u),
      );
      assert.equal(s.cloud.renders.length, 1);
      assert.equal(s.session.pendingRender, undefined);
    });
  }

  it('that was cancelled on this machine is not made again', async () => {
    s.local.scripts = [[{ cut: { in: 45 * SECOND, out: 80 * SECOND } }]];
    await s.clock.run(s.session.useEngine('local'));
    s.local.statuses = [{ status: 'cancelled' }];
    await assert.rejects(s.clock.run(s.session.export()), refused('refused', /^The export was cancelled\./u));
    assert.equal(s.local.renders.length, 1);
  });

  it('goes with a link that opens the project, where one can be had', async () => {
    const { link } = await s.clock.run(s.session.export());
    assert.equal(link, 'https://web.example/workspace/claim?ct=t1-s1');
    assert.equal(s.session.snapshot.chat.at(-1)?.link, link);
  });

  it('arrives just the same when the link cannot be had, and says nothing of it', async () => {
    s.cloud.fail('claim', nemoError('server'));
    const outcome = await s.clock.run(s.session.export());
    assert.equal(outcome.link, undefined);
    assert.equal(chat(s.session).at(-1), 'export: Exported talk.trimmed.mp4: 3:00 → 2:25. [open-output,reveal-output]');
  });

  it('that could not be followed goes on at the server: trying again takes that one up', async () => {
    s.cloud.statuses = [{ status: 'processing' }];
    s.cloud.fail('status', ...Array.from({ length: 5 }, () => nemoError('unreachable')));
    await assert.rejects(s.clock.run(s.session.export()), refused('unreachable', /cannot be reached/u));
    assert.equal(s.session.pendingRender?.id, s.cloud.renders[0]?.id);
    s.cloud.statuses = [{ status: 'completed' }];
    await s.clock.run(s.session.retry());
    assert.equal(s.cloud.renders.length, 1);
    assert.deepEqual(await files(), ['talk.mp4', 'talk.trimmed.mp4']);
  });

  it('that could not be followed is of no use after another edit', async () => {
    s.cloud.fail('status', ...Array.from({ length: 5 }, () => nemoError('unreachable')));
    await assert.rejects(s.clock.run(s.session.export()), refused('unreachable', /./u));
    s.cloud.scripts = [[{ cut: { in: 0, out: 5 * SECOND } }]];
    await s.clock.run(s.session.remove([{ in: 0, out: 5 * SECOND }]));
    assert.equal(s.session.pendingRender, undefined);
    resultLength = 140 * SECOND;
    await s.clock.run(s.session.export());
    assert.equal(s.cloud.renders.length, 2);
  });

  it('is remembered before it is asked for, and taken up after a reload without a second render', async () => {
    let rememberedAt = 0;
    const stored = (): { render?: { id: string } } =>
      s.values.get(`videoTrimmer.session.${s.session.id}`) as { render?: { id: string } };
    s.cloud.statuses = [{ status: 'processing' }];
    const submit = s.cloud.submitRender.bind(s.cloud);
    s.cloud.submitRender = (request) => {
      if (stored().render?.id === request.id) rememberedAt += 1;
      return submit(request);
    };
    const work = s.session.export();
    const closed = s.clock.sleep(40_000).then(() => s.session.dispose());
    await assert.rejects(s.clock.run(Promise.all([work, closed])));
    assert.equal(rememberedAt, 1);
    assert.ok(!s.cloud.calls.some((call) => call.startsWith('cancel')), 'the render goes on');

    const { SessionBook } = await import('../../../src/session/session-book.js');
    const again = new SessionBook(s.ports).get(s.session.id);
    assert.equal(again?.pendingRender?.id, s.cloud.renders[0]?.id);
    s.cloud.statuses = [{ status: 'completed' }];
    const outcome = await s.clock.run(again?.takeUp() ?? Promise.resolve(undefined));
    assert.equal(outcome?.renderId, s.cloud.renders[0]?.id);
    assert.equal(s.cloud.renders.length, 1);
    assert.equal(again?.pendingRender, undefined);
  });

  it('of an edit in the same message happens when the timeline changed, and only then', async () => {
    s.cloud.scripts = [[{ cut: { in: 0, out: 5 * SECOND } }]];
    resultLength = 140 * SECOND;
    const outcome = await s.clock.run(s.session.say('cut the first 5 seconds and export it'));
    assert.deepEqual(s.cloud.messages.slice(1), ['cut the first 5 seconds']);
    assert.ok(outcome.exported);
    s.cloud.scripts = [[{ type: 'text', text: 'Which part?' }]];
    const question = await s.clock.run(s.session.say('cut it and export it'));
    assert.equal(question.exported, undefined);
    assert.deepEqual(await files(), ['talk.mp4', 'talk.trimmed.mp4']);
  });
});

describe('the name of a result', () => {
  const first = (clip: string, format: string, count = 3): string[] => {
    const names: string[] = [];
    for (const name of outputCandidates(clip, format)) {
      names.push(name);
      if (names.length === count) return names;
    }
    return names;
  };

  it('counts up, and does not pile up when a result is trimmed again', () => {
    const named = (...names: string[]): string[] => names.map((name) => join('/v', name));
    assert.deepEqual(
      first('/v/interview.mp4', 'mp4'),
      named('interview.trimmed.mp4', 'interview.trimmed-2.mp4', 'interview.trimmed-3.mp4'),
    );
    assert.deepEqual(first('/v/interview.trimmed-2.MOV', 'mov', 1), named('interview.trimmed.mov'));
    assert.deepEqual(first('/v/my.talk', 'mp4', 1), named('my.trimmed.mp4'));
  });

  it('has a hidden temporary one beside it, which fits also when the name is long', () => {
    assert.equal(temporaryName('/v/a.mp4', 'beef'), join('/v', '.a.mp4.beef.part'));
    const long = temporaryName(`/v/${'视'.repeat(83)}.mp4`, 'beefbeefbeef');
    assert.ok(Buffer.byteLength(long.slice(3)) <= 255);
  });

  it('is refused before anything is rendered where Windows would take it for something else', () => {
    for (const [name, problem] of [
      ['C:\\v\\talk.mp4:2.mp4', /cannot have : \* \?/u],
      ['C:\\v\\what?.mp4', /cannot have : \* \?/u],
      ['C:\\v\\nul.mp4', /Windows keeps the name nul for a device/u],
      [`C:\\v\\${'x'.repeat(252)}.mp4`, /name of the result is too long/u],
    ] as const)
      assert.throws(() => checkOutputName(name, 'win32'), refused('refused', problem), name);
    checkOutputName(`C:\\v.old\\${'视'.repeat(251)}.mp4`, 'win32');
    checkOutputName('/v/12:30?.mp4', 'linux');
  });

  it('of a render is never given twice, also within one millisecond', () => {
    const ids = Array.from({ length: 100 }, () => newRenderId(1_000_000));
    assert.equal(new Set(ids).size, 100);
  });
});

describe('giving a result its name', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trim-publish-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('gives fifty results that come at the same moment fifty names, and loses none', async () => {
    const clip = join(folder, 'a.mp4');
    const temporaries = Array.from({ length: 50 }, (_, index) => join(folder, `.${index}.part`));
    await Promise.all(temporaries.map((path, index) => writeFile(path, `result ${index}`)));
    const names = await Promise.all(temporaries.map((path) => publish(path, outputCandidates(clip, 'mp4'))));
    assert.equal(new Set(names).size, 50);
    const texts = await Promise.all(names.map((name) => readFile(name, 'utf8')));
    assert.deepEqual(texts.sort(), temporaries.map((_, index) => `result ${index}`).sort());
    assert.equal((await readdir(folder)).length, 50);
  });

  it('takes it without a hard link where the disk has none, in whatever words the system says so', async () => {
    const real = fs.link;
    try {
      // The second is Windows' for a stick or a card with exFAT.
      for (const code of ['EPERM', 'EISDIR', 'ENOTSUP', 'UNKNOWN']) {
        fs.link = () => Promise.reject(Object.assign(new Error('no hard links'), { code }));
        syncBuiltinESMExports();
        const temporary = join(folder, '.t.part');
        await writeFile(temporary, code);
        const name = await publish(temporary, outputCandidates(join(folder, 'a.mp4'), 'mp4'));
        assert.equal(await readFile(name, 'utf8'), code);
      }
      assert.deepEqual(
        (await readdir(folder)).sort(),
        ['a.trimmed.mp4', 'a.trimmed-2.mp4', 'a.trimmed-3.mp4', 'a.trimmed-4.mp4'].sort(),
      );
    } finally {
      fs.link = real;
      syncBuiltinESMExports();
    }
  });

  it('leaves a folder, a link or a file of that name as it is', async () => {
    await mkdir(join(folder, 'a.trimmed.mp4'));
    await writeFile(join(folder, 'b'), 'theirs');
    await link(join(folder, 'b'), join(folder, 'a.trimmed-2.mp4'));
    await writeFile(join(folder, '.t.part'), 'ours');
    const name = await publish(join(folder, '.t.part'), outputCandidates(join(folder, 'a.mp4'), 'mp4'));
    assert.equal(name, join(folder, 'a.trimmed-3.mp4'));
    assert.equal(await readFile(join(folder, 'b'), 'utf8'), 'theirs');
  });
});
