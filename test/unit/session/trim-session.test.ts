import assert from 'node:assert/strict';
import { SessionBook } from '../../../src/session/session-book.js';
import { SessionError } from '../../../src/session/session-error.js';
import { chat, heartbeat, nemoError, say, scene, SECOND, told, type Scene } from './scripted-cloud.js';

const MINUTE = 60_000;
const section = (from: number, to: number) => ({ in: from * SECOND, out: to * SECOND });
const refused =
  (kind: SessionError['kind'], message?: RegExp) =>
  (error: unknown): true => {
    assert.ok(error instanceof SessionError);
    assert.equal(error.kind, kind);
    if (message) assert.match(error.message, message);
    return true;
  };

describe('a conversation', () => {
  let s: Scene;
  beforeEach(() => {
    s = scene();
  });
  const last = (): string => told(s.session).at(-1) ?? '';

  describe('the main job', () => {
    it('connects, uploads, says it in one message, and tells what changed', async () => {
      s.cloud.scripts = [[say('The part '), { cut: section(45, 80) }, say('is gone.')]];
      const outcome = await s.clock.run(s.session.remove([section(45, 80)]));
      assert.deepEqual(s.cloud.messages, [
        'remove the section between 0:45 and 1:20 and join the remaining parts smoothly',
      ]);
      assert.deepEqual(chat(s.session), [
        'user: remove the section between 0:45 and 1:20 and join the remaining parts smoothly',
        'status: Ready.',
        'status: Uploaded talk.mp4 (3:00).',
        'status: An edit costs about 50 credits; you have 60.',
        'agent: The part is gone.',
        'status: Removed 0:45–1:20; the clip is now 2:25. [export,undo]',
        'status: 60 credits available, 40 more reserved by running work.',
      ]);
      assert.equal(outcome.difference?.changed, true);
      assert.equal(s.session.snapshot.activity.kind, 'idle');
      assert.equal(s.session.snapshot.draft.duration, 145 * SECOND);
    });

    it('asks for the engine once, before anything is uploaded', async () => {
      let asked = 0;
      s = scene({ choose: () => Promise.resolve(++asked === 1 ? 'local' : 'cloud') });
      await s.clock.run(s.session.say('cut the first 5 seconds'));
      await s.clock.run(s.session.say('cut the last 5 seconds'));
      assert.equal(asked, 1);
      assert.equal(s.session.snapshot.engine, 'local');
      assert.deepEqual(s.cloud.calls, []);
    });

    it('uploads nothing when the question about the engine is dismissed', async () => {
      s = scene({ choose: () => Promise.resolve(undefined) });
      await assert.rejects(s.session.say('cut the first 5 seconds'), refused('dismissed'));
      assert.deepEqual([...s.cloud.calls, ...s.local.calls], []);
      assert.match(last(), /^status: Choose first where to cut.*use-local/u);
    });

    it('sends all marked sections in one message', async () => {
      s.cloud.scripts = [[{ cut: section(45, 80) }, { cut: section(120, 130) }]];
      await s.clock.run(s.session.remove([section(120, 130), section(45, 80)]));
      assert.deepEqual(s.cloud.messages, [
        'remove the sections between 0:45 and 1:20 and between 2:00 and 2:10 and join the remaining parts smoothly',
      ]);
      assert.equal(last(), 'status: Removed 0:45–1:20 and 2:00–2:10; the clip is now 2:15. [export,undo]');
    });

    for (const sources of [true, false]) {
      it(`names the timeline's own times after an earlier cut (source ranges ${sources ? 'told' : 'not told'})`, async () => {
        s.cloud.sources = sources;
        s.cloud.scripts = [[{ cut: section(45, 80) }], [{ cut: section(120, 130) }]];
        await s.clock.run(s.session.remove([section(45, 80)]));
        await s.clock.run(s.session.remove([section(120, 130)]));
        assert.match(s.cloud.messages[1] ?? '', /between 1:25 and 1:35 /u);
      });
    }

    it('does not send a section that is removed already', async () => {
      s.cloud.scripts = [[{ cut: section(45, 80) }]];
      await s.clock.run(s.session.remove([section(45, 80)]));
      await assert.rejects(
        s.clock.run(s.session.remove([section(50, 60)])),
        refused('nothing-to-do', /removed already/u),
      );
      assert.equal(s.cloud.messages.length, 1);
    });

    it('warns when more went than was marked', async () => {
      s.cloud.scripts = [[{ cut: section(45, 100) }, say('Done.')]];
      await s.clock.run(s.session.remove([section(45, 80)]));
      assert.match(last(), /^status: Check the timeline: it is 2:05 long.*2:25\. \[undo\]/u);
    });

    it('refuses a second operation in words while one runs, and leaves the first alone', async () => {
      s.cloud.scripts = [[{ wait: 5000 }, { cut: section(0, 5) }, say('Cut.')]];
      const first = s.session.say('cut the first 5 seconds');
      await assert.rejects(s.session.say('and the last 5'), refused('busy'));
      await assert.rejects(s.session.export(), refused('busy'));
      await s.clock.run(first);
      assert.equal(s.cloud.messages.length, 1);
      assert.equal(chat(s.session).filter((line) => line.startsWith('user')).length, 1);
    });
  });

  describe('the answer', () => {
    it('is shown while it comes, and its talk about buttons is gone in the end', async () => {
      s.cloud.scripts = [
        [{ cut: section(45, 80) }, say('I cut it.'), { wait: 1000 }, say(' Click Export to download it.')],
      ];
      const seen: string[] = [];
      s.session.onDidChange(() => seen.push(last()));
      await s.clock.run(s.session.say('cut 0:45-1:20'));
      assert.ok(seen.includes('agent…: I cut it.'));
      assert.ok(chat(s.session).includes('agent: I cut it.'));
      assert.ok(!chat(s.session).some((line) => line.includes('Click')));
    });

    it('about the account makes us look there', async () => {
      s.cloud.scripts = [[say('This costs 50. Please check your account or billing page.')]];
      await s.clock.run(s.session.say('make it nicer'));
      assert.deepEqual(chat(s.session).slice(-2), [
        'agent: This costs 50.',
        'status: 60 credits available, 40 more reserved by running work.',
      ]);
    });

    it('without words is replaced by what changed', async () => {
      s.cloud.scripts = [[{ type: 'activity', tool: 'trim' }, { cut: section(45, 80) }]];
      await s.clock.run(s.session.say('cut 0:45-1:20'));
      assert.equal(last(), 'status: Removed 0:45–1:20; the clip is now 2:25. [export,undo]');
    });

    it('without words is waited for a little: the state may follow late', async () => {
      const { cloud, clock } = s;
      cloud.scripts = [[]];
      const work = s.session.say('cut 0:45-1:20');
      const late = clock.sleep(5000).then(() => cloud.cut(section(45, 80)));
      await clock.run(Promise.all([work, late]));
      assert.match(last(), /^status: Removed 0:45–1:20/u);
    });

    it('without words and without a change is said so, never "done"', async () => {
      s.cloud.scripts = [[heartbeat]];
      const outcome = await s.clock.run(s.session.say('cut 0:45-1:20'));
      assert.match(last(), /^status: No answer came, and the timeline is unchanged/u);
      assert.equal(outcome.difference?.changed, false);
    });

    it('keeps no trailing "temporary issue"', async () => {
      s.cloud.scripts = [
        [
          { cut: section(45, 80) },
          say('Cut.\n\nI encountered a temporary issue.'),
          { type: 'error', message: 'temporary issue' },
        ],
      ];
      await s.clock.run(s.session.say('cut 0:45-1:20'));
      assert.ok(chat(s.session).includes('agent: Cut.'));
    });

    it('that fails after a change tells both', async () => {
      s.cloud.scripts = [[{ cut: section(45, 80) }, { type: 'error', code: '2001', message: 'no credits' }]];
      s.cloud.register = 'https://web.example/register?bind=anon_1';
      await assert.rejects(s.clock.run(s.session.say('cut 0:45-1:20')), refused('no-credits'));
      assert.deepEqual(chat(s.session).slice(-2), [
        'status: Removed 0:45–1:20; the clip is now 2:25. [export,undo]',
        'error: The free credits are used up. Register to get more, or cut on this machine instead. [register,use-local]',
      ]);
      assert.equal(s.session.snapshot.chat.at(-1)?.link, 'https://web.example/register?bind=anon_1');
    });
  });

  describe('a long run', () => {
    it('says every two minutes that the work goes on, and takes that back when the answer comes', async () => {
      const beats = Array.from({ length: 9 }, () => [{ wait: 30_000 }, heartbeat]).flat();
      s.cloud.scripts = [[...beats, { cut: section(45, 80) }, say('There.')]];
      const seen = new Set<string>();
      s.session.onDidChange(() => seen.add(last()));
      await s.clock.run(s.session.say('cut 0:45-1:20'));
      assert.ok(seen.has('status: ⏳ Still working...'));
      assert.ok(seen.has('status: ⏳ Still working... (4 minutes)'));
      assert.ok(!chat(s.session).some((line) => line.includes('Still working')));
    });

    it('of heartbeats alone ends after 10 minutes, with a clear sentence', async () => {
      s.cloud.scripts = [Array.from({ length: 100 }, () => [{ wait: 20_000 }, heartbeat]).flat()];
      const begun = s.clock.now();
      await assert.rejects(
        s.clock.run(s.session.say('cut 0:45-1:20')),
        refused('timed-out', /after 10 minutes.*unchanged/u),
      );
      assert.equal(Math.round((s.clock.now() - begun) / MINUTE), 10);
      assert.match(last(), /\[retry,use-local\]$/u);
    });

    it('that makes progress goes on to 15 minutes, no further', async () => {
      s.cloud.scripts = [Array.from({ length: 100 }, () => [{ wait: 60_000 }, say('.')]).flat()];
      await assert.rejects(s.clock.run(s.session.say('make a film')), refused('timed-out', /after 15 minutes/u));
    });

    it('that is over in silence but changed the timeline is told as done', async () => {
      s.cloud.scripts = [
        [{ cut: section(45, 80) }, ...Array.from({ length: 100 }, () => [{ wait: 20_000 }, heartbeat]).flat()],
      ];
      await s.clock.run(s.session.say('cut 0:45-1:20'));
      assert.match(last(), /^status: Removed 0:45–1:20/u);
    });

    it('can be stopped; what was said so far stays readable', async () => {
      s.cloud.scripts = [[say('I begin'), { wait: 10 * MINUTE }]];
      const work = s.session.say('cut 0:45-1:20');
      const stopped = s.clock.sleep(1000).then(() => s.session.stop());
      await assert.rejects(s.clock.run(Promise.all([work, stopped])), refused('stopped'));
      await stopped;
      assert.ok(chat(s.session).includes('agent: I begin'));
      assert.equal(
        last(),
        'status: Stopped. Work that NemoVideo has begun may still finish and be charged; type "status" to see.',
      );
      assert.equal(s.session.busy, false);
    });
  });

  describe('a broken stream', () => {
    const broken = nemoError('unreachable', 'The connection was reset.');

    it('is never answered by sending the message again: the timeline is looked at instead', async () => {
      s.cloud.scripts = [[say('I am'), { throws: broken }]];
      const begun = s.clock.now();
      const work = s.session.say('cut 0:45-1:20');
      const late = s.clock.sleep(100_000).then(() => s.cloud.cut(section(45, 80)));
      await s.clock.run(Promise.all([work, late]));
      assert.equal(s.cloud.messages.length, 1);
      assert.equal(s.clock.now() - begun, 150_000);
      assert.ok(chat(s.session).includes('status: Removed 0:45–1:20; the clip is now 2:25. [export,undo]'));
    });

    it('with nothing changed after five looks is said so, and trying again is offered', async () => {
      s.cloud.scripts = [[heartbeat, { throws: broken }]];
      const begun = s.clock.now();
      await assert.rejects(s.clock.run(s.session.say('cut 0:45-1:20')), refused('unreachable', /not sent twice/u));
      assert.equal(s.clock.now() - begun, 30_000 + 4 * MINUTE);
      assert.equal(s.cloud.messages.length, 1);
      assert.match(last(), /\[retry,use-local\]$/u);
      s.cloud.scripts = [[{ cut: section(45, 80) }, say('Now.')]];
      await s.clock.run(s.session.retry());
      assert.equal(s.cloud.messages.length, 2);
    });

    it('is told at once when nobody is there at all', async () => {
      await s.clock.run(s.session.connect());
      await s.clock.run(s.session.upload(['/videos/talk.mp4']));
      s.cloud.scripts = [[{ throws: broken }]];
      s.cloud.fail('state', ...[undefined, broken].filter((error) => error !== undefined));
      const begun = s.clock.now();
      await assert.rejects(s.clock.run(s.session.say('cut 0:45-1:20')), refused('unreachable', /cannot be reached/u));
      assert.equal(s.clock.now(), begun);
      assert.match(last(), /\[use-local,retry\]$/u);
    });
  });

  describe('what the cloud refuses', () => {
    const cases = [
      ['export-blocked', 'Register or upgrade your plan to unlock export.', 'register,use-local'],
      ['no-credits', 'The free credits are used up.', 'register,use-local'],
      ['too-large', '500 MB at most', 'use-local'],
      ['unsupported-file', 'mp4, mov, avi, webm, mkv, jpg, png, gif, webp, mp3, wav, m4a, aac', 'use-local'],
      ['rate-limited', 'Wait half a minute', 'retry,use-local'],
      ['unauthorized', 'A server said this.', 'set-token,use-local'],
      ['unreachable', 'cannot be reached', 'use-local,retry'],
      ['server', 'a problem at the moment', 'retry,use-local'],
    ] as const;
    for (const [kind, words, actions] of cases) {
      it(`${kind}: a plain sentence and the next step`, async () => {
        s.cloud.register = 'https://web.example/register?bind=anon_1';
        s.cloud.fail('upload', nemoError(kind, 'A server said this.', '9999'));
        await assert.rejects(s.session.upload(['/videos/talk.mp4']), refused(kind));
        assert.ok(last().startsWith('error: '));
        assert.ok(last().includes(words), last());
        assert.ok(last().endsWith(`[${actions}]`), last());
      });
    }

    it("no credits with an account of one's own: top up there", async () => {
      s.cloud.fail('run', nemoError('no-credits'));
      await assert.rejects(
        s.clock.run(s.session.say('cut the first 5 seconds')),
        refused('no-credits', /Top up credits in your account/u),
      );
    });

    it('a session that is gone is made anew once, and the loss of the timeline is said', async () => {
      s.cloud.scripts = [[{ cut: section(0, 5) }]];
      await s.clock.run(s.session.connect());
      s.cloud.fail('state', nemoError('session-not-found'));
      await s.clock.run(s.session.say('cut the first 5 seconds'));
      assert.ok(s.cloud.calls.includes('upload s2'));
      assert.ok(chat(s.session).some((line) => line.includes('old timeline is gone')));
      assert.match(last(), /^status: Removed 0:00–0:05/u);
    });

    it('a session that is gone with cuts on it is not silently cut again for credits', async () => {
      s.cloud.scripts = [[{ cut: section(45, 80) }]];
      await s.clock.run(s.session.remove([section(45, 80)]));
      s.cloud.fail('state', nemoError('session-not-found'));
      await assert.rejects(
        s.clock.run(s.session.say('cut the first 5 seconds')),
        refused('session-not-found', /0:45–1:20.*gone/u),
      );
      assert.equal(s.cloud.messages.length, 1);
    });

    it('a session that is gone with an edit in words is not exported as if nothing had been edited', async () => {
      s.cloud.sources = false;
      s.cloud.scripts = [[{ cut: section(0, 5) }]];
      await s.clock.run(s.session.say('cut the first 5 seconds'));
      s.cloud.fail('state', nemoError('session-not-found'));
      await assert.rejects(
        s.clock.run(s.session.export()),
        refused('session-not-found', /"cut the first 5 seconds".* gone/u),
      );
      assert.equal(s.cloud.renders.length, 0);
    });

    it('a session that stays gone does not go round in circles', async () => {
      await s.clock.run(s.session.connect());
      s.cloud.fail('state', ...Array.from({ length: 10 }, () => nemoError('session-not-found')));
      await assert.rejects(s.clock.run(s.session.say('cut the first 5 seconds')), refused('session-not-found'));
      assert.equal(s.cloud.calls.filter((call) => call === 'createSession').length, 2);
    });
  });

  describe('going on with the other engine', () => {
    it('carries the clip and the cuts over, in one message', async () => {
      s.cloud.scripts = [[{ cut: section(45, 80) }, { cut: section(120, 130) }]];
      await s.clock.run(s.session.remove([section(45, 80), section(120, 130)]));
      s.local.scripts = [[{ cut: section(45, 80) }, { cut: section(120, 130) }, say('Removed.')]];
      await s.clock.run(s.session.useEngine('local'));
      assert.deepEqual(s.local.messages, [
        'remove the sections between 0:45 and 1:20 and between 2:00 and 2:10 and join the remaining parts smoothly',
      ]);
      assert.equal(s.session.snapshot.engine, 'local');
      assert.equal(s.session.snapshot.draft.duration, 135 * SECOND);
    });

    it("carries cuts over that the cloud's draft does not name", async () => {
      s.cloud.sources = false;
      s.cloud.scripts = [[{ cut: section(45, 80) }]];
      await s.clock.run(s.session.remove([section(45, 80)]));
      s.local.scripts = [[{ cut: section(45, 80) }]];
      await s.clock.run(s.session.useEngine('local'));
      assert.match(s.local.messages[0] ?? '', /between 0:45 and 1:20/u);
    });

    it("says the words again that made an edit which the cloud's draft does not name", async () => {
      s.cloud.sources = false;
      s.cloud.scripts = [[{ cut: section(0, 5) }], [{ cut: section(45, 80) }]];
      await s.clock.run(s.session.say('cut the first 5 seconds'));
      await s.clock.run(s.session.remove([section(45, 80)]));
      s.cloud.fail('run', nemoError('no-credits'));
      await assert.rejects(s.clock.run(s.session.say('cut the last 5 seconds')), refused('no-credits'));
      s.local.scripts = [[{ cut: section(0, 5) }], [{ cut: section(45, 80) }], [{ cut: section(175, 180) }]];
      await s.clock.run(s.session.useEngine('local'));
      assert.deepEqual(s.local.messages, s.cloud.messages);
      assert.equal(s.session.snapshot.draft.duration, 135 * SECOND);
    });

    it('does not go on with a whole clip when the words mean nothing to the other engine', async () => {
      s.cloud.sources = false;
      s.cloud.scripts = [[{ cut: section(0, 5) }]];
      await s.clock.run(s.session.say('cut the boring part'));
      s.cloud.fail('run', nemoError('no-credits'));
      await assert.rejects(s.clock.run(s.session.say('cut it, and export it')), refused('no-credits'));
      s.local.scripts = [[say('Which section?')]];
      await assert.rejects(
        s.clock.run(s.session.useEngine('local')),
        refused('agent', /^"cut the boring part" could not be done again, so nothing went on: Which section\?$/u),
      );
      assert.deepEqual(s.local.messages, ['cut the boring part']);
    });

    it('takes a file of the web along by its address', async () => {
      s = scene({ choose: () => Promise.resolve('cloud') });
      s.session = s.book.create();
      await s.clock.run(s.session.say('https://example.com/a.mp4'));
      await s.clock.run(s.session.useEngine('local'));
      assert.ok(s.local.calls.includes('uploadUrls https://example.com/a.mp4'));
    });

    it('then does what the cloud would not do', async () => {
      s.cloud.fail('upload', nemoError('too-large'));
      await assert.rejects(s.session.remove([section(45, 80)]), refused('too-large'));
      s.local.scripts = [[{ cut: section(45, 80) }, say('Removed.')]];
      await s.clock.run(s.session.useEngine('local'));
      assert.equal(last(), 'agent: Removed. [export,undo]');
    });
  });

  describe('commands in the chat', () => {
    it('credits, status and upload are done by us', async () => {
      assert.equal(
        (await s.clock.run(s.session.say('积分'))).answer,
        '60 credits available, 40 more reserved by running work.',
      );
      assert.equal((await s.clock.run(s.session.say('upload'))).answer, 'Uploaded talk.mp4 (3:00).');
      assert.equal(
        (await s.clock.run(s.session.say('show tracks'))).answer,
        'Timeline (1 track): 1. Video: talk.mp4 (0-180s)',
      );
      assert.deepEqual(await s.clock.run(s.session.say('upload')), {
        action: 'upload',
        answer: 'Choose a file to upload.',
        needsFile: true,
      });
      assert.deepEqual(s.cloud.messages, []);
    });

    it('status of a session that has nothing yet connects nowhere', async () => {
      assert.equal((await s.session.say('status')).answer, 'The timeline is empty.');
      assert.deepEqual(s.cloud.calls, []);
    });

    it('an address is uploaded', async () => {
      await s.clock.run(s.session.say('upload https://example.com/a.mp4'));
      assert.ok(s.cloud.calls.includes('uploadUrls https://example.com/a.mp4'));
    });

    it('undo is a message to the agent', async () => {
      await s.clock.run(s.session.undo());
      assert.deepEqual(s.cloud.messages, ['undo']);
    });

    it('the browser link is for the cloud alone', async () => {
      assert.equal(await s.session.openInBrowser(), 'https://web.example/workspace/claim?ct=t1-s1');
      await s.clock.run(s.session.useEngine('local'));
      await assert.rejects(s.session.openInBrowser(), refused('refused', /cloud/u));
    });
  });

  describe('after a reload', () => {
    it('the sessions, their chat, timeline and clip are there, and go on where they were', async () => {
      s.cloud.scripts = [[{ cut: section(45, 80) }, say('Cut.')]];
      await s.clock.run(s.session.remove([section(45, 80)]));
      const before = chat(s.session);
      // What a Memento does: values come back as JSON.
      const kept = new Map([...s.values].map(([key, value]) => [key, JSON.parse(JSON.stringify(value)) as unknown]));
      const store = { ...s.ports.store, get: (key: string) => kept.get(key) };
      const again = new SessionBook({ ...s.ports, store }).get(s.session.id);
      assert.ok(again);
      assert.deepEqual(chat(again), before);
      assert.equal(again.snapshot.title, 'talk.mp4');
      assert.equal(again.snapshot.draft.duration, 145 * SECOND);
      s.cloud.scripts = [[{ cut: section(0, 5) }]];
      await s.clock.run(again.say('cut the first 5 seconds'));
      assert.equal(s.cloud.calls.filter((call) => call === 'createSession').length, 1);
      assert.equal(s.cloud.calls.filter((call) => call.startsWith('upload')).length, 1);
    });

    it('a store with rubbish in it gives an empty list', () => {
      for (const rubbish of [null, 'x', ['gone'], { a: 1 }]) {
        s.values.set('videoTrimmer.sessions', rubbish);
        assert.deepEqual(new SessionBook(s.ports).sessions, []);
      }
    });

    it('a removed session does not come back, also when it was busy', async () => {
      s.cloud.scripts = [[{ wait: 60_000 }]];
      const work = assert.rejects(s.session.say('cut the first 5 seconds'), refused('stopped'));
      await s.clock.run(s.clock.sleep(1000));
      await s.clock.run(s.book.remove(s.session.id));
      await work;
      assert.deepEqual(new SessionBook(s.ports).sessions, []);
      assert.ok(![...s.values.keys()].some((key) => key.includes(s.session.id)));
    });
  });
});
