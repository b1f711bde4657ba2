import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createMediaEngine } from '../../src/media/engine.js';
import type { MediaEngine } from '../../src/media/media.js';
import { chineseWords, englishLeft, inChinese } from '../run/chinese.js';
import { repository } from '../run/paths.js';
import { LocalBench, type EngineWindow } from './local-setup.js';

const BUTTON = 'remove the section between 0:02 and 0:04 and join the remaining parts smoothly';

describe('the engine on this machine, in a VS Code that speaks Chinese', function () {
  this.timeout(60_000);
  inChinese();
  let bench: LocalBench;
  let media: MediaEngine;
  let window: EngineWindow;
  let clip: string;
  const log: string[] = [];
  before(async () => {
    bench = await LocalBench.open();
    const workerPath = join(repository, 'dist/media-worker.mjs');
    media = createMediaEngine({ workerPath, words: chineseWords, log: (line) => log.push(line) });
    window = await bench.openWindow({ media, log: (line) => log.push(line) });
    clip = await bench.makeClip('talk.mp4', 6);
  });
  after(async () => {
    await window?.close();
    await media?.close();
    await bench?.close();
  });

  async function newSession(language: string): Promise<string> {
    const { sessionId } = await window.client.createSession({ taskName: 'project', language });
    await window.client.upload(sessionId, [clip]);
    return sessionId;
  }
  async function say(sessionId: string, text: string): Promise<string> {
    let answer = '';
    for await (const event of window.client.run({ sessionId, text })) if (event.type === 'text') answer += event.text;
    return answer;
  }

  it('answers what a button sends in the language of the session', async () => {
    const sessionId = await newSession('zh');
    assert.equal(await say(sessionId, BUTTON), '已删除 0:02–0:04，其余部分已拼接。时长由 0:06 变为 0:04。');
    assert.equal(await say(sessionId, 'undo'), '已撤销上一步，现在时长 0:06。');
    assert.equal(await say(sessionId, 'remove 0:05 to 0:10'), '视频在 0:06 结束，0:10 超出了范围。时间线没有改动。');
  });

  it('answers Chinese in Chinese in a session of any language, and English in English in others', async () => {
    const sessionId = await newSession('de');
    assert.match(await say(sessionId, '删除0:02到0:04之间的部分'), /^已删除 0:02–0:04/u);
    assert.match(await say(sessionId, 'undo'), /^Undone/u);
  });

  it('says why the whole picture is encoded, before and after', async () => {
    const sessionId = await newSession('zh');
    const answer = await say(sessionId, '删除0:02到0:04之间的部分，导出为120p');
    assert.match(answer, /导出时整个画面将重新编码 \(画面缩放为 \d+×120\)，大约需要 \d+ 秒。$/u);
    const { draft } = await window.client.state(sessionId);
    await window.client.submitRender({
      id: 'render_1',
      sessionId,
      draft,
      output: { format: 'source', quality: 'high' },
    });
    let status = await window.client.renderStatus('render_1');
    while (status.status === 'pending' || status.status === 'processing') {
      await new Promise((resolve) => setTimeout(resolve, 50));
      status = await window.client.renderStatus('render_1');
    }
    assert.match(status.cut?.notes[0] ?? '', /^整个画面已重新编码：画面缩放为 \d+×120。$/u);
  });

  it('says what is wrong with a file, also where the worker finds it', async () => {
    const text = join(bench.folder, 'notes.mp4');
    await writeFile(text, 'no video');
    const { sessionId } = await window.client.createSession({ taskName: 'project', language: 'zh' });
    for (const file of [text, join(bench.folder, 'gone.mp4')]) {
      await assert.rejects(window.client.upload(sessionId, [file]), (error: Error) => {
        assert.deepEqual(englishLeft(error.message, /\w+\.mp4/g), []);
        return true;
      });
    }
  });

  it('and writes its log in English', () => {
    assert.ok(log.some((line) => line.includes('Smart cut refused: it is scaled to')));
    assert.deepEqual(
      log.filter((line) => /\p{Script=Han}/u.test(line)),
      [],
    );
  });
});
