import assert from 'node:assert/strict';
import { SessionBook } from '../../../src/session/session-book.js';
import { searchSessions } from '../../../src/session/session-search.js';
import { transcript } from '../../../src/session/transcript.js';
import { betterSentence } from '../../../src/session/vague-wish.js';
import { chat, say, scene, SECOND, type Scene } from './scripted-cloud.js';

const EXAMPLE = 'remove the section between 0:45 and 1:20 and join the remaining parts smoothly';

describe('what the chat tells of', () => {
  let s: Scene;
  beforeEach(() => {
    s = scene();
  });

  it('is marked as what it is, with the lengths before and after, and survives a reload', async () => {
    s.cloud.scripts = [[say('Gone.'), { cut: { in: 45 * SECOND, out: 80 * SECOND } }]];
    await s.clock.run(s.session.say('cut 0:45-1:20'));
    const topics = (): unknown[] =>
      s.session.snapshot.chat.flatMap(({ topic, change }) => (topic ? [[topic, change]] : []));
    const all = [
      ['connected', undefined],
      ['added', undefined],
      ['credits', undefined],
      ['edited', { before: 180 * SECOND, after: 145 * SECOND }],
      ['credits', undefined],
    ];
    assert.deepEqual(topics(), all);
    const [again] = new SessionBook(s.ports).sessions;
    assert.ok(again);
    s.session = again;
    assert.deepEqual(topics(), all);
  });

  it('names the files on their way, and those beside the clip', async () => {
    const seen = new Set<string>();
    s.session.onDidChange(() => {
      const { activity } = s.session.snapshot;
      if (activity.kind === 'uploading') seen.add(activity.files.map(({ name }) => name).join());
    });
    await s.clock.run(s.session.upload(['/videos/talk.mp4', '/sounds/lo-fi.m4a']));
    await s.clock.run(s.session.upload(new URL('https://example.com/pictures/the%20logo.png?x=1')));
    assert.deepEqual([...seen], ['talk.mp4,lo-fi.m4a', 'lo-fi.m4a', 'the logo.png']);
    assert.deepEqual(s.session.snapshot.attached, ['lo-fi.m4a', 'the logo.png']);
  });

  it('loses one entry that cannot be read, and not the session', async () => {
    await s.clock.run(s.session.connect());
    const key = `videoTrimmer.session.${s.session.id}`;
    const stored = s.values.get(key) as { chat: unknown[] };
    s.values.set(key, { ...stored, chat: [{ id: '1', kind: 'user', text: 'hello' }, { kind: 'hologram' }, 7, null] });
    assert.deepEqual(new SessionBook(s.ports).sessions.map(chat), [['user: hello']]);
  });
});

describe('a vague wish', () => {
  it('is told from a concrete one', () => {
    for (const vague of [
      'make it better',
      'Make it look better!',
      'please improve my video',
      "I'd like you to make this clip more professional, please.",
      'fix it',
      '把视频做得更好',
      '帮我美化一下',
    ]) {
      assert.notEqual(betterSentence(vague, undefined), undefined, vague);
    }
    for (const concrete of [
      EXAMPLE,
      'make it 10 seconds shorter',
      'make the music better',
      'improve the sound',
      'remove the best part',
      'cut the first 5 seconds',
      'clean joins',
      'export',
      'undo',
      '把0:45到1:20做得更好',
      '',
    ]) {
      assert.equal(betterSentence(concrete, undefined), undefined, concrete);
    }
  });

  it('gets the product’s own sentence, or one with times that the clip has, in the language of the wish', () => {
    assert.equal(betterSentence('make it better', 180 * SECOND), EXAMPLE);
    assert.equal(betterSentence('make it better', undefined), EXAMPLE);
    assert.match(betterSentence('make it better', 40 * SECOND) ?? '', /between 0:15 and 0:25/u);
    assert.match(betterSentence('make it better', 4 * SECOND) ?? '', /between 0:01\.5 and 0:02\.5/u);
    assert.match(betterSentence('把视频做得更好', 180 * SECOND) ?? '', /^删除0:45到1:20之间的部分/u);
  });

  it('in the cloud is sent as it is, with one hint a session', async () => {
    const s = scene();
    s.cloud.scripts = [[say('Done.')], [say('Done.')]];
    await s.clock.run(s.session.say('make it better'));
    await s.clock.run(s.session.say('improve it'));
    assert.deepEqual(s.cloud.messages, ['make it better', 'improve it']);
    const hints = s.session.snapshot.chat.filter(({ topic }) => topic === 'hint');
    assert.deepEqual(
      hints.map(({ sentence }) => sentence),
      [EXAMPLE],
    );
  });

  it('on this machine is answered by the engine, with the sentence beside the answer', async () => {
    const s = scene({ choose: () => Promise.resolve('local') });
    s.local.scripts = [[say('I can cut the clip on this machine.')]];
    await s.clock.run(s.session.say('make it better'));
    const last = s.session.snapshot.chat.at(-1);
    assert.deepEqual([last?.kind, last?.sentence, last?.topic], ['agent', EXAMPLE, undefined]);
  });
});

