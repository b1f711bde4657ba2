import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { markedName } from '../../src/nemo/process-mark.js';
import { summarizeDraft } from '../../src/timeline/summary.js';
import { readDraft } from '../../src/timeline/draft.js';
import { repository } from '../run/paths.js';
import { judge, LocalBench } from './local-setup.js';
import { ofKind } from './setup.js';

describe('the main job on this machine', function () {
  this.timeout(60_000);
  let bench: LocalBench;
  let clip: string;
  before(async () => {
    bench = await LocalBench.open();
    clip = await bench.makeClip('interview.mp4');
  });
  after(() => bench.close());

  it('removes a section and hands back a file of exactly the rest', async () => {
    const sessionId = await bench.newSession(clip);
    const before = readDraft((await bench.client.state(sessionId)).draft);
    assert.equal(
      summarizeDraft(before),
      'Timeline (2 tracks): 1. Video: interview.mp4 (0-10s) 2. Sound: interview.mp4 (0-10s)',
    );
    const said = await bench.say(
      sessionId,
      'remove the section between 0:02 and 0:05 and join the remaining parts smoothly',
    );
    assert.equal(said, 'Removed 0:02–0:05 and joined the rest. The clip went from 0:10 to 0:07.');
    assert.equal(await bench.timeline(sessionId), '0-2 5-10');

    const status = await bench.render(sessionId, 'render_main');
    assert.equal(status.status, 'completed', status.message);
    assert.match(status.url ?? '', /^http:\/\/127\.0\.0\.1:\d+\/.*\.mp4$/);
    assert.equal(status.cut?.frames, 175);
    for (const url of [status.url, undefined]) {
      const toFile = join(bench.folder, url === undefined ? 'fallback.mp4' : 'result.mp4');
      const request = { renderId: 'render_main', toFile, ...(url === undefined ? {} : { url }) };
      const { bytes } = await bench.client.download(request);
      assert.equal(bytes, status.size);
      const result = await judge(toFile);
      assert.equal(result.frames, 175);
      assert.ok(Math.abs(result.duration - 7) < 0.05, String(result.duration));
    }
  });

  it('dissolves the parts into each other where that is asked for, and takes it back', async () => {
    const sessionId = await bench.newSession(clip);
    const said = await bench.say(sessionId, 'remove 0:02 to 0:05 with a half-second dissolve');
    assert.equal(
      said,
      'Removed 0:02–0:05 and joined the rest with a 0.5 s dissolve. The clip went from 0:10 to 0:06.5.',
    );
    const draft = readDraft((await bench.client.state(sessionId)).draft);
    assert.equal(draft.duration, 6_500_000);
    assert.equal(await bench.timeline(sessionId), '0-2 5-10');
    const status = await bench.render(sessionId, 'render_dissolve');
    assert.equal(status.status, 'completed', status.message);
    // Half a second of 25 frames each is 12.5 frames: the nearest whole number.
    assert.ok(Math.abs((status.cut?.frames ?? 0) - 162.5) < 1, String(status.cut?.frames));

    assert.equal(
      await bench.say(sessionId, 'make every join a 1-second dissolve'),
      'The join is now a 1 s dissolve; the clip is now 0:06 long.',
    );
    assert.match(await bench.say(sessionId, 'undo'), /^Undone: the clip is now 0:06.5 long\.$/);
    assert.equal(
      await bench.say(sessionId, 'use a plain cut at every join'),
      'The join is now a plain cut; the clip is now 0:07 long.',
    );
    assert.equal((await bench.render(sessionId, 'render_plain')).cut?.frames, 175);
    assert.equal(await bench.say(sessionId, '用半秒叠化拼接'), '拼接处现在是0.5 秒叠化，时长 0:06.5。');
  });

  it('remembers the dissolve over its question for the section', async () => {
    const sessionId = await bench.newSession(clip);
    assert.match(await bench.say(sessionId, 'cut out a section with a dissolve'), /^Which section shall I remove\?/);
    assert.match(await bench.say(sessionId, '2 to 4'), /joined the rest with a 0\.5 s dissolve/);
  });

  it('tells about the uploaded file, without copying it', async () => {
    const sessionId = await bench.newSession();
    const [file] = await bench.client.upload(sessionId, [clip]);
    assert.equal(file?.filename, 'interview.mp4');
    assert.equal(file?.fileType, 'video');
    assert.equal(file?.width, 320);
    assert.equal(file?.height, 180);
    assert.equal(file?.fps, 25);
    assert.ok(Math.abs((file?.duration ?? 0) - 10_000_000) < 50_000);
    assert.deepEqual(await readdir(join(bench.dataFolder, 'uploads')).catch(() => []), []);
  });

  it('finds the long pause and says what margin it leaves', async () => {
    const sessionId = await bench.newSession(clip);
    const events = await bench.events(sessionId, 'remove the long pause in the middle');
    assert.ok(events.some((event) => event.type === 'activity'));
    const text = events.map((event) => (event.type === 'text' ? event.text : '')).join('');
    assert.match(text, /0\.1 s of the pause stays on each side/);
    const [first, second] = (await bench.timeline(sessionId)).split(' ').map((range) => range.split('-').map(Number));
    assert.ok(Math.abs((first?.[1] ?? 0) - 4.1) < 0.06, String(first));
    assert.ok(Math.abs((second?.[0] ?? 0) - 6.9) < 0.06, String(second));
  });

  it('understands later times as those of the shortened clip, and takes edits back', async () => {
    const sessionId = await bench.newSession(clip);
    await bench.say(sessionId, 'remove 2s to 4s');
    await bench.say(sessionId, 'remove 1s to 3s');
    assert.equal(await bench.timeline(sessionId), '0-1 5-10');
    assert.match(await bench.say(sessionId, 'undo'), /^Undone: the clip is now 0:08 long\.$/);
    assert.equal(await bench.timeline(sessionId), '0-2 4-10');
    assert.match(await bench.say(sessionId, '重新开始'), /已恢复全部内容/);
    assert.equal(await bench.timeline(sessionId), '0-10');
  });

  it('asks one question when the section is missing and takes the times as its answer', async () => {
    const sessionId = await bench.newSession(clip);
    const question = await bench.say(
      sessionId,
      'cutting out unwanted middle sections from a video and rejoining the remaining parts for content creators',
    );
    assert.equal(question, 'Which section shall I remove? For example: remove the section between 0:45 and 1:20.');
    assert.equal(await bench.timeline(sessionId), '0-10');
    await bench.say(sessionId, '2 to 4');
    assert.equal(await bench.timeline(sessionId), '0-2 4-10');
  });

  it('does the cut and says what was not done', async () => {
    const sessionId = await bench.newSession(clip);
    const said = await bench.say(sessionId, 'remove 2s to 4s and add background music');
    assert.match(
      said,
      /^Removed 0:02–0:04 .* Not done: music; the engine on this machine only cuts\. The cloud engine can do that\.$/,
    );
    assert.match(await bench.say(sessionId, 'add a title'), /cannot do titles and text\. Choose the cloud engine/);
    assert.match(
      await bench.say(sessionId, 'cut the first second and export a 1080p MP4'),
      /keeps the size of the source, 320×180/,
    );
  });

  it('says with the edit that the whole picture will be encoded anew, why and how long, and only once', async () => {
    const old = await bench.makeClip('old.avi', 4);
    const sessionId = await bench.newSession(old);
    const said = await bench.say(sessionId, 'remove 2s to 3s');
    assert.match(
      said,
      /^Removed 0:02–0:03 .* This clip's picture will be encoded anew in full, because [^.]+: a few seconds\.$/,
    );
    const { plan } = await bench.client.state(sessionId);
    assert.equal(plan?.method, 'reencode');
    assert.doesNotMatch(await bench.say(sessionId, 'remove 0s to 1s'), /encoded anew/);
    assert.match(
      await bench.say(sessionId, '导出为100p'),
      /尺寸为 178×100。导出时整个画面将重新编码，大约需要 5 秒。$/,
    );
  });

  it('scales the export to the size that was said, names it in the notes, and goes back when told', async () => {
    const sessionId = await bench.newSession(clip);
    await bench.say(sessionId, 'remove 2s to 4s');
    const joined = (await bench.client.state(sessionId)).plan;
    assert.equal(joined?.method, 'smart');
    assert.equal(joined.frames, 200);
    assert.equal(
      await bench.say(sessionId, 'make it 100p'),
      "The export will be 178×100. This clip's picture will be encoded anew in full, because it is scaled to 178×100: a few seconds.",
    );
    const scaled = await bench.render(sessionId, 'render_said');
    assert.equal(scaled.cut?.method, 'reencode');
    assert.deepEqual(scaled.cut?.notes, ['The whole picture was encoded anew: it is scaled to 178×100.']);
    assert.equal(scaled.plan?.reason, 'it is scaled to 178×100');
    assert.equal(
      await bench.say(sessionId, 'keep the original size'),
      'The export keeps the size of the source, 320×180.',
    );
    assert.equal((await bench.render(sessionId, 'render_back')).cut?.method, 'smart');
  });

  it('scales one export to the resolution of its request, and enlarges none', async () => {
    const sessionId = await bench.newSession(clip);
    await bench.say(sessionId, 'remove 2s to 4s');
    const { draft } = await bench.client.state(sessionId);
    const render = async (id: string, resolution: string): Promise<readonly string[] | undefined> => {
      const output = { format: 'mp4', quality: 'high', resolution };
      await bench.client.submitRender({ id, sessionId, draft, output });
      return (await bench.finished(id)).cut?.notes;
    };
    assert.match((await render('render_smaller', '100p'))?.join(' ') ?? '', /scaled to 178×100/);
    assert.deepEqual(await render('render_larger', '1080p'), [
      'The picture kept its size, 320×180: enlarging it would add no detail.',
    ]);
  });

  it('keeps the edit of a message whose answer nobody waits for', async () => {
    const sessionId = await bench.newSession(clip);
    const leave = new AbortController();
    const leaving = bench.client.run({ sessionId, text: 'remove the long pause' }, { signal: leave.signal });
    await assert.rejects(async () => {
      for await (const _event of leaving) leave.abort(new Error('gone'));
    });
    // The next message waits for the one before.
    assert.match(await bench.say(sessionId, 'undo'), /^Undone/);
  });

  it('keeps every file of a session with its own edits', async () => {
    const other = await bench.makeClip('b-roll 10-20.mp4', 6);
    const sessionId = await bench.newSession(clip);
    await bench.say(sessionId, 'remove 2s to 4s');
    await bench.client.upload(sessionId, [other]);
    assert.equal(await bench.timeline(sessionId), '0-6');
    const raw = (await bench.client.state(sessionId)).raw as { state: { video_infos: { filename: string }[] } };
    assert.deepEqual(
      raw.state.video_infos.map((info) => info.filename),
      ['interview.mp4', 'b-roll 10-20.mp4'],
    );
    assert.equal(await bench.say(sessionId, 'now interview.mp4'), 'Now working on interview.mp4 (0:08).');
    assert.equal(await bench.timeline(sessionId), '0-2 4-10');
    await bench.say(sessionId, 'cut the last second of b-roll 10-20.mp4');
    assert.equal(await bench.timeline(sessionId), '0-5');
    await bench.client.upload(sessionId, [clip]);
    assert.equal(await bench.timeline(sessionId), '0-2 4-10', 'the same file again keeps its edits');
  });

  it('survives a restart with its sessions, and leaves no rendered file behind', async () => {
    const sessionId = await bench.newSession(clip);
    await bench.say(sessionId, 'remove 2s to 4s');
    assert.equal((await bench.render(sessionId, 'render_restart')).status, 'completed');
    await bench.stop();
    assert.deepEqual(await readdir(join(bench.dataFolder, 'renders')), []);
    await bench.start();
    assert.equal(await bench.timeline(sessionId), '0-2 4-10');
    assert.match(await bench.say(sessionId, 'undo'), /^Undone/);
    await assert.rejects(bench.client.renderStatus('render_restart'), ofKind('refused', /not known here any more/));
  });

  it('deletes a rendered file that nobody fetched within the hour', async () => {
    let now = Date.now();
    const ticks = new Set<() => void>();
    await bench.stop();
    await bench.start({
      clock: {
        now: () => now,
        every: (_milliseconds, work) => {
          ticks.add(work);
          return () => ticks.delete(work);
        },
      },
    });
    const sessionId = await bench.newSession(clip);
    await bench.say(sessionId, 'keep the first second');
    assert.equal((await bench.render(sessionId, 'render_old')).status, 'completed');
    const pass = (minutes: number): void => {
      for (let minute = 0; minute < minutes; minute++) {
        now += 60_000;
        ticks.forEach((work) => work());
      }
    };
    pass(57);
    assert.equal((await bench.client.renderStatus('render_old')).status, 'completed');
    // The machine sleeps over night, or its clock is set: the client was asleep too.
    now += 8 * 60 * 60_000;
    ticks.forEach((work) => work());
    assert.equal((await bench.client.renderStatus('render_old')).status, 'completed');
    now -= 9 * 60 * 60_000;
    pass(3);
    assert.match((await bench.client.renderStatus('render_old')).message ?? '', /deleted after an hour/);
    await bench.stop();
    await bench.start();
  });

  it('clears what a run that crashed has left, and nothing of one that still runs', async () => {
    const renders = join(bench.dataFolder, 'renders');
    // No process has this id: the largest that Linux gives is 4194304.
    await mkdir(join(renders, '99999999-t1-crashed'), { recursive: true });
    const running = markedName();
    await mkdir(join(renders, running), { recursive: true });
    await bench.stop();
    await bench.start();
    assert.deepEqual(await readdir(renders), [running]);
  });

  it('takes the long pause out of a real interview', async function () {
    const folder = process.env['VIDEO_TRIMMER_TEST_MEDIA'] ?? join(repository, '..', 'shared', 'media');
    const interview = join(folder, 'interview.mp4');
    if (!existsSync(interview)) {
      console.log('      (skipped: the shared clips are not here; set VIDEO_TRIMMER_TEST_MEDIA)');
      return this.skip();
    }
    const sessionId = await bench.newSession(interview);
    const said = await bench.say(
      sessionId,
      'edit a 3-minute interview clip with a long pause in the middle into a 1080p MP4',
    );
    assert.match(said, /^Removed 0:17\.\d\d–0:39\.\d\d /);
    assert.match(said, /keeps the size of the source, 1280×720/);
    const ranges = (await bench.timeline(sessionId)).split(' ').map((range) => range.split('-').map(Number));
    assert.ok(Math.abs((ranges[0]?.[1] ?? 0) - 17.4) < 0.06, String(ranges));
    assert.ok(Math.abs((ranges[1]?.[0] ?? 0) - 39.87) < 0.06, String(ranges));
  });

  it('has credits enough for everything and opens nothing in the browser', async () => {
    assert.ok((await bench.client.credits()).available >= 1_000_000);
    await assert.rejects(
      bench.client.claimLink({ taskId: 't', sessionId: 's' }),
      ofKind('refused', /Only sessions in the cloud/),
    );
  });
});
