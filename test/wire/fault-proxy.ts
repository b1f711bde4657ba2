import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

/** Where a connection breaks, on its way through one request and its answer. */
export type Phase = 'connect' | 'request head' | 'request body' | 'before the answer' | 'answer head' | 'answer body';

/** `reset`: RST. `end`: closed in order. `silence`: the connection stays and nothing moves any more. */
export type Break = 'reset' | 'end' | 'silence';

export interface Fault {
  /** Ms before each piece, each way. */
  readonly latency?: number;
  /** Bytes at a time. */
  readonly pieces?: number;
  readonly phase?: Phase;
  /** Bytes of the head or body that still pass; as text: up to and with its first place in the body. */
  readonly after?: number | string;
  readonly how?: Break;
}

/**
 * A bad line between the client and a server: each connection takes the next of `faults`, and afterwards works. A fault
 * with a phase breaks the first request of its connection there.
 */
export class FaultProxy {
  faults: Fault[] = [];
  connections = 0;
  readonly #server: Server;
  readonly #target: URL;
  readonly #open = new Set<Socket>();

  private constructor(target: string) {
    this.#target = new URL(target);
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#serve(socket));
  }

  static async start(target: string): Promise<FaultProxy> {
    const proxy = new FaultProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Connections of clients that are still there. */
  get open(): number {
    return this.#open.size;
  }

  async close(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(client: Socket): void {
    this.connections += 1;
    this.#open.add(client);
    client.on('error', () => undefined).on('close', () => this.#open.delete(client));
    const fault = this.faults.shift() ?? {};
    if (fault.phase === 'connect') return void breakOff(client, undefined, fault.how ?? 'reset');
    const upstream = connect(Number(this.#target.port), this.#target.hostname);
    upstream.setNoDelay(true);
    client.setNoDelay(true);
    upstream.on('error', () => client.destroy()).on('close', () => client.destroy());
    client.on('close', () => upstream.destroy());
    void pump(client, upstream, fault, 'request', () => breakOff(client, upstream, fault.how ?? 'reset'));
    void pump(upstream, client, fault, 'answer', () => breakOff(client, upstream, fault.how ?? 'reset'));
  }
}

function breakOff(client: Socket, upstream: Socket | undefined, how: Break): void {
  if (how === 'silence') {
    upstream?.removeAllListeners('close');
    upstream?.destroy();
    // What still comes is thrown away, so that it is seen when the client goes.
    if (client.readableEnded) client.destroy();
    client.on('end', () => client.destroy()).resume();
    return;
  }
  upstream?.destroy();
  if (how === 'reset') client.resetAndDestroy();
  else client.end(() => client.destroy());
}

/** Passes bytes on until the fault's place, if that is on this way. */
async function pump(
  from: Socket,
  to: Socket,
  fault: Fault,
  way: 'request' | 'answer',
  stop: () => void,
): Promise<void> {
  let seen = Buffer.alloc(0);
  let passed = 0;
  try {
    for await (const piece of from.iterator({ destroyOnReturn: false })) {
      const chunk = piece as Buffer;
      const limit = placeOf(fault, way, (seen = fault.phase ? Buffer.concat([seen, chunk]) : seen));
      const allowed = limit === undefined ? chunk.length : Math.max(0, limit - passed);
      for (const part of cut(chunk.subarray(0, allowed), fault.pieces)) {
        if (fault.latency) await new Promise((resolve) => setTimeout(resolve, fault.latency));
        if (to.destroyed) return;
        if (!to.write(part)) await new Promise((resolve) => to.once('drain', resolve).once('close', resolve));
        // Each piece leaves by itself.
        if (fault.pieces !== undefined) await new Promise((resolve) => setImmediate(resolve));
      }
      passed += allowed;
      if (limit !== undefined && passed >= limit) {
        // What was passed on must have left before the connection breaks.
        return void setImmediate(stop);
      }
    }
    to.end();
  } catch {
    to.destroy();
  }
}

/** Bytes on this way up to the place of the fault; undefined while it is not in sight. */
function placeOf({ phase, after = 0 }: Fault, way: 'request' | 'answer', seen: Buffer): number | undefined {
  if (phase === 'before the answer') return way === 'answer' && seen.length > 0 ? 0 : undefined;
  if (phase === undefined || !phase.startsWith(way)) return undefined;
  if (phase.endsWith('head')) return typeof after === 'number' ? after : undefined;
  const head = seen.indexOf('\r\n\r\n');
  if (head < 0) return undefined;
  if (typeof after === 'number') return head + 4 + after;
  const place = seen.indexOf(after, head + 4);
  return place < 0 ? undefined : place + after.length;
}

function* cut(bytes: Buffer, size = bytes.length): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
