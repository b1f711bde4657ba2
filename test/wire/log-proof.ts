import assert from 'node:assert/strict';
import { SKILL_SOURCE } from '../../src/nemo/attribution.js';
import { surelyRefused } from './fault-scenarios.js';
import type { FaultServer, ReceivedRequest } from './fault-server.js';

/**
 * What the log of a server must show after any test whatsoever: that every request carried its headers, that no token
 * left by another way, and that nothing that costs was sent twice.
 */
export function assertCleanLog(server: FaultServer): void {
  for (const request of server.requests) {
    assertHeaders(request, server.isForeign || server.asksWithoutToken?.test(request.path) === true);
  }
  assertTokensOnlyInHeaders(server.requests);
  const run = server.of('run').filter(wasTaken);
  assertAtMost(1, run, ({ body }) => body, 'the message to the agent');
  const submitted = server.of('submit').filter(wasTaken);
  assertAtMost(1, submitted, ({ body }) => (JSON.parse(body) as { id: string }).id, 'the render id');
  const given = server.of('anonymous-token').filter(({ scenario }) => scenario === undefined);
  assertAtMost(server.tokensAClientMayTake, given, clientId, 'a token for the client id');
}

function assertHeaders({ route, path, headers }: ReceivedRequest, forbidden: boolean): void {
  assert.equal(headers['x-skill-source'], SKILL_SOURCE, path);
  assert.match(String(headers['x-skill-version']), /^\d+\.\d+\.\d+$/, path);
  assert.match(String(headers['x-skill-platform']), /^[\x21-\x7e]+$/, path);
  if (route === 'anonymous-token') {
    assert.match(String(headers['x-client-id']), /^[\x21-\x7e]+$/, path);
  } else {
    assert.equal(headers['x-client-id'], undefined, `${path} carries the client id`);
  }
  if (forbidden || route === 'anonymous-token') {
    assert.equal(headers.authorization, undefined, `${path} carries a token`);
  } else {
    assert.match(String(headers.authorization), /^Bearer [\x21-\x7e]+$/, path);
  }
}

function assertTokensOnlyInHeaders(requests: readonly ReceivedRequest[]): void {
  const tokens = new Set(requests.flatMap(({ headers }) => headers.authorization?.split(' ')[1] ?? []));
  for (const { path, body, files } of requests) {
    const sent = `${decodeURIComponent(path)} ${body} ${JSON.stringify(files)}`;
    for (const token of tokens) assert.ok(!sent.includes(token), `the token is in the address or body of ${path}`);
  }
}

function assertAtMost(
  most: number,
  requests: readonly ReceivedRequest[],
  key: (request: ReceivedRequest) => string,
  what: string,
): void {
  const counts = new Map<string, number>();
  for (const request of requests) counts.set(key(request), (counts.get(key(request)) ?? 0) + 1);
  for (const [value, count] of counts) assert.ok(count <= most, `${what} went out ${count} times: ${value}`);
}

/** Whether the server may have acted on it: it read the body, and did not refuse it. */
function wasTaken({ scenario, body }: ReceivedRequest): boolean {
  return body !== '' && (scenario === undefined || !surelyRefused(scenario));
}

function clientId({ headers }: ReceivedRequest): string {
  return String(headers['x-client-id']);
}
