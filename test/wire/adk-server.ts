import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const SESSION = /^\/api\/tasks\/me\/with-session\/([^/]+)$/;

/**
 * Google's own ADK server from npm, behind a mapper that makes its requests NemoVideo's: `/run_sse` with a snake_case
 * body, and the route that makes a session. Its answers go through untouched, byte by byte.
 */
export class AdkServer {
  readonly #child: ChildProcess;
  readonly #mapper: Server;

  private constructor(child: ChildProcess, adkUrl: string) {
    this.#child = child;
    this.#mapper = createServer((incoming, response) => void map(incoming, response, adkUrl));
  }

  static async start(): Promise<AdkServer> {
    const script = fileURLToPath(new URL('adk/server.ts', import.meta.url));
    const child = fork(script, { execArgv: ['--import=tsx'], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`The ADK server ended with ${code}.`)));
    const [url] = (await Promise.race([once(child, 'message'), ended])) as [string];
    ended.catch(() => undefined);
    const server = new AdkServer(child, url);
    server.#mapper.listen(0, '127.0.0.1');
    await once(server.#mapper, 'listening');
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#mapper.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#mapper.closeAllConnections();
    this.#mapper.close();
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }
}

async function map(incoming: IncomingMessage, response: ServerResponse, adkUrl: string): Promise<void> {
  const body = JSON.parse((await text(incoming)) || '{}') as Record<string, unknown>;
  const app = SESSION.exec(incoming.url ?? '')?.[1];
  if (app !== undefined) {
    const answer = await fetch(`${adkUrl}/apps/${app}/users/me/sessions`, { method: 'POST' });
    const { id } = (await answer.json()) as { id: string };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ code: 0, data: { task_id: 't', session_id: id, user_id: 'me' } }));
    return;
  }
  const camelCase = { ...(withCamelCaseKeys(body) as object), streaming: true };
  const forwarded = request(
    new URL(incoming.url ?? '/', adkUrl),
    { method: 'POST', headers: { 'content-type': 'application/json', accept: incoming.headers.accept } },
    (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      response.flushHeaders();
      answer.pipe(response);
    },
  );
  forwarded.on('error', () => response.destroy());
  response.on('close', () => forwarded.destroy());
  forwarded.end(JSON.stringify(camelCase));
}

function withCamelCaseKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withCamelCaseKeys);
  if (typeof value !== 'object' || value === null) return value;
  const camel = (key: string): string => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [camel(key), withCamelCaseKeys(item)]));
}