describe('the name of a session', () => {
  it('given by the person stays, whatever clip it gets, and over a reload', async () => {
    const s = scene();
    s.session.rename('Interview, first cut');
    s.session.setClip('/videos/other.mp4');
    await s.clock.run(s.session.connect());
    assert.equal(s.session.snapshot.title, 'Interview, first cut');
    const [again] = new SessionBook(s.ports).sessions;
    again?.setClip('/videos/third.mp4');
    assert.deepEqual([again?.snapshot.title, again?.snapshot.clip?.name], ['Interview, first cut', 'third.mp4']);
  });
});

describe('what was chosen for exports', () => {
  it('is there after a reload, and a choice that cannot be read is none', async () => {
    const s = scene();
    s.session.chooseExport({ format: 'mkv', quality: '480p', name: 'First cut' });
    await s.clock.run(s.session.connect());
    const reopened = (): unknown => new SessionBook(s.ports).get(s.session.id)?.snapshot.exportChoice;
    assert.deepEqual(reopened(), { format: 'mkv', quality: '480p', name: 'First cut' });
    const key = `videoTrimmer.session.${s.session.id}`;
    s.values.set(key, { ...(s.values.get(key) as object), exportChoice: 'as always' });
    assert.equal(new SessionBook(s.ports).sessions.length, 1);
    assert.equal(reopened(), undefined);
  });
});

describe('a search over the sessions', () => {
  const session = (title: string, ...texts: string[]) => ({
    snapshot: { title, chat: texts.map((text, index) => ({ id: String(index), kind: 'user' as const, text })) },
  });
  const long = `${'before '.repeat(30)}the LONG pause${' after'.repeat(30)}`;
  const sessions = [
    session('Interview.mp4', 'cut the start', long),
    session('holiday.mp4', 'Ｐause there'),
    session('a'),
  ];
  const found = (query: string): unknown[] =>
    searchSessions(sessions, query).map((hit) => [hit.session.snapshot.title, hit.excerpt]);

  it('finds every word in names and messages, in any letter case and width', () => {
    assert.deepEqual(found('').length, 3);
    assert.deepEqual(found('INTERVIEW'), [['Interview.mp4', undefined]]);
    assert.deepEqual(
      found('pause').map((hit) => (hit as string[])[0]),
      ['Interview.mp4', 'holiday.mp4'],
    );
    assert.deepEqual(found('holiday start'), []);
  });

  it('shows where a message says it', () => {
    const [[, excerpt]] = found('interview long') as [[string, string]];
    assert.match(excerpt, /^….{0,40}LONG pause.{0,40}…$/u);
    assert.deepEqual(found('cut'), [['Interview.mp4', 'cut the start']]);
  });
});

describe('the transcript of a chat', () => {
  it('is markdown: who said what as it was written, the agent’s own marks kept, what happened as quotes', () => {
    const text = transcript({
      title: 'talk *1*.mp4',
      createdAt: Date.UTC(2026, 10, 22),
      chat: [
        { id: '1', kind: 'user', text: 'remove <b>0:45</b>\n# not a heading\n1. no list' },
        { id: '2', kind: 'status', text: 'Uploaded my_talk_1.mp4 (2:00).' },
        { id: '3', kind: 'agent', text: 'I took out **0:45–1:20**.\n\n- done\n' },
        { id: '4', kind: 'error', text: 'It failed.\nTry again.' },
        { id: '5', kind: 'export', text: 'Exported talk.trimmed.mp4: 2:00 → 1:25.' },
      ],
    });
    assert.equal(
      text,
      [
        '# talk \\*1\\*.mp4',
        '_2026-11-22_',
        '**You:** remove \\<b\\>0:45\\</b\\>  \n\\# not a heading  \n1\\. no list',
        '> Uploaded my\\_talk\\_1.mp4 (2:00).',
        '**NemoVideo:**\n\nI took out **0:45–1:20**.\n\n- done',
        '> **Error:** It failed.  \n> Try again.',
        '> Exported talk.trimmed.mp4: 2:00 → 1:25.\n',
      ].join('\n\n'),
    );
  });
});
