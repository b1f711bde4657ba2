import assert from 'node:assert/strict';
import type { ToHost, ToPanel } from '../../../src/messages.js';
import { HostLink, HostRequestError } from '../../../webview/host-link.js';

interface Line {
  readonly link: HostLink;
  readonly sent: ToHost[];
  readonly heard: ToPanel[];
  /** Lets time pass. */
  pass(milliseconds: number): void;
}

function connect(): Line {
  const sent: ToHost[] = [];
  const heard: ToPanel[] = [];
  const timers = new Set<{ at: number; run: () => void }>();
  let now = 0;
  const link = new HostLink({
    post: (message) => sent.push(message),
    deliver: (message) => heard.push(message),
    schedule: (run, milliseconds) => {
      const timer = { at: now + milliseconds, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
  });
  const pass = (milliseconds: number): void => {
    now += milliseconds;
    for (const timer of [...timers]) {
      if (timer.at > now) continue;
      timers.delete(timer);
      timer.run();
    }
  };
  return { link, sent, heard, pass };
}

function lastId(line: Line): number {
  const message = line.sent.at(-1);
  assert.ok(message && 'id' in message);
  return message.id;
}

describe('line to the host', () => {
  it('resolves each request with its own reply, in any order', async () => {
    const line = connect();
    const first = line.link.request({ type: 'say', text: 'one' });
    const firstId = lastId(line);
    const second = line.link.request({ type: 'export' });
    line.link.receive({ type: 'reply', id: lastId(line) });
    await second;
    line.link.receive({ type: 'reply', id: firstId, error: 'The clip is gone.' });
    await assert.rejects(first, new HostRequestError('The clip is gone.'));
  });

  it('gives up on a silent host with a sentence, once', async () => {
    const line = connect();
    const request = line.link.request({ type: 'stop' });
    const id = lastId(line);
    line.pass(31_000);
    await assert.rejects(request, /did not answer/);
    line.link.receive({ type: 'reply', id });
  });

  it('waits on as long as the host shows signs of life', async () => {
    const line = connect();
    const request = line.link.request({ type: 'say', text: 'a long edit' });
    for (let minute = 0; minute < 60; minute += 15) {
      line.pass(15 * 60_000);
      line.link.receive({ type: 'pauses', sections: [] });
    }
    line.link.receive({ type: 'reply', id: lastId(line) });
    await request;
  });

  it('drops what is no message of the host', () => {
    const line = connect();
    for (const stray of [undefined, 'hello', { type: 'unknown' }, { type: 'state', state: { place: 'moon' } }]) {
      line.link.receive(stray);
    }
    assert.deepEqual(line.heard, []);
  });

  it('delivers news and keeps replies to itself', () => {
    const line = connect();
    line.link.receive({ type: 'focus', target: 'in' });
    line.link.receive({ type: 'reply', id: 99 });
    assert.deepEqual(line.heard, [{ type: 'focus', target: 'in' }]);
  });
});
