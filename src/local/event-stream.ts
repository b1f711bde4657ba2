import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { LocalClock } from './clock.js';

const AUTHOR = 'nemo_agent';
const HEARTBEAT_INTERVAL = 5_000;

/**
 * Answers of the agent as Google's Agent Development Kit sends them: one line of JSON an event, text in partial
 * deltas and then once as a whole. Writing after the client has gone does nothing: the edit goes on without it.
 */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #clock: LocalClock;
  readonly #invocationId = `e-${randomUUID()}`;
  readonly #stopHeartbeat: () => void;

  constructor(response: ServerResponse, clock: LocalClock) {
    this.#response = response;
    this.#clock = clock;
    response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8', 'Cache-Control': 'no-store' });
    response.flushHeaders();
    this.#stopHeartbeat = clock.every(HEARTBEAT_INTERVAL, () => this.heartbeat());
  }

  heartbeat(): void {
    this.#write('event: heartbeat\ndata:\n\n');
  }

  toolCall(name: string, args: unknown): string {
    const id = `call_${randomUUID()}`;
    this.#event({ content: { role: 'model', parts: [{ functionCall: { id, name, args } }] } });
    return id;
  }

  toolResult(id: string, name: string, response: unknown): void {
    this.#event({ content: { role: 'user', parts: [{ functionResponse: { id, name, response } }] } });
  }

  /** Sends `text` in pieces, then whole. */
  say(text: string): void {
    for (const part of inPieces(text)) {
      this.#event({ content: { role: 'model', parts: [{ text: part }] }, partial: true });
    }
    this.#event({ content: { role: 'model', parts: [{ text }] }, partial: false });
  }

  fail(message: string, code: string): void {
    this.#write(`data: ${JSON.stringify({ error: message, error_details: { code } })}\n\n`);
  }

  end(): void {
    this.#stopHeartbeat();
    this.#response.end();
  }

  #event(fields: Record<string, unknown>): void {
    const timestamp = this.#clock.now() / 1000;
    const actions = { stateDelta: {}, artifactDelta: {} };
    const event = { id: randomUUID(), invocationId: this.#invocationId, author: AUTHOR, timestamp, actions, ...fields };
    this.#write(`data: ${JSON.stringify(event)}\n\n`);
  }

  #write(text: string): void {
    if (!this.#response.destroyed && !this.#response.writableEnded) this.#response.write(text);
  }
}

/** Sentence by sentence, so that a long answer grows as it is read. */
function inPieces(text: string): string[] {
  return text.match(/[\s\S]*?[.!?。！？\n]+\s*|[\s\S]+$/gu) ?? [];
}
