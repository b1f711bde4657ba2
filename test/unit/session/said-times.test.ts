import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unsaidBeside } from '../../../src/media/looking/said-beside.js';
import { DEFAULT_PAUSES } from '../../../src/media/media.js';
import type { SessionPorts } from '../../../src/session/ports.js';
import { chat, CLIP_LENGTH, say, scene, SECOND, type Scene } from './scripted-cloud.js';

const cue = (from: string, to: string): string => `1\n00:${from},000 --> 00:${to},000\nHello\n\n`;
/** Somebody speaks from 0 to 0:12, from 0:20 to 1:00 and from 1:30 to the end at 3:00. */
const SUBTITLES = cue('00:00', '00:12') + cue('00:20', '01:00') + cue('01:30', '03:00');
const SENT =
  'remove the sections between 0:12.1 and 0:19.9 and between 1:00.1 and 1:29.9 and join the remaining parts smoothly';
const GAPS = [
  { in: 12.1 * SECOND, out: 19.9 * SECOND },
  { in: 60.1 * SECOND, out: 89.9 * SECOND },
];

describe('where nobody speaks, said to the cloud', () => {
  let folder: string;
  let clip: string;
  let s: Scene;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'said-times-'));
    clip = join(folder, 'talk.mp4');
    await writeFile(clip, 'the source');
    s = scene({ clip, resultLength: () => CLIP_LENGTH });
    const readUnsaid: SessionPorts['readUnsaid'] = (path, duration, minimum) =>
      unsaidBeside(path, duration, DEFAULT_PAUSES, minimum);
    Object.assign(s.ports, { readUnsaid });
    s.cloud.scripts = [GAPS.map((gap) => ({ cut: gap }))];
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const put = (name: string, content = SUBTITLES): Promise<void> => writeFile(join(folder, name), content);

  it('is sent as times, by the subtitles beside the clip, and the person sees them', async () => {
    await put('talk.srt');
    const { difference } = await s.clock.run(s.session.say('Remove where nothing is said.'));
    assert.deepEqual(s.cloud.messages, [SENT]);
    assert.deepEqual(difference?.removed, GAPS);
    const shown = chat(s.session);
    assert.ok(shown.includes('user: Remove where nothing is said.'));
    assert.ok(
      shown.includes(
        'status: The cloud has no subtitles, so the times by talk.srt are sent: "Remove the sections between 0:12.1 and 0:19.9 and between 1:00.1 and 1:29.9."',
      ),
      shown.join('\n'),
    );
  });

  for (const sentence of [
    'keep only where someone speaks',
    'please delete the parts without subtitles and join the rest smoothly',
    '剪掉没有人说话的部分',
    '把没有字幕的部分都删掉',
    '只保留有人说话的部分，并把其余部分平滑地拼接起来',
  ]) {
    it(`is the same removal: ${sentence}`, async () => {
      await put('talk.en.srt');
      await s.clock.run(s.session.say(sentence));
      assert.deepEqual(s.cloud.messages, [SENT]);
    });
  }

  it('is in the time of the timeline, after an earlier cut', async () => {
    await put('talk.vtt', `WEBVTT\n\n${SUBTITLES.replaceAll(',', '.')}`);
    s.cloud.scripts.unshift([{ cut: { in: 0, out: 10 * SECOND } }]);
    await s.clock.run(s.session.remove([{ in: 0, out: 10 * SECOND }]));
    await s.clock.run(s.session.say('cut everything where nobody speaks'));
    assert.match(
      s.cloud.messages.at(-1) ?? '',
      /between 0:02\.1 and 0:09\.9 and between 0:50\.1 and 1:19\.9 and join/u,
    );
  });

  it('stands in its place in a longer message, which is sent whole', async () => {
    await put('talk.srt');
    s.cloud.scripts = [];
    await s.clock.run(s.session.say('cut where nobody speaks for more than 10 seconds and add a title saying "Talk"'));
    await s.clock.run(s.session.say('给没有人说话的部分加上轻音乐'));
    assert.deepEqual(s.cloud.messages, [
      'cut the section between 1:00.1 and 1:29.9 and add a title saying "Talk"',
      '给0:12.1到0:19.9、1:00.1到1:29.9之间的部分加上轻音乐',
    ]);
  });

  it('is sent as it is without subtitles beside the clip, or with those that say nothing', async () => {
    await s.clock.run(s.session.say('remove where nothing is said'));
    await put('talk.srt', 'no times in here');
    await s.clock.run(s.session.say('delete the parts without subtitles'));
    await put('other.srt');
    await s.clock.run(s.session.say('keep only where someone speaks'));
    assert.deepEqual(s.cloud.messages, [
      'remove where nothing is said',
      'delete the parts without subtitles',
      'keep only where someone speaks',
    ]);
  });

  it('is not sent, and costs nothing, where somebody speaks all the time', async () => {
    await put('talk.srt', cue('00:00', '03:00'));
    await assert.rejects(s.clock.run(s.session.say('remove where nothing is said')), { kind: 'nothing-to-do' });
    assert.deepEqual(s.cloud.messages, []);
    assert.match(chat(s.session).at(-1) ?? '', /By talk\.srt, somebody speaks all the time.*Nothing was sent\./u);
  });

  it('goes to our own engine in the person’s words: it reads the subtitles itself', async () => {
    await put('talk.srt');
    Object.assign(s.ports, { chooseEngine: () => Promise.resolve('local') });
    s.local.scripts = [[say('Going by the subtitles talk.srt: …')]];
    await s.clock.run(s.session.say('remove where nothing is said'));
    assert.deepEqual([s.local.messages, s.cloud.messages], [['remove where nothing is said'], []]);
    assert.equal(s.session.snapshot.chat.at(-1)?.sentence, 'remove the pauses', 'nothing was cut: what else to say');
  });

  it('is made concrete for each file of a batch, by its own subtitles', async () => {
    await put('talk.srt');
    const other = join(folder, 'other.mp4');
    await writeFile(other, 'another source');
    await put('other.srt', cue('00:00', '00:30') + cue('02:00', '03:00'));
    s.cloud.scripts = [GAPS.map((gap) => ({ cut: gap })), [{ cut: { in: 30.1 * SECOND, out: 119.9 * SECOND } }]];
    await s.clock.run(s.session.batch([clip, other], { text: 'remove where nothing is said' }));
    assert.match(s.cloud.messages[0] ?? '', /^remove the sections between 0:12\.1 and 0:19\.9 and between/u);
    assert.match(s.cloud.messages[1] ?? '', /remove the section between 0:30\.1 and 1:59\.9$/u);
  });
});
