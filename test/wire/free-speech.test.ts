// Words that the grammar cannot read, with a language model at the edge: it is the one part that cannot be had here.
import assert from 'node:assert/strict';
import { systemClock } from '../../src/local/clock.js';
import { LONGEST_ANSWER, type LanguageModel } from '../../src/local/sections-from-words.js';
import { LocalBench } from './local-setup.js';

const WORDS = 'lop off a third at the tail';

describe('free speech on this machine', function () {
  this.timeout(60_000);
  let bench: LocalBench;
  let clip: string;
  let asked: string[];
  let model: LanguageModel | undefined;
  /** Lets the time that a model may take be over. */
  let tooLate: () => void;

  const answering = (text: string): LanguageModel => ({
    ready: () => Promise.resolve(true),
    ask: (question) => {
      asked.push(question);
      return Promise.resolve(text);
    },
  });

  before(async () => {
    bench = await LocalBench.open();
    clip = await bench.makeClip('secret-name.mp4');
    await bench.stop();
    await bench.start({
      clock: {
        ...systemClock,
        every: (milliseconds, work) => {
          if (milliseconds === LONGEST_ANSWER) tooLate = work;
          return systemClock.every(milliseconds, work);
        },
      },
      model: {
        ready: () => model?.ready() ?? Promise.resolve(false),
        ask: (question, signal) => model?.ask(question, signal) ?? Promise.reject(new Error('none')),
      },
    });
  });
  beforeEach(() => {
    asked = [];
    model = undefined;
  });
  after(() => bench.close());

  /** What was said, and the timeline after it. */
  async function say(text: string): Promise<{ said: string; timeline: string }> {
    const session = await bench.newSession(clip);
    const said = await bench.say(session, text);
    return { said, timeline: await bench.timeline(session) };
  }

  it('removes the sections that the model reads from the words, and says who read them', async () => {
    model = answering('```json\n{"action": "remove", "sections": [{"from": 6.68, "to": 10}]}\n```');
    const { said, timeline } = await say(WORDS);
    assert.equal(timeline, '0-6.68');
    assert.match(said, /^Your words were read by the editor's language model\. Removed 0:06\.68–0:10/u);
  });

  it('keeps them alone where that is meant, and can be undone like any edit', async () => {
    model = answering('{"action": "keep", "sections": [{"from": 1, "to": 2}, {"from": 5, "to": 6}]}');
    const session = await bench.newSession(clip);
    await bench.say(session, 'I only care about the second second and the sixth one');
    assert.equal(await bench.timeline(session), '1-2 5-6');
    await bench.say(session, 'undo');
    assert.match(await bench.timeline(session), /^0-10/u);
  });

  it('shows the model words, length, pauses and ranges, and neither name nor path nor bytes', async () => {
    model = answering('{"action": "remove", "sections": []}');
    await say(`${WORDS} of secret-name.mp4`);
    const [question = ''] = asked;
    const facts = JSON.parse(question.slice(question.lastIndexOf('\n') + 1)) as Record<string, unknown>;
    assert.deepEqual(Object.keys(facts), ['words', 'length', 'pauses', 'sourceRanges']);
    assert.match(String(facts['words']), /^lop off a third/u);
    assert.ok(Math.abs(Number(facts['length']) - 10) < 0.1);
    assert.equal((facts['pauses'] as unknown[]).length, 1);
    assert.doesNotMatch(question, /secret|\.mp4|\/tmp|\\/u);
    assert.ok(question.length < 5000);
  });

  it('does not ask for what the grammar reads, for a time that is none, or for what only the cloud does', async () => {
    model = answering('{"action": "remove", "sections": [{"from": 0, "to": 1}]}');
    assert.equal((await say('remove 0:02 to 0:04')).timeline, '0-2 4-10');
    await say('remove 0:75 to 0:80');
    await say('add background music');
    assert.deepEqual(asked, []);
  });

  describe('gives the answer of today, and leaves the timeline, where the model', () => {
    let today: string;
    before(async () => {
      model = undefined;
      today = (await say(WORDS)).said;
      assert.match(today, /^I can cut the clip on this machine/u);
    });

    const unchanged = async (): Promise<void> => {
      const { said, timeline } = await say(WORDS);
      assert.equal(said, today);
      assert.match(timeline, /^0-10[.\d]*$/u);
    };

    for (const [what, answer] of [
      ['says nothing', ''],
      ['chats', 'Sure! I would remove the last third of it {if that is fine}.'],
      ['gives another shape', '{"cut": [[1, 2]]}'],
      ['gives text for times', '{"action": "remove", "sections": [{"from": "0:01", "to": "0:02"}]}'],
      ['finds nothing clear', '{"action": "remove", "sections": []}'],
      ['goes past the end', '{"action": "remove", "sections": [{"from": 8, "to": 99}]}'],
      ['goes before the beginning', '{"action": "remove", "sections": [{"from": -1, "to": 2}]}'],
      ['turns a section round', '{"action": "remove", "sections": [{"from": 3, "to": 2}]}'],
      ['leaves nothing', '{"action": "remove", "sections": [{"from": 0, "to": 10.03}]}'],
      ['gives a number without an end', `{"action": "remove", "sections": [{"from": 1, "to": 1e999}]}`],
      ['talks without an end', `{"action": "remove", "sections": [${'{"from": 1, "to": 2},'.repeat(5000)}]}`],
    ] as const) {
      it(what, async () => {
        model = answering(answer);
        await unchanged();
        assert.equal(asked.length, 1);
      });
    }

    it('is not there, or the person does not want it asked', async () => {
      model = {
        ...answering('{"action": "remove", "sections": [{"from": 0, "to": 1}]}'),
        ready: () => Promise.resolve(false),
      };
      await unchanged();
      assert.deepEqual(asked, []);
    });

    it('refuses', async () => {
      model = { ready: () => Promise.resolve(true), ask: () => Promise.reject(new Error('NoPermissions')) };
      await unchanged();
    });

    it('takes too long, whether it listens or not', async () => {
      model = {
        ready: () => Promise.resolve(true),
        ask: () => {
          queueMicrotask(() => tooLate());
          return new Promise<string>(() => undefined);
        },
      };
      await unchanged();
    });
  });
});
