import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod/mini';

const announced = z.object({ baseUrl: z.string(), token: z.string() });
const runBody = z.object({ new_message: z.object({ parts: z.array(z.object({ text: z.string() })) }) });
type Engine = z.infer<typeof announced> & { readonly child: ChildProcess };

/** Bytes that go through at a time, so that a short clip takes long enough to be killed in the middle. */
const CHUNK = 32_768;

/**
 * NemoVideo for the windows: an address that stays, a slow line, and behind it the engine of this machine in a process
 * that can be killed and comes back. Counts the messages that arrive: that is where one sent twice would be seen.
 */
export class KillCloud {
  readonly messages: string[] = [];
  readonly #server: Server;
  readonly #script: string;
  readonly #workerPath: string;
  readonly #dataFolder: string;
  #engine: Engine | undefined;
  /** What the person reaches by a link. */
  #linked: Buffer | undefined;

  private constructor(script: string, workerPath: string, dataFolder: string) {
    this.#script = script;
    this.#workerPath = workerPath;
    this.#dataFolder = dataFolder;
    this.#server = createServer((incoming, response) => {
      response.on('error', () => undefined);
      this.#forward(incoming, response).catch(() => response.destroy());
    });
    this.#server.on('clientError', (_error, socket) => socket.destroy());
  }

  static async start(script: string, workerPath: string, dataFolder: string): Promise<KillCloud> {
    const cloud = new KillCloud(script, workerPath, dataFolder);
    cloud.#server.listen(0, '127.0.0.1');
    await once(cloud.#server, 'listening');
    await cloud.startEngine();
    return cloud;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get dataFolder(): string {
    return this.#dataFolder;
  }

  /** @returns the address of the file on the web */
  link(bytes: Buffer): string {
    this.#linked = bytes;
    return `${this.url}/web/linked.mp4`;
  }

  async startEngine(): Promise<void> {
    const child = fork(this.#script, [this.#workerPath, this.#dataFolder], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const [message] = (await once(child, 'message')) as [unknown];
    this.#engine = { ...announced.parse(message), child };
  }

  async killEngine(): Promise<void> {
    const child = this.#engine?.child;
    this.#engine = undefined;
    if (!child) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    const child = this.#engine?.child;
    this.#engine = undefined;
    if (!child?.connected) return;
    const ended = once(child, 'exit');
    child.disconnect();
    await ended;
  }

  async #forward(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    if (incoming.url?.startsWith('/web/')) {
      response.writeHead(200, { 'content-type': 'video/mp4' });
      for (let at = 0; at < (this.#linked?.length ?? 0) && !response.destroyed; at += CHUNK) {
        response.write(this.#linked?.subarray(at, at + CHUNK));
        await delay(1);
      }
      response.end();
      return;
    }
    const engine = this.#engine;
    if (!engine) {
      incoming.socket.destroy();
      return;
    }
    const target = new URL(incoming.url ?? '/', engine.baseUrl);
    const { host: _, authorization: __, ...headers } = incoming.headers;
    const outgoing = request(target, {
      method: incoming.method ?? 'GET',
      headers: { ...headers, host: target.host, authorization: `Bearer ${engine.token}` },
    });
    const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
    // Whoever awaits it sees the error.
    answered.catch(() => undefined);
    incoming.once('close', () => {
      // It may have come whole and not be read to its end.
      if (!incoming.readableEnded) outgoing.destroy();
    });
    const heard: Buffer[] = [];
    const isMessage = incoming.url === '/run_sse';
    for await (const part of slowly(incoming)) {
      if (isMessage) heard.push(part);
      if (!outgoing.write(part)) await once(outgoing, 'drain');
    }
    if (isMessage) this.#note(Buffer.concat(heard).toString('utf8'));
    outgoing.end();
    const [answer] = await answered;
    response.once('close', () => outgoing.destroy());
    await this.#answer(answer, response, engine.baseUrl);
  }

  async #answer(answer: IncomingMessage, response: ServerResponse, baseUrl: string): Promise<void> {
    if (/json/.test(answer.headers['content-type'] ?? '')) {
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk as Buffer);
      // The address of a render is one that a window can reach.
      const body = Buffer.from(Buffer.concat(chunks).toString('utf8').replaceAll(baseUrl, this.url));
      response.writeHead(answer.statusCode ?? 500, { ...answer.headers, 'content-length': body.length }).end(body);
      return;
    }
    response.writeHead(answer.statusCode ?? 500, answer.headers).flushHeaders();
    try {
      for await (const part of slowly(answer)) response.write(part);
      response.end();
    } catch {
      // What broke off behind this line breaks off before it.
      response.destroy();
    }
  }

  #note(body: string): void {
    const { new_message } = runBody.parse(JSON.parse(body));
    this.messages.push(new_message.parts.map(({ text }) => text).join('\n'));
  }
}

async function* slowly(stream: IncomingMessage): AsyncGenerator<Buffer> {
  for await (const chunk of stream) {
    const bytes = chunk as Buffer;
    for (let at = 0; at < bytes.length; at += CHUNK) {
      yield bytes.subarray(at, at + CHUNK);
      if (bytes.length > 2000) await delay(1);
    }
  }
}
