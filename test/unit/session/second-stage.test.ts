import assert from 'node:assert/strict';
import type { SessionState } from '../../../src/nemo/protocol.js';
import { chat, heartbeat, say, scene, told, type Scene, type Step } from './scripted-cloud.js';

const video = { tt: 0, sg: [{ d: 10_000, m: { title: 'city timelapse' } }] };
const music = { tt: 1, m: { title: 'Lo-fi', volume: 0.35 }, sg: [{ d: 10_000 }] };
const title = { tt: 7, sg: [{ d: 3000, m: { title: 'Urban Dreams' } }] };
const EXTRAS =
  'status: NemoVideo also added the background music "Lo-fi" and the title "Urban Dreams". Keep them, or take them out? [keep-additions,strip-additions]';

describe('a clip that NemoVideo makes', () => {
  let s: Scene;
  let tracks: unknown[];

  beforeEach(() => {
    s = scene();
    s.session = s.book.create();
    tracks = [];
    s.cloud.state = (): Promise<SessionState> => {
      s.cloud.calls.push('state');
      return Promise.resolve({ draft: tracks.length === 0 ? null : { t: tracks }, raw: {} });
    };
  });

  /** The agent's work shows in the state from then on. */
  const makes = (...made: unknown[]): Step => {
    const step = { type: 'activity', tool: 'generate' } as const;
    return Object.defineProperty({ ...step }, 'type', {
      get: () => {
        tracks = made;
        return 'activity';
      },
    });
  };

  it('is told first, and what came on top of it separately, to keep or take out', async () => {
    s.cloud.scripts = [[makes(video, music, title), say('Your city timelapse is ready.')]];
    await s.clock.run(s.session.say('make a 10 second timelapse of a city'));
    assert.deepEqual(told(s.session).slice(-3), [
      'agent: Your city timelapse is ready.',
      'status: Added Video "city timelapse"; the clip is now 0:10. [export,undo]',
      EXTRAS,
    ]);
  });

  it('is told while NemoVideo still works on music and title', async () => {
    const wait: Step[] = [{ wait: 20_000 }, heartbeat];
    s.cloud.scripts = [
      [...wait, ...wait, makes(video), ...wait, ...wait, makes(video, music, title), ...wait, say('Done.')],
    ];
    const seen: string[] = [];
    s.session.onDidChange(() => seen.push(chat(s.session).at(-1) ?? ''));
    await s.clock.run(s.session.say('make a 10 second timelapse of a city'));
    const raw = 'status: The raw clip is ready: 0:10. NemoVideo may still add music and a title. [export]';
    assert.ok(seen.indexOf(raw) >= 0 && seen.indexOf(raw) < seen.findIndex((line) => line.startsWith('agent')));
    assert.equal(chat(s.session).filter((line) => line === raw).length, 1);
    assert.ok(!chat(s.session).some((line) => line.includes('Added Video')), 'not told twice');
    assert.equal(told(s.session).at(-1), EXTRAS);
  });

  it('gets its music and title after the answer: they are found and told then', async () => {
    s.cloud.scripts = [[makes(video), say('Your clip is ready.')]];
    await s.clock.run(s.session.say('make a 10 second timelapse of a city'));
    assert.ok(!chat(s.session).includes(EXTRAS));
    await s.clock.run(s.clock.sleep(30_000));
    tracks = [video, music, title];
    await s.clock.run(s.clock.sleep(60_000));
    assert.equal(chat(s.session).at(-1), EXTRAS);
    assert.equal(s.session.snapshot.draft.tracks.length, 3);
    const looks = s.cloud.calls.filter((call) => call === 'state').length;
    await s.clock.run(s.clock.sleep(600_000));
    assert.equal(s.cloud.calls.filter((call) => call === 'state').length, looks, 'the looking has ended');
  });

  it('is not looked at for ever when nothing is added', async () => {
    s.cloud.scripts = [[makes(video), say('Your clip is ready.')]];
    await s.clock.run(s.session.say('make a 10 second timelapse of a city'));
    const before = s.cloud.calls.length;
    await s.clock.run(s.clock.sleep(3_600_000));
    assert.equal(s.cloud.calls.length - before, 4);
    assert.equal(s.session.busy, false);
  });

  it('has its additions told before the next message, when that comes first', async () => {
    s.cloud.scripts = [[makes(video), say('Your clip is ready.')], [say('Which part?')]];
    await s.clock.run(s.session.say('make a 10 second timelapse of a city'));
    tracks = [video, music, title];
    await s.clock.run(s.session.say('make it brighter'));
    assert.deepEqual(told(s.session).slice(-2), [EXTRAS, 'agent: Which part?']);
  });

  it('keeps the additions when asked to: nothing is sent, and nothing is offered any more', async () => {
    s.cloud.scripts = [[makes(video, music, title), say('Ready.')]];
    await s.clock.run(s.session.say('make a 10 second timelapse of a city'));
    const offer = s.session.snapshot.chat.find(({ actions }) => actions?.includes('keep-additions'));
    s.session.keepAdditions(offer?.id ?? '');
    assert.equal(s.cloud.messages.length, 1);
    assert.ok(!s.session.snapshot.chat.some(({ actions }) => actions?.includes('strip-additions')));
  });

  it('loses the additions when asked to, with one message', async () => {
    s.cloud.scripts = [[makes(video, music, title), say('Ready.')], [makes(video)]];
    await s.clock.run(s.session.say('make a 10 second timelapse of a city'));
    const offer = s.session.snapshot.chat.find(({ actions }) => actions?.includes('strip-additions'));
    await s.clock.run(s.session.stripAdditions(offer?.id ?? ''));
    assert.equal(
      s.cloud.messages[1],
      'remove the background music "Lo-fi" and the title "Urban Dreams", and leave everything else as it is',
    );
    assert.equal(
      told(s.session).at(-1),
      'status: Took out BGM "Lo-fi". Took out Title "Urban Dreams"; the clip is still 0:10. [export,undo]',
    );
    await assert.rejects(s.session.stripAdditions(offer?.id ?? ''), /nothing to take out/u);
  });

  for (const [message, asked] of [
    ['make a timelapse of a city with lo-fi music and a title', [video, music, title]],
    ['做一段城市延时视频，配上音乐和标题', [video, music, title]],
  ] as const) {
    it(`"${message}" asked for them: nothing is offered`, async () => {
      s.cloud.scripts = [[makes(...asked), say('Ready.')]];
      await s.clock.run(s.session.say(message));
      assert.ok(!chat(s.session).some((line) => line.includes('additions')));
      assert.match(told(s.session).at(-1) ?? '', /Added BGM "Lo-fi"\. Added Title "Urban Dreams"/u);
    });
  }
});
