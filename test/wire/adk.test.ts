import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { AgentEvent, NemoClient } from '../../src/nemo/protocol.js';
import { AdkServer } from './adk-server.js';
import type { Script } from './adk/agents/nemo_agent/agent.js';
import { collect, ofKind, setUp } from './setup.js';

type ScriptedEvent = NonNullable<Script['events']>[number];

describe('Google’s ADK server', function () {
  this.timeout(30_000);
  let server: AdkServer;
  let client: NemoClient;
  let sessionId: string;

  before(async () => {
    server = await AdkServer.start();
    ({ client } = setUp(server.url));
    ({ sessionId } = await client.createSession({ taskName: 'project', language: 'en' }));
  });
  after(async () => {
    await client.close();
    await server.close();
  });

  const play = async (script: Script): Promise<AgentEvent[]> =>
    collect(client.run({ sessionId, text: JSON.stringify(script) }));
  const shown = (events: AgentEvent[]): AgentEvent[] => events.filter(({ type }) => type !== 'heartbeat');
  const read = async (...events: ScriptedEvent[]): Promise<AgentEvent[]> => shown(await play({ events }));

  const says = (text: string, more: ScriptedEvent = {}): ScriptedEvent => ({
    content: { role: 'model', parts: [{ text }] },
    ...more,
  });
  const partial = (text: string, more: ScriptedEvent = {}): ScriptedEvent => says(text, { partial: true, ...more });
  const text = (value: string): AgentEvent => ({ type: 'text', text: value });
  const tool = (name: string): AgentEvent => ({ type: 'activity', tool: name });

  it('streams pieces and then the whole, which is shown once', async () => {
    const events = [partial('Removed '), partial('0:45'), partial('–1:20.'), says('Removed 0:45–1:20.')];
    assert.deepEqual(await read(...events), [text('Removed '), text('0:45'), text('–1:20.')]);
  });

  it('sends each piece when the agent says it, and no further one after a stop', async () => {
    const stop = new AbortController();
    const many = Array.from({ length: 2000 }, (_, index) => partial(`${index} `));
    let seen = 0;
    await assert.rejects(async () => {
      for await (const event of client.run(
        { sessionId, text: JSON.stringify({ events: many, neverEnds: true }) },
        { signal: stop.signal },
      )) {
        assert.equal(event.type, 'text');
        seen += 1;
        if (seen === 10) stop.abort(new Error('cancelled by the person'));
      }
    }, /cancelled by the person/);
    assert.equal(seen, 10);
  });

  it('thinks, calls a tool and reads its answer without a word of it being shown', async () => {
    const call = { id: 'c1', name: 'cut', args: { from: 45, note: 'not shown' } };
    assert.deepEqual(
      await read(
        { content: { role: 'model', parts: [{ text: 'They want a cut.', thought: true }] }, partial: true },
        { content: { role: 'model', parts: [{ functionCall: call }] }, partial: true },
        { content: { role: 'model', parts: [{ text: 'They want a cut.', thought: true }, { functionCall: call }] } },
        { content: { role: 'user', parts: [{ functionResponse: { id: 'c1', name: 'cut', response: { ok: 1 } } }] } },
        says('Done.'),
      ),
      [tool('cut'), tool('cut'), text('Done.')],
    );
  });

  it('tells failures beside and without text', async () => {
    assert.deepEqual(
      await read(says('Half', { errorCode: 'MAX_TOKENS', errorMessage: 'too long' }), {
        errorCode: '2001',
        errorMessage: 'no credits',
      }),
      [
        text('Half'),
        { type: 'error', code: 'MAX_TOKENS', message: 'too long' },
        { type: 'error', code: '2001', message: 'no credits' },
      ],
    );
  });

  it('tells that the agent died, after what it had said', async () => {
    assert.deepEqual(shown(await play({ events: [says('Cutting.')], failure: 'model "overloaded"\nagain' })), [
      text('Cutting.'),
      { type: 'error', message: 'model "overloaded" again' },
    ]);
  });

  it('says only that it lives where an event is empty', async () => {
    const empty: ScriptedEvent[] = [
      {},
      { content: { role: 'model' } },
      { content: { role: 'model', parts: [] } },
      says(''),
      { actions: { stateDelta: { draft: 1 } } },
    ];
    const events = await play({ events: empty });
    assert.ok(events.length > 0 && events.every(({ type }) => type === 'heartbeat'), JSON.stringify(events));
  });

  it('lets several agents speak', async () => {
    const music = { author: 'music_agent' };
    assert.deepEqual(
      await read(partial('Cut. '), partial('BGM', music), partial('Join.'), says('Cut. Join.'), says('BGM', music)),
      [text('Cut. '), text('BGM'), text('Join.')],
    );
  });

  for (const [name, value] of [
    ['Chinese', '已删除 0:45–1:20，剪辑现在是 2:25。'],
    ['line separators', 'a\u2028b\u2029c\u0085d\r\ne\nf'],
    ['marks of the stream itself', 'data: {"type":"heartbeat"}\n\nevent: error\n: x\n\n'],
    ['emoji and combined characters', '✂️👩‍🎬 é\u0301 \u{1F3AC}'],
    ['JSON and quotes', '{"error":"no"} "quoted" \\ \t \u0000'],
    ['half a surrogate pair', 'a\ud83d'],
  ] as const) {
    it(`carries ${name} unharmed`, async () => {
      assert.deepEqual(await read(says(value)), [text(value)]);
      assert.deepEqual(await read(partial(value), says(value)), [text(value)]);
    });
  }

  it('carries a text of 5 MB unharmed', async () => {
    const long = '片 long text. '.repeat(350_000);
    assert.deepEqual(await read(says(long)), [text(long)]);
  });

  describe('with an agent of its own that has a model and a tool', () => {
    const piece = (value: string): object => ({ content: { role: 'model', parts: [{ text: value }] }, partial: true });
    const answer = (...parts: object[]): object => ({ content: { role: 'model', parts }, partial: false });
    const call = { functionCall: { name: 'cut', args: {} } };

    it('streams the text around a real call of the tool once', async () => {
      const model = [
        [piece('I will '), piece('cut.'), answer({ text: 'I will cut.' }, call)],
        [piece('Removed '), piece('it.'), answer({ text: 'Removed it.' })],
      ];
      assert.deepEqual(shown(await play({ model })), [
        text('I will '),
        text('cut.'),
        tool('cut'),
        tool('cut'),
        text('Removed '),
        text('it.'),
      ]);
    });

    it('may say nothing at all, as a third of the edits do', async () => {
      assert.deepEqual(shown(await play({ model: [[answer(call)], [answer({ text: '' })]] })), [
        tool('cut'),
        tool('cut'),
      ]);
    });

    it('tells what the model refuses', async () => {
      const model = [[{ errorCode: 'SAFETY', errorMessage: 'blocked' }]];
      assert.deepEqual(shown(await play({ model })), [{ type: 'error', code: 'SAFETY', message: 'blocked' }]);
    });
  });

  it('does not know a session that was never made', async () => {
    await assert.rejects(collect(client.run({ sessionId: 'gone', text: '{}' })), ofKind('session-not-found'));
  });

  it('loses and doubles nothing, whatever its agents say', async () => {
    // No word is a part of another, so that every one can be found again.
    let words = 0;
    const turn = fc.record({
      author: fc.constantFrom('nemo_agent', 'music_agent'),
      pieces: fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }), { maxLength: 4 }),
      streamed: fc.boolean(),
      thought: fc.option(fc.string({ unit: 'grapheme' }), { nil: undefined }),
      calls: fc.nat(2),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(turn, { maxLength: 6 }), async (turns) => {
        const events: ScriptedEvent[] = [];
        const wanted: string[] = [];
        for (const { author, pieces, streamed, thought, calls } of turns) {
          const told = pieces.map((value) => `⟨${(words += 1)}⟩${value}`);
          const content = (parts: object[]): ScriptedEvent => ({ author, content: { role: 'model', parts } });
          if (thought !== undefined) events.push({ ...content([{ text: thought, thought: true }]), partial: true });
          if (streamed) for (const value of told) events.push({ ...content([{ text: value }]), partial: true });
          const functionCalls = Array.from({ length: calls }, () => ({
            functionCall: { id: `c${(words += 1)}`, name: 'cut', args: {} },
          }));
          const thoughts = thought === undefined ? [] : [{ text: thought, thought: true }];
          events.push(content([...thoughts, { text: told.join('') }, ...functionCalls]));
          wanted.push(...told, ...functionCalls.map(() => '[cut]'));
        }
        const got = await read(...events);
        const lines = got.map((event) =>
          event.type === 'text' ? event.text : event.type === 'activity' ? '[cut]' : '',
        );
        assert.equal(lines.join(''), wanted.join(''));
      }),
      { numRuns: 60 },
    );
  });
});
