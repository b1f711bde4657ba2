import assert from 'node:assert/strict';
import { cleanText, refusalOf, retryAfterOf } from '../../../src/nemo/answers.js';

const now = (): number => Date.parse('2026-03-11T00:00:00Z');
const context = { service: 'NemoVideo', now };
const kindOf = (status: number, body: unknown, extra = {}): string | undefined =>
  refusalOf({ status, headers: {} }, body, { ...context, ...extra })?.kind;

describe('Refusals', () => {
  it('are told by number or text, in the body or the HTTP status', () => {
    for (const code of [1001, '1001', ' 1010 ', 1011]) assert.equal(kindOf(200, { code }), 'unauthorized');
    assert.equal(kindOf(400, { code: '4001' }), 'unsupported-file');
    assert.equal(kindOf(200, { error: { code: 2001, message: 'x' } }), 'no-credits');
    assert.equal(kindOf(400, { detail: { code: '1001', message: 'x' } }), 'unauthorized');
    assert.equal(kindOf(429, 'anything'), 'rate-limited');
    assert.equal(kindOf(502, undefined), 'server');
    assert.equal(kindOf(500, { code: 12345 }), 'server');
    assert.equal(kindOf(403, undefined), 'refused');
  });

  it('depend on what was asked', () => {
    assert.equal(kindOf(404, {}, { ofSession: true }), 'session-not-found');
    assert.equal(kindOf(404, {}), 'refused');
    assert.equal(kindOf(400, {}, { ofToken: true }), 'missing-client-id');
    assert.equal(kindOf(400, {}), 'refused');
    assert.equal(kindOf(200, { error: 'Session not found' }, { ofSession: true }), 'session-not-found');
  });

  it('are not seen where all is well, or where the answer itself is a failure', () => {
    for (const body of [undefined, [], { code: 0 }, { code: '0' }, { code: 'SUCCESS' }, { success: true }, { a: 1 }]) {
      assert.equal(kindOf(200, body), undefined);
    }
    assert.equal(kindOf(200, { status: 'failed', error: 'encoder died' }), undefined);
    assert.equal(kindOf(200, { success: false, data: { status: 'failed' } }), undefined);
    assert.equal(kindOf(200, { success: false, data: {}, error: 'render id exists' }), 'refused');
  });

  it('repeat what the server says, wherever it says it', () => {
    for (const body of [
      { code: 9, message: 'No such thing' },
      { code: 9, msg: 'No such thing' },
      { code: 9, detail: [{ loc: ['body'], msg: 'No such thing' }] },
      { code: 9, error: { message: 'No such thing' } },
      { success: false, error: 'No such thing' },
    ]) {
      assert.equal(
        refusalOf({ status: 200, headers: {} }, body, context)?.message,
        'NemoVideo refused the request: No such thing',
      );
    }
  });

  it('carry no token, no query and no second line', () => {
    const text = 'Bad\n\tBearer abc.def at https://h/x?sig=1&t=2 for nmv_usr_12-x';
    assert.equal(cleanText(text), 'Bad Bearer … at https://h/x for …');
    assert.ok(cleanText('x'.repeat(5000)).length <= 300);
  });

  it('say how long to wait, as seconds or as a date', () => {
    assert.equal(retryAfterOf('7', now()), 7);
    assert.equal(retryAfterOf('Wed, 11 Mar 2026 00:01:30 GMT', now()), 90);
    assert.equal(retryAfterOf('Tue, 10 Mar 2026 00:00:00 GMT', now()), 0);
    assert.equal(retryAfterOf('soon', now()), undefined);
  });
});
