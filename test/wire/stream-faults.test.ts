import assert from 'node:assert/strict';
import type { AgentEvent, NemoClient } from '../../src/nemo/protocol.js';
import type { Scenario } from './fault-scenarios.js';
import type { FaultServer } from './fault-server.js';
import { withFaultServer } from './fault-setup.js';
import { collect, ofKind, type FakeClock } from './setup.js';

describe('The stream of the agent, over the wire,', () => {
  let server: FaultServer;
  let clock: FakeClock;
  let client: NemoClient;

  let log: string[];

  withFaultServer((fresh) => ({ server, client, clock, log } = fresh));

  const run = (): AsyncIterable<AgentEvent> => client.run({ sessionId: '1', text: 'hi' });
  const said = (text: string): AgentEvent => ({ type: 'text', text });
  const life: AgentEvent = { type: 'heartbeat' };
  const cut: AgentEvent = { type: 'activity', tool: 'cut' };

  it('leaves a line in the log with its size, which nobody knew when it began', async () => {
    server.streamText = 'data: {"type":"text","content":"word "}\n\n'.repeat(20_000);
    assert.equal((await collect(run())).length, 20_000);
    const length = Buffer.byteLength(server.streamText);
    assert.match(log.join('\n'), new RegExp(`#\\d+ POST run_sse: over after \\d+ ms, ${length} B came$`, 'm'));
  });

  const whole: [Scenario, AgentEvent[]][] = [
    ['ADK stream in camelCase', [said('Cut'), cut, cut]],
    ['ADK stream in snake_case', [said('Cut'), cut, cut]],
    ['typed stream', [said('Cut'), cut, cut]],
    ['stream of heartbeats', [life, life, life, life]],
    [
      'stream with lines that are not JSON',
      [life, life, said('Still here.'), { type: 'error', message: 'bad "thing"' }, said('And here.')],
    ],
    ['stream with CRLF, a byte order mark and U+2028', [said('a\u2028b')]],
    ['stream with an event of 5 MB', [said('片'.repeat(1_700_000))]],
    ['stream that tells an error by number', [{ type: 'error', code: '2001', message: 'no credits' }]],
    ['empty stream', []],
    ['empty 200', []],
    ['gzip stream', [said('Removed 0:45 to 1:20.')]],
    ['gzip stream of nothing', []],
    ['JSON instead of a stream', [said('Done.')]],
    ['JSON in an event stream', [{ type: 'error', code: '2001', message: 'no credits' }]],
    ['lines of JSON', [said('A'), said('B')]],
    ['event stream without its content type', [said('Plain.')]],
  ];
  for (const [scenario, events] of whole) {
    it(`is read to its end: ${scenario}`, async () => {
      server.fail('run', scenario);
      assert.deepEqual(await collect(run()), events);
    });
  }

  it('shows what was compressed as soon as it was sent', async () => {
    server.fail('run', 'gzip stream that stays open');
    const stop = new AbortController();
    await assert.rejects(async () => {
      for await (const event of client.run({ sessionId: '1', text: 'hi' }, { signal: stop.signal })) {
        assert.deepEqual(event, said('First.'));
        stop.abort(new Error('cancelled by the person'));
      }
    }, /cancelled by the person/);
  });

  const broken: [Scenario, AgentEvent[]][] = [
    ['reset before the request is read', []],
    ['connection reset', []],
    ['stream breaks after its headers', []],
    ['stream breaks midway', [said('Working on it.')]],
    ['stream breaks inside an event', [said('Working on it.')]],
    ['stream breaks inside a character', [said('Working on it.')]],
    ['stream breaks before its end', [said('Removed 0:45 to 1:20.')]],
  ];
  for (const [scenario, events] of broken) {
    it(`is never asked for again when the connection breaks: ${scenario}`, async () => {
      server.fail('run', scenario);
      const seen: AgentEvent[] = [];
      const reading = async (): Promise<void> => {
        for await (const event of run()) seen.push(event);
      };
      await assert.rejects(reading(), ofKind('unreachable'));
      assert.deepEqual(seen, events);
      assert.equal(server.of('run').length, 1);
      assert.deepEqual(clock.sleeps, []);
    });
  }

  it('is never asked for again when a compressed connection breaks', async () => {
    server.fail('run', 'gzip stream that breaks');
    await assert.rejects(collect(run()), ofKind('unreachable', /the work goes on there/));
    assert.equal(server.of('run').length, 1);
  });
});
