import assert from 'node:assert/strict';
import { sessionLanguage } from '../../../src/session/language.js';
import { SessionBook } from '../../../src/session/session-book.js';
import { transcript } from '../../../src/session/transcript.js';
import { englishLeft, inChinese } from '../../run/chinese.js';
import { chat, nemoError, say, scene, SECOND, type Scene } from './scripted-cloud.js';

const section = (from: number, to: number): { in: number; out: number } => ({ in: from * SECOND, out: to * SECOND });
const NAMES = /NemoVideo|talk\.mp4|mp4|status|user|agent|error|\[[\w,-]*\]/g;

describe('the language of a session', () => {
  it('is that of the editor, without its region; English where the editor speaks none', () => {
    for (const [editor, language] of [
      ['en', 'en'],
      ['zh-cn', 'zh'],
      ['zh-tw', 'zh'],
      ['zh-Hans-CN', 'zh'],
      ['pt-br', 'pt'],
      ['de', 'de'],
      ['qps-ploc', 'en'],
      ['', 'en'],
    ] as const) {
      assert.equal(sessionLanguage(editor), language, editor);
    }
  });

  it('reaches the engine with the request for the session', async () => {
    const s = scene();
    const asked: unknown[] = [];
    const createSession = s.cloud.createSession.bind(s.cloud) as (
      request: unknown,
    ) => ReturnType<typeof s.cloud.createSession>;
    Object.assign(s.cloud, {
      createSession: (request: unknown) => {
        asked.push(request);
        return createSession(request);
      },
    });
    await new SessionBook({ ...s.ports, language: 'zh' }).create('/videos/talk.mp4').connect();
    assert.deepEqual(asked, [{ taskName: 'project', language: 'zh' }]);
  });
});

describe('a session in Chinese', () => {
  inChinese();
  let s: Scene;
  beforeEach(() => {
    s = scene();
  });
  const nothingEnglish = (): void => assert.deepEqual(englishLeft(chat(s.session).join('\n'), NAMES), []);

  it('tells an edit, its price and what is left in whole sentences', async () => {
    s.cloud.scripts = [[{ cut: section(45, 80) }]];
    await s.clock.run(s.session.remove([section(45, 80)]));
    const lines = chat(s.session);
    assert.ok(
      lines.some((line) => line.startsWith('status: 已剪掉 0:45–1:20；视频现在的时长为 2:25。')),
      lines.join('\n'),
    );
    assert.ok(lines.includes('status: 编辑约需 50 积分；你有 60 积分。'), lines.join('\n'));
    assert.ok(lines.includes('status: 可用积分 60，另有 40 积分被正在进行的工作预留。'), lines.join('\n'));
    nothingEnglish();
  });

  it('tells the status', async () => {
    s.cloud.scripts = [[{ cut: section(45, 80) }, say('好了。')]];
    await s.clock.run(s.session.remove([section(45, 80)]));
    await s.clock.run(s.session.say('状态'));
    assert.ok(
      chat(s.session).includes('status: 时间线 (1 条轨道)：1. 视频：talk.mp4 (0–145 秒)'),
      chat(s.session).join('\n'),
    );
    nothingEnglish();
  });

  it('tells failures, and what to do', async () => {
    for (const kind of ['unreachable', 'timed-out', 'server', 'bad-answer', 'no-credits', 'rate-limited'] as const) {
      s = scene();
      s.cloud.fail('createSession', nemoError(kind, '', kind === 'no-credits' ? '2001' : undefined));
      await assert.rejects(s.clock.run(s.session.say('cut the first 5 seconds')));
      const failure = chat(s.session).filter((line) => line.startsWith('error: '));
      assert.equal(failure.length, 1, kind);
      assert.deepEqual(englishLeft(failure.join(''), NAMES), [], kind);
      assert.match(failure.join(''), /[。?] \[/u);
    }
  });

  it('is copied as Markdown whose marks are read as such', () => {
    const text = transcript({
      title: '采访.mp4',
      createdAt: 0,
      chat: [
        { id: '1', kind: 'user', text: '删除前5秒' },
        { id: '2', kind: 'error', text: '无法连接。' },
      ],
    });
    // A closing ** between a colon and a letter would stay two stars.
    assert.match(text, /^\*\*你\*\*：删除前5秒$/mu);
    assert.match(text, /^> \*\*错误\*\*：无法连接。$/mu);
  });
});
