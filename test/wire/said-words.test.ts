// "Remove where nothing is said", with the real engine, a real clip and real subtitles beside it.
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clampSections, type Section } from '../../src/timeline/sections.js';
import { frameNumbers, makeClip } from '../media/clips.js';
import { LocalBench } from './local-setup.js';

const RATE = 30;
const FRAMES = 300;
/** Seconds in which somebody speaks. */
const SAID = [
  [1, 3.5],
  [3.2, 4],
  [6.5, 8],
] as const;

const clock = (seconds: number): string => `00:00:0${seconds.toFixed(3).replace('.', ',')}`;
const SUBTITLES = SAID.map(([from, to], at) => `${at + 1}\n${clock(from)} --> ${clock(to)}\nWord ${at}\n\n`).join('');
function framesBetween(ranges: readonly (readonly [number, number])[]): number[] {
  return Array.from({ length: FRAMES }, (_, n) => n).filter((n) =>
    ranges.some(([from, to]) => n >= Math.ceil(from * RATE - 1e-6) && n < to * RATE - 1e-6),
  );
}

/** What stays: the words, 0.1 s at each side that a pause has, and gaps below a second. */
const STAYS = framesBetween([
  [0.9, 4.1],
  [6.4, 8.1],
]);

describe('where nothing is said', function () {
  this.timeout(60_000);
  let bench: LocalBench;
  let clip: string;
  before(async () => {
    bench = await LocalBench.open();
    clip = join(bench.folder, 'talk.mp4');
    await makeClip(clip, { frames: FRAMES, rate: String(RATE) });
  });
  after(() => bench.close());
  const beside = (name: string): string => join(bench.folder, name);
  afterEach(() => Promise.all(['talk.srt', 'talk.zh-Hans.vtt'].map((name) => rm(beside(name), { force: true }))));

  async function exported(session: string): Promise<number[]> {
    const id = `r${session}`;
    assert.equal((await bench.render(session, id)).status, 'completed');
    const file = beside('result.mp4');
    await bench.client.download({ renderId: id, toFile: file });
    const numbers = await frameNumbers(file);
    await rm(file);
    return numbers;
  }

  it('is cut by the subtitles beside the clip, to the frame, and the answer names them', async () => {
    await writeFile(beside('talk.srt'), SUBTITLES);
    const session = await bench.newSession(clip);
    const answer = await bench.say(session, 'remove where nothing is said');
    assert.equal(
      answer,
      'Going by the subtitles in talk.srt. Removed 0:00.00–0:00.90, 0:04.10–0:06.40 and 0:08.10–0:10.00 and joined the rest. 0.1 s of the pause stays on each side, so that no word is clipped. The clip went from 0:10 to 0:04.9.',
    );
    assert.deepEqual(await exported(session), STAYS);
    assert.match(await bench.say(session, 'undo'), /^Undone/u);
    assert.equal(await bench.timeline(session), '0-10');
  });

  it('is the same in other words and in Chinese', async () => {
    await writeFile(beside('talk.srt'), SUBTITLES);
    for (const sentence of ['keep only where someone speaks', '剪掉没有人说话的部分', '删除没有字幕的部分']) {
      const session = await bench.newSession(clip);
      const answer = await bench.say(session, sentence);
      if (/\p{Script=Han}/u.test(sentence)) assert.match(answer, /^依据字幕 talk\.srt。已删除 0:00\.00–0:00\.90、/u);
      assert.equal(await bench.timeline(session), '0.9-4.1 6.4-8.1', sentence);
    }
  });

  it('removes only what no subtitles beside the clip cover, where several do', async () => {
    await writeFile(beside('talk.srt'), SUBTITLES);
    await writeFile(beside('talk.zh-Hans.vtt'), 'WEBVTT\n\n00:05.000 --> 00:06.000\n你好\n');
    const session = await bench.newSession(clip);
    const answer = await bench.say(session, 'cut everything where nobody speaks');
    assert.match(answer, /^Going by the subtitles in talk\.srt and talk\.zh-Hans\.vtt\. Removed/u);
    assert.equal(await bench.timeline(session), '0.9-4.1 4.9-8.1');
  });

  it('goes by the timeline after an earlier cut, within the times that are named', async () => {
    await writeFile(beside('talk.srt'), SUBTITLES);
    const session = await bench.newSession(clip);
    await bench.say(session, 'remove 0:02 to 0:03');
    await bench.say(session, 'remove where nothing is said between 0:01 and 0:09');
    assert.equal(await bench.timeline(session), '0-2 3-4.1 6.4-8.1');
    const sections = (await bench.timeline(session)).split(' ').map((range): Section => {
      const [from = 0, to = 0] = range.split('-').map(Number);
      return { in: from * 1e6, out: to * 1e6 };
    });
    const spoken = (bounds: Section): number =>
      clampSections(sections, bounds).reduce((sum, { in: from, out }) => sum + out - from, 0);
    assert.equal(spoken({ in: 6.5e6, out: 8e6 }), 1.5e6, 'no word is gone');
  });

  it('is nothing to cut without subtitles, and the answer says what can be done, which then works', async () => {
    const session = await bench.newSession(clip);
    const answer = await bench.say(session, 'remove where nothing is said');
    assert.equal(
      answer,
      'No subtitles lie beside talk.mp4, so I do not know where somebody speaks. Nothing was changed. Say "remove the pauses" to find them by the level of the sound; or put an .srt or .vtt of the same name beside the clip and say it again, or choose one in VS Code with "Import Cut List…".',
    );
    assert.equal(await bench.timeline(session), '0-10');
    assert.match(await bench.say(session, '剪掉没有人说话的部分'), /^talk\.mp4 旁边没有字幕文件，.*时间线没有改动/u);
    await writeFile(beside('talk.srt'), 'Somebody’s notes');
    assert.match(
      await bench.say(session, 'delete the parts without subtitles'),
      /^No subtitles can be read in talk\.srt/u,
    );
    await writeFile(beside('talk.srt'), SUBTITLES);
    assert.match(
      await bench.say(session, 'delete the parts without subtitles'),
      /^Going by the subtitles in talk\.srt/u,
    );
  });

  it('says so where somebody speaks all the time', async () => {
    await writeFile(beside('talk.srt'), '1\n00:00:00,000 --> 00:00:10,100\nWord\n');
    const session = await bench.newSession(clip);
    const answer = await bench.say(session, 'remove where nothing is said');
    assert.match(answer, /^By the subtitles, there is no gap of 1 s or longer .* Nothing was changed\.$/u);
  });
});
