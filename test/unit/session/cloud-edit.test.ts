import assert from 'node:assert/strict';
import { NO_FREE_TOKEN } from '../../../src/nemo/errors.js';
import { SessionError } from '../../../src/session/session-error.js';
import { SessionBook } from '../../../src/session/session-book.js';
import { chat, heartbeat, nemoError, say, scene, SECOND, told, type Scene, type Step } from './scripted-cloud.js';

const section = (from: number, to: number) => ({ in: from * SECOND, out: to * SECOND });
const refused =
  (kind: SessionError['kind'], message: RegExp) =>
  (error: unknown): true => {
    assert.ok(error instanceof SessionError);
    assert.equal(error.kind, kind);
    assert.match(error.message, message);
    return true;
  };

describe('an edit in the cloud', () => {
  let s: Scene;
  beforeEach(() => {
    s = scene();
  });
  const credits = (): string[] => chat(s.session).filter((line) => /credits/u.test(line));
  const last = (): string => told(s.session).at(-1) ?? '';

  describe('and its credits', () => {
    it('are told before the first message that costs, once, and what is left after each', async () => {
      s.cloud.scripts = [[{ cut: section(45, 80) }], [{ cut: section(0, 5) }]];
      await s.clock.run(s.session.remove([section(45, 80)]));
      await s.clock.run(s.session.remove([section(0, 5)]));
      assert.deepEqual(credits(), [
        'status: An edit costs about 50 credits; you have 60.',
        'status: 60 credits available, 40 more reserved by running work.',
      ]);
      assert.ok(s.cloud.calls.indexOf('credits') < s.cloud.calls.indexOf('run'));
    });

    it('are told once, also across a reload', async () => {
      s.cloud.scripts = [[{ cut: section(45, 80) }], [{ cut: section(0, 5) }]];
      await s.clock.run(s.session.remove([section(45, 80)]));
      const again = new SessionBook(s.ports).get(s.session.id);
      assert.ok(again);
      await s.clock.run(again.remove([section(0, 5)]));
      assert.equal(chat(again).filter((line) => line.includes('costs about')).length, 1);
    });

    it('name the price of a new clip where there is none yet', async () => {
      s.session = s.book.create();
      await s.clock.run(s.session.say('make a clip about the sea'));
      assert.equal(credits()[0], 'status: A new clip costs about 100 credits, an edit about 50; you have 60.');
    });

    it('that cannot be read keep nobody from editing', async () => {
      s.cloud.fail('credits', nemoError('server'), nemoError('server'));
      s.cloud.scripts = [[{ cut: section(45, 80) }]];
      await s.clock.run(s.session.remove([section(45, 80)]));
      assert.deepEqual(credits(), ['status: An edit costs about 50 credits.']);
      assert.match(last(), /^status: Removed 0:45–1:20/u);
    });

    it('are no matter on this machine', async () => {
      s = scene({ choose: () => Promise.resolve('local') });
      s.local.scripts = [[{ cut: section(45, 80) }]];
      await s.clock.run(s.session.remove([section(45, 80)]));
      assert.deepEqual(credits(), []);
      assert.ok(!s.local.calls.includes('credits'));
    });

    it('when they are used up: a link to register for a visitor, the account for everybody else', async () => {
      const ask = async (link: string, own: boolean): Promise<string> => {
        s = scene();
        s.cloud.register = link;
        s.session = new SessionBook({ ...s.ports, ownToken: () => Promise.resolve(own) }).create('/videos/talk.mp4');
        s.cloud.fail('run', nemoError('no-credits', 'No.', '2001'));
        await assert.rejects(s.clock.run(s.session.say('cut the first 5 seconds')), refused('no-credits', /./u));
        return last();
      };
      const top =
        'error: Not enough credits. Top up credits in your account, or cut on this machine instead. [use-local]';
      const free =
        'error: The free credits are used up. Register to get more, or cut on this machine instead. [register,use-local]';
      assert.equal(await ask('https://web.example/register?bind=u_9', true), top);
      assert.equal(await ask('https://web.example/register?bind=u_9', false), free);
      assert.equal(await ask('https://web.example/register?bind=anon_1', true), free);
    });
  });

  it('shows no direction to a button, not even while the answer comes', async () => {
    const words = 'I cut it. You can click the Export button to download it. 请点击导出按钮。 It is 2:25 long.'.split(
      /(?<= )/u,
    );
    s.cloud.scripts = [[{ cut: section(45, 80) }, ...words.flatMap((word): Step[] => [say(word), { wait: 10 }])]];
    const seen = new Set<string>();
    s.session.onDidChange(() => chat(s.session).forEach((line) => seen.add(line)));
    await s.clock.run(s.session.say('cut 0:45-1:20'));
    const shown = [...seen].filter((line) => line.startsWith('agent'));
    assert.deepEqual(
      shown.filter((line) => /click|button|点击/iu.test(line)),
      [],
    );
    assert.ok(chat(s.session).includes('agent: I cut it. It is 2:25 long.'));
  });

  it('whose answer only tells where to look gets the timeline', async () => {
    s.cloud.scripts = [[say('Open the timeline panel to preview it.')]];
    await s.clock.run(s.session.say('how does it look?'));
    assert.deepEqual(told(s.session).slice(-2), [
      'status: NemoVideo only named steps of its own editor, and the timeline is unchanged. Say it in other words, with times such as 0:45.',
      'status: Timeline (1 track): 1. Video: talk.mp4 (0-180s)',
    ]);
  });

  it('shows a quiet line while the timeline is edited, and nothing of the tools', async () => {
    s.cloud.scripts = [
      [{ type: 'activity', tool: 'split_segment_v2' }, { wait: 1000 }, { cut: section(45, 80) }, say('Cut.')],
    ];
    const notes = new Set<unknown>();
    s.session.onDidChange(() => {
      const { activity } = s.session.snapshot;
      if (activity.kind === 'editing') notes.add(activity.note);
    });
    await s.clock.run(s.session.say('cut 0:45-1:20'));
    assert.ok(notes.has('Editing the timeline…'));
    assert.ok(!JSON.stringify(s.session.snapshot.chat).includes('split_segment'));
  });

  describe('with a "temporary issue" alone', () => {
    it('that did its work is told by what it did', async () => {
      s.cloud.scripts = [[{ cut: section(45, 80) }, say('I encountered a temporary issue. Please try again.')]];
      await s.clock.run(s.session.say('cut 0:45-1:20'));
      assert.equal(last(), 'status: Removed 0:45–1:20; the clip is now 2:25. [export,undo]');
    });

    it('that did nothing says so and offers to try again', async () => {
      s.cloud.scripts = [[say('I encountered a temporary issue.')]];
      await assert.rejects(
        s.clock.run(s.session.say('cut 0:45-1:20')),
        refused('agent', /passing problem, and the timeline is unchanged/u),
      );
      assert.match(last(), /\[retry,use-local\]$/u);
      assert.equal(s.cloud.messages.length, 1);
    });
  });

  it('in a session that ends meanwhile is not sent again in a new one', async () => {
    s.cloud.scripts = [[heartbeat, say('Working.')]];
    await s.clock.run(s.session.upload(['/videos/talk.mp4']));
    s.cloud.fail('state', undefined, nemoError('session-not-found', 'Gone.', '1002'));
    await assert.rejects(
      s.clock.run(s.session.say('cut 0:45-1:20')),
      refused('session-not-found', /was not sent twice/u),
    );
    assert.equal(s.cloud.messages.length, 1);
    s.cloud.fail('state', nemoError('session-not-found', 'Gone.', '1002'));
    s.cloud.scripts = [[{ cut: section(45, 80) }, say('Cut.')]];
    await s.clock.run(s.session.retry());
    assert.equal(s.cloud.messages.length, 2);
    assert.ok(s.cloud.calls.includes('upload s2'));
  });

  it('in words that the cloud would not do is done here, with the same words', async () => {
    s.cloud.fail('run', nemoError('no-credits', 'No.', '2001'));
    await assert.rejects(s.clock.run(s.session.say('cut the first 5 seconds')), refused('no-credits', /./u));
    s.local.scripts = [[{ cut: section(0, 5) }, say('Cut.')]];
    await s.clock.run(s.session.useEngine('local'));
    assert.deepEqual(s.local.messages, ['cut the first 5 seconds']);
  });

  for (const [what, kind, message, shown] of [
    [
      'a file that is too large',
      'too-large',
      'a.mov has 700 MB; NemoVideo takes 500 MB at most. Compress or trim it first.',
      'a.mov has 700 MB; NemoVideo takes 500 MB at most. Compress or trim it first. Or cut it on this machine, where there is no limit. [use-local]',
    ],
    [
      'a file of another kind',
      'unsupported-file',
      'NemoVideo does not take .flv files. It takes mp4.',
      'NemoVideo does not take .flv files. It takes mp4. [use-local]',
    ],
    [
      'the week without a free token',
      'rate-limited',
      'NemoVideo gives no further free token here for now. Set an API token, or cut on this machine.',
      'NemoVideo gives no further free token here for now. Set an API token, or cut on this machine. [set-token,use-local]',
    ],
  ] as const) {
    it(`told before a byte is sent keeps its own words: ${what}`, async () => {
      s.cloud.fail('upload', nemoError(kind, message, kind === 'rate-limited' ? NO_FREE_TOKEN : undefined));
      await assert.rejects(s.session.upload(['/videos/talk.mp4']), refused(kind, /./u));
      assert.equal(last(), `error: ${shown}`);
    });
  }

  it('with a link in it takes the file up first, and then says it', async () => {
    s.cloud.scripts = [[{ cut: section(0, 5) }, say('Cut.')]];
    s.session = s.book.create();
    await s.clock.run(s.session.say('cut the first 5 seconds of https://example.com/talk.mp4'));
    const order = s.cloud.calls.filter((call) => /^(?:uploadUrls|run)/u.test(call));
    assert.deepEqual(order, ['uploadUrls https://example.com/talk.mp4', 'run']);
    assert.deepEqual(s.cloud.messages, ['cut the first 5 seconds of talk.mp4']);
  });
});
