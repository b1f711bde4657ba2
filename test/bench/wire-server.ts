// The other end of `wire.ts`, as a process of its own, so that its work and memory are not counted as the client's.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const EVENTS = 100_000;
export const PACED_EVENTS = 600;
const PACE = 2;

const event = (text: string, more: object = {}): string =>
  `data: ${JSON.stringify({ id: 'e', invocationId: 'i', author: 'nemo_agent', content: { role: 'model', parts: [{ text }] }, ...more })}\n\n`;

/** What agents send: pieces of text, now and then the whole, tools, signs of life, in both dialects. */
export function manyEvents(): string[] {
  return Array.from({ length: EVENTS }, (_, index) => {
    switch (index % 10) {
      case 0:
        return `data: ${JSON.stringify({ type: 'tool_call', name: 'cut', args: { from: index } })}\n\n`;
      case 1:
        return ': ping\n\n';
      case 9:
        return event(`word ${index} `, { turnComplete: true });
      default:
        return event(`word ${index} `, { partial: true });
    }
  });
}

/** Events with the time at which they left, a few milliseconds apart. */
function sendPaced(response: ServerResponse): void {
  let left = PACED_EVENTS;
  const timer = setInterval(() => {
    left -= 1;
    const now = performance.timeOrigin + performance.now();
    response.write(`data: ${JSON.stringify({ type: 'text', content: `${now} ` })}\n\n`);
    if (left > 0) return;
    clearInterval(timer);
    response.end();
  }, PACE);
}

if (process.send) {
  const stream = Buffer.from(manyEvents().join(''));
  const server = createServer((request, response) => {
    request.on('error', () => undefined);
    const chunks: Buffer[] = [];
    const isRun = request.url === '/run_sse';
    request.on('data', (chunk: Buffer) => void (isRun && chunks.push(chunk)));
    request.on('end', () => {
      if (!isRun) {
        response.setHeader('content-type', 'application/json');
        response.end('{"code":0,"data":{"files":[]}}');
        return;
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      if (Buffer.concat(chunks).includes('paced')) sendPaced(response);
      else response.end(stream);
    });
  });
  server.listen(0, '127.0.0.1', () => {
    process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  process.on('disconnect', () => process.exit(0));
}
