import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createEventDecoder, decodeJsonAnswer } from '../../../src/nemo/event-stream.js';
import type { AgentEvent } from '../../../src/nemo/protocol.js';

function decode(text: string | Uint8Array): AgentEvent[] {
  const decoder = createEventDecoder();
  return [...decoder.feed(typeof text === 'string' ? new TextEncoder().encode(text) : text), ...decoder.end()];
}
const stream = (...messages: unknown[]): string =>
  messages.map((message) => `data: ${JSON.stringify(message)}\n\n`).join('');
const told = (events: AgentEvent[]): string[] =>
  events
    .filter((event) => event.type !== 'heartbeat')
    .map((event) => {
      if (event.type === 'text') return event.text;
      return event.type === 'activity' ? `[${event.tool}]` : `!${event.code ?? ''}${event.message}`;
    });
const read = (...messages: unknown[]): string[] => told(decode(stream(...messages)));
const says = (text: string, more: object = {}): object => ({
  author: 'nemo_agent',
  content: { role: 'model', parts: [{ text }] },
  ...more,
});
const partial = (text: string): object => says(text, { partial: true });

describe('The agent’s stream', () => {
  describe('ADK events', () => {
    it('show text', () => assert.deepEqual(read(says('Done.')), ['Done.']));

    it('show the pieces of a text once, and not the whole that follows them', () => {
      assert.deepEqual(read(partial('Removed '), partial('0:45.'), says('Removed 0:45.')), ['Removed ', '0:45.']);
      assert.deepEqual(read(partial('A'), partial('B'), says('AB', { partial: false })), ['A', 'B']);
    });

    it('show a text that is said again in a later turn', () => {
      assert.deepEqual(read(partial('OK'), says('OK'), partial('OK'), says('OK')), ['OK', 'OK']);
      assert.deepEqual(read(says('OK', { id: '1' }), says('OK', { id: '2' })), ['OK', 'OK']);
    });

    it('show a whole that is sent twice only once', () => {
      assert.deepEqual(read(partial('OK'), says('OK', { id: '1' }), says('OK', { id: '1' })), ['OK']);
    });

    it('show the rest that only the whole has, and a whole that says something else', () => {
      assert.deepEqual(read(partial('Removed'), says('Removed 0:45.')), ['Removed', ' 0:45.']);
      assert.deepEqual(read(partial('Removed'), says('Sorry.')), ['Removed', 'Sorry.']);
    });

    it('show nothing twice when a tool call parts the text, and each half has its own whole', () => {
      const halves = [partial('First. '), partial('Second.'), says('First. '), says('Second.')];
      assert.deepEqual(read(...halves), ['First. ', 'Second.']);
    });

    it('keep two agents apart', () => {
      const other = { author: 'music_agent' };
      const events = [partial('A'), says('x', { ...other, partial: true }), says('A'), says('x', other)];
      assert.deepEqual(read(...events), ['A', 'x']);
    });

    it('do not show thoughts, the person’s own words or what a tool answers', () => {
      const parts = [{ text: 'Hm…', thought: true }, { text: 'Done.' }, { inlineData: { data: 'AAAA' } }];
      assert.deepEqual(read({ content: { role: 'model', parts } }), ['Done.']);
      assert.deepEqual(read(says('remove it', { author: 'user' })), []);
      assert.deepEqual(
        read({ content: { role: 'user', parts: [{ functionResponse: { name: 'cut', response: {} } }] } }),
        ['[cut]'],
      );
    });

    it('do not count thoughts as part of the pieces', () => {
      const thought = (text: string): object => ({ content: { parts: [{ text, thought: true }] }, partial: true });
      const whole = { content: { parts: [{ text: 'Hm', thought: true }, { text: 'Done.' }] } };
      assert.deepEqual(
        read(thought('H'), thought('m'), { content: { parts: [{ text: 'Done.' }] }, partial: true }, whole),
        ['Done.'],
      );
    });

    for (const [name, call] of [
      ['camelCase', (id?: string) => ({ functionCall: { id, name: 'cut', args: { from: 45 } } })],
      ['snake_case', (id?: string) => ({ function_call: { id, name: 'cut', args: { from: 45 } } })],
    ] as const) {
      it(`name a tool once though the server repeats the call, in ${name}`, () => {
        const event = (id?: string, more = {}): object => ({ content: { parts: [call(id)] }, ...more });
        assert.deepEqual(read(event('1', { partial: true }), event('1'), event('2')), ['[cut]', '[cut]']);
        assert.deepEqual(read(event(undefined, { partial: true }), event()), ['[cut]']);
        assert.deepEqual(read(event(), event()), ['[cut]', '[cut]']);
      });
    }

    it('show text before the calls of the same event', () => {
      const parts = [{ functionCall: { name: 'cut' } }, { text: 'Cutting.' }];
      assert.deepEqual(read({ content: { parts } }), ['Cutting.', '[cut]']);
    });

    for (const empty of [{}, { content: null }, { content: {} }, { content: { parts: [] } }, says('')]) {
      it(`without content only show that the stream lives: ${JSON.stringify(empty)}`, () => {
        assert.deepEqual(decode(stream(empty)), [{ type: 'heartbeat' }]);
      });
    }

    it('survive fields of any type', () => {
      const odd = {
        id: 7,
        author: null,
        partial: 'yes',
        timestamp: 1.5,
        content: { role: 3, parts: [null, 4, { text: 5 }, { text: 'ok' }] },
      };
      assert.deepEqual(read(odd), ['ok']);
    });
  });

  it('reads the typed dialect', () => {
    const events = read(
      { type: 'text', content: 'Removing. ' },
      { name: 'cut', type: 'tool_call', args: { from: 45 } },
      { type: 'tool_result', name: 'cut', result: { secret: 1 } },
      { type: 'heartbeat' },
      { type: 'surprise', content: 'x' },
      { content: 'Done.', type: 'text' },
      { type: 'error', code: 2001, message: 'no credits' },
    );
    assert.deepEqual(events, ['Removing. ', '[cut]', '[cut]', 'Done.', '!2001no credits']);
  });

  describe('failures inside', () => {
    const cases: [string, string, string[]][] = [
      ['an error object', 'data: {"error":"Model overloaded"}', ['!Model overloaded']],
      ['an error with details', 'data: {"error":"Overloaded","error_details":{"code":503}}', ['!Overloaded']],
      ['an error of an object', 'data: {"error":{"code":2001,"message":"no credits"}}', ['!2001no credits']],
      ['unescaped quotes', 'data: {"error": "bad "thing" happened"}', ['!bad "thing" happened']],
      ['a system author', `data: ${JSON.stringify(says('Error: it broke', { author: 'system' }))}`, ['!it broke']],
      [
        'a code with text',
        `data: ${JSON.stringify(says('Half', { errorCode: 'MAX_TOKENS', errorMessage: 'too long' }))}`,
        ['Half', '!MAX_TOKENStoo long'],
      ],
      ['a code in snake_case', 'data: {"error_code":"SAFETY"}', ['!SAFETYSAFETY']],
      ['the envelope of other routes', 'data: {"code":2001,"message":"no credits"}', ['!2001no credits']],
      [
        'text beside the error',
        `data: ${JSON.stringify({ ...says('Half'), error: 'it broke' })}`,
        ['Half', '!it broke'],
      ],
      ['a code that is a number', 'data: {"errorCode":503}', ['!503503']],
      ['an error event without data', 'event: error\ndata:', ['!The agent reported an error without saying which.']],
      ['JSON without the field in front', '{"code":2001,"message":"no credits"}', ['!2001no credits']],
      ['an error event of text', 'event: error\ndata: it broke', ['!it broke']],
      ['an error event of JSON', 'event: error\ndata: {"message":"it broke"}', ['!it broke']],
      ['a detail', 'data: {"detail":"Session not found"}', ['!Session not found']],
    ];
    for (const [name, text, events] of cases) {
      it(`${name}, and the stream goes on`, () => {
        assert.deepEqual(told(decode(`${text}\n\n${stream(says('After.'))}`)), [...events, 'After.']);
      });
    }

    it('are none where the field is empty', () => {
      assert.deepEqual(read({ ...says('Fine.'), error: '' }, { ...says('Fine too.'), error: null }), [
        'Fine.',
        'Fine too.',
      ]);
    });

    it('are shown without a token', () => {
      assert.deepEqual(told(decode('data: {"error":"bad Bearer nmv_usr_1"}\n\n')), ['!bad Bearer …']);
    });
  });

  describe('signs of life', () => {
    for (const text of [
      ': ping',
      ':',
      'data:',
      'data: heartbeat',
      'data: {"type":"heartbeat"}',
      'event: heartbeat\ndata: {}',
      'event: heartbeat\ndata:',
      'heartbeat',
      'data: [DONE]',
      'data: not JSON at all',
      'data: 42',
      'data: null',
    ]) {
      it(`${JSON.stringify(text)} is one, and nothing more`, () => {
        assert.deepEqual(decode(`${text}\n\n`), [{ type: 'heartbeat' }]);
      });
    }
  });

  describe('spelling', () => {
    const one = JSON.stringify({ type: 'text', content: 'a\u2028b' });
    it('takes a line separator inside a line', () => assert.deepEqual(told(decode(`data: ${one}\n\n`)), ['a\u2028b']));
    it('takes a byte order mark', () => assert.deepEqual(told(decode(`\ufeffdata: ${one}\n\n`)), ['a\u2028b']));
    it('takes CRLF and CR', () => {
      assert.deepEqual(told(decode(`data: ${one}\r\n\r\ndata: ${one}\r\r`)), ['a\u2028b', 'a\u2028b']);
    });
    it('takes no space after the colon, JSON over several lines, and a last event without its blank line', () => {
      assert.deepEqual(told(decode(`data:${one}\n\ndata: {\ndata: "type":"text","content":"x"}\n\ndata: ${one}`)), [
        'a\u2028b',
        'x',
        'a\u2028b',
      ]);
    });
    it('takes events that no blank line parts', () => {
      assert.deepEqual(told(decode(`data: ${one}\ndata: ${one}\n\n`)), ['a\u2028b', 'a\u2028b']);
    });
    it('takes an empty stream', () => assert.deepEqual(decode(''), []));
  });

  it('takes an event of 5 MB in small pieces, quickly', function () {
    this.timeout(3_000);
    const bytes = new TextEncoder().encode(stream({ type: 'text', content: 'é'.repeat(2_500_000) }));
    const decoder = createEventDecoder();
    const events: AgentEvent[] = [];
    for (let at = 0; at < bytes.length; at += 1460) events.push(...decoder.feed(bytes.subarray(at, at + 1460)));
    events.push(...decoder.end());
    assert.deepEqual(
      events.map((event) => (event.type === 'text' ? event.text.length : event)),
      [2_500_000],
    );
  });

  describe('however the bytes are cut', () => {
    const anything = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }));
    const snake = (words: string): object => ({
      content: { role: 'model', parts: [{ text: words }, { function_call: { id: words, name: 'cut' } }] },
      turn_complete: true,
    });
    const message = fc.oneof(
      anything.map((words) => stream(partial(words), says(words))),
      anything.map((words) => stream(partial(words), partial('x'), says(`${words}x`, { author: 'nemo_agent' }))),
      anything.map((words) => stream(snake(words))),
      anything.map((words) => stream({ type: 'text', content: words })),
      anything.map((words) => stream({ type: 'error', code: 2001, message: words }, { type: 'heartbeat' })),
    );
    const oddity = fc.oneof(
      fc.string({ unit: 'binary' }).map((words) => `data: ${words}\n\n`),
      fc.string({ unit: 'binary' }).map((words) => `: ${words}\n`),
      fc.constantFrom(
        ': ping\n\n',
        'data:\r\n\r\n',
        'heartbeat\n',
        '\r',
        '\n',
        '{"type":"text","content":"no field"}\n',
        'event: error\r\ndata: é\u2028😀\r\n\r\n',
        'data: {"error": "a "b" c"}\r\r',
        'id: 1\nretry: 5\n',
      ),
    );
    const lineEnd = fc.constantFrom('\n', '\r\n', '\r');

    function decodeInPieces(bytes: Uint8Array, cuts: readonly number[]): AgentEvent[] {
      const decoder = createEventDecoder();
      const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
      const events: AgentEvent[] = [];
      let from = 0;
      for (const to of [...places, bytes.length]) {
        events.push(...decoder.feed(bytes.subarray(from, to)));
        from = to;
      }
      return [...events, ...decoder.end()];
    }

    it('says the same, whatever comes', () => {
      fc.assert(
        fc.property(
          fc.array(fc.oneof(message, oddity), { maxLength: 8 }),
          fc.boolean(),
          fc.array(fc.nat(400)),
          (pieces, mark, cuts) => {
            const bytes = new TextEncoder().encode((mark ? '\ufeff' : '') + pieces.join(''));
            assert.deepEqual(decodeInPieces(bytes, cuts), decode(bytes));
          },
        ),
        { numRuns: 400 },
      );
    });

    it('says the same, byte by byte', () => {
      fc.assert(
        fc.property(fc.array(fc.oneof(message, oddity), { maxLength: 3 }), (pieces) => {
          const bytes = new TextEncoder().encode(pieces.join(''));
          assert.deepEqual(decodeInPieces(bytes, [...bytes.keys()]), decode(bytes));
        }),
        { numRuns: 60 },
      );
    });

    it('says the same with any line ends, comments and a byte order mark', () => {
      const spelled = fc.record({ plain: message, end: lineEnd, comment: fc.constantFrom('', ': ping', ':', ': 片') });
      fc.assert(
        fc.property(fc.array(spelled, { maxLength: 6 }), fc.boolean(), fc.array(fc.nat(400)), (pieces, mark, cuts) => {
          const plain = pieces.map((piece) => piece.plain).join('');
          const written = pieces.map(({ plain: lines, end, comment }) =>
            `${comment && `${comment}\n`}${lines}`.replaceAll('\n', end),
          );
          const text = `${mark ? '\ufeff' : ''}${written.join('')}`;
          assert.deepEqual(told(decodeInPieces(new TextEncoder().encode(text), cuts)), told(decode(plain)));
        }),
        { numRuns: 300 },
      );
    });
  });

  it('reads JSON that came instead of a stream', () => {
    assert.deepEqual(told([...decodeJsonAnswer([says('A'), { type: 'text', content: 'B' }])].flat()), ['A', 'B']);
    assert.deepEqual(told([...decodeJsonAnswer({ code: 0, data: { events: [says('A')] } })].flat()), ['A']);
    assert.deepEqual(told([...decodeJsonAnswer(says('A'))].flat()), ['A']);
    assert.deepEqual(told([...decodeJsonAnswer({ error: 'it broke' })].flat()), ['!it broke']);
  });
});
