import assert from 'node:assert/strict';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { CloudScene, hurriedClock } from './cloud-scene.js';
import { collect, setUp, temporaryFolder } from './setup.js';
import { FaultServer } from './fault-server.js';

const MB = 1024 * 1024;

describe('Under load', function () {
  this.timeout(60_000);
  let server: FaultServer;
  beforeEach(async () => {
    server = await FaultServer.start();
  });

  it('20,000 events of the agent need no timer each, and leave turns to others all the time', async () => {
    const clock = hurriedClock();
    let sleeps = 0;
    const counted = {
      now: () => clock.now(),
      sleep: (milliseconds: number, signal?: AbortSignal) => {
        sleeps += 1;
        return clock.sleep(milliseconds, signal);
      },
    };
    const scene = await CloudScene.open({ clock: counted }, server);
    server.streamText = Array.from({ length: 20_000 }, (_, index) =>
      index % 10 === 0
        ? `data: {"type":"tool_call","name":"cut","args":{"from":${index}}}\n\n`
        : `data: {"type":"text","content":"word ${index} "}\n\n`,
    ).join('');
    await scene.session.upload([scene.clip]);
    const before = sleeps;
    let turns = 0;
    let running = true;
    const turn = (): void => {
      turns += 1;
      if (running) setImmediate(turn);
    };
    const delay = monitorEventLoopDelay({ resolution: 10 });
    delay.enable();
    turn();
    await scene.session.say('cut 0:02-0:04');
    running = false;
    delay.disable();
    process.stdout.write(
      `      event loop late by ${(delay.percentile(99) / 1e6 - 10).toFixed(1)} ms (99 %), ${turns} turns\n`,
    );
    // One for every two minutes of waiting, and those of the looks afterwards.
    assert.ok(sleeps - before < 60, `${sleeps - before} timers`);
    // About 1 MB of events, of which no more than 8 kB are decoded in one turn unless that takes no time.
    assert.ok(turns > 20, `${turns} turns`);
    await scene.close();
  });

  const EVENTS = 40_000;
  const event = (index: number): string => JSON.stringify({ type: 'text', content: `word ${index} ` });
  const all = Array.from({ length: EVENTS }, (_, index) => event(index));
  for (const [form, type, text] of [
    ['a stream', 'text/event-stream', all.map((data) => `data: ${data}\n\n`).join('')],
    ['one list', 'application/json', `[${all.join(',')}]`],
    ['a line of JSON each', 'application/json', all.join('\n')],
  ] as const) {
    it(`${EVENTS} events in ${form} come in order, and never more than half of them without a turn for others`, async () => {
      server.answers.set('run', (response) => {
        response.writeHead(200, { 'content-type': type });
        response.end(text);
      });
      const { client } = setUp(server.url);
      let turn = 0;
      let running = true;
      const next = (): void => {
        turn += 1;
        if (running) setImmediate(next);
      };
      next();
      const perTurn = new Map<number, number>();
      let count = 0;
      try {
        for await (const said of client.run({ sessionId: '1', text: 'cut' })) {
          assert.ok(said.type === 'text' && said.text === `word ${count} `, `${count}: ${JSON.stringify(said)}`);
          count += 1;
          perTurn.set(turn, (perTurn.get(turn) ?? 0) + 1);
        }
      } finally {
        running = false;
        await client.close();
        await server.close();
      }
      assert.equal(count, EVENTS);
      assert.ok(Math.max(...perTurn.values()) < EVENTS / 2, `${perTurn.size} turns`);
    });
  }

  it('a message of 10 MB goes out once and whole, and one of 10 MB is read, in bounded memory', async () => {
    const { client } = setUp(server.url);
    const text = 'x'.repeat(10 * MB);
    server.streamText = `data: ${JSON.stringify({ type: 'text', content: text })}\n\n`;
    const before = process.memoryUsage().rss;
    const [event, ...more] = await collect(client.run({ sessionId: '1', text }));
    assert.deepEqual(more, []);
    assert.ok(event?.type === 'text' && event.text === text);
    const grown = process.memoryUsage().rss - before;
    assert.ok(grown < 400 * MB, `${Math.round(grown / MB)} MB`);
    const body = JSON.parse(server.of('run')[0]?.body ?? '') as { new_message: { parts: { text: string }[] } };
    assert.equal(body.new_message.parts[0]?.text, text);
    assert.equal(server.of('run').length, 1);
    await client.close();
    await server.close();
  });

  it('uploads in a row leave nothing behind: the last needs no more memory than the first', async () => {
    const folder = await temporaryFolder();
    const { client } = setUp(server.url);
    const path = join(folder.path, 'large.mp4');
    const file = await open(path, 'wx');
    await file.truncate(60 * MB);
    await file.close();
    const peaks: number[] = [];
    for (let index = 0; index < 5; index += 1) {
      let peak = 0;
      await client.upload('1', [path], {
        onProgress: () => (peak = Math.max(peak, process.memoryUsage().arrayBuffers)),
      });
      peaks.push(peak);
    }
    assert.ok(server.of('upload').every(({ files }) => files[0]?.bytes === 60 * MB));
    const [first = 0] = peaks;
    // Buffers that nobody holds count until they are collected.
    assert.ok((peaks.at(-1) ?? 0) < first + 48 * MB, peaks.map((peak) => Math.round(peak / MB)).join());
    await client.close();
    await server.close();
    await rm(path);
    await folder.remove();
  });
});
