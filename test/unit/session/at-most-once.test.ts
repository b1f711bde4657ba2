import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { NemoErrorKind } from '../../../src/nemo/errors.js';
import { SessionBook } from '../../../src/session/session-book.js';
import { heartbeat, nemoError, say, scene, SECOND, type Step } from './scripted-cloud.js';

const BREAKS: readonly NemoErrorKind[] = ['unreachable', 'timed-out', 'server', 'bad-answer', 'session-not-found'];
const error = fc.constantFrom(...BREAKS).map((kind) => nemoError(kind));
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constant(say('Working. ')),
  fc.constant(heartbeat),
  fc.constant<Step>({ type: 'activity', tool: 'cut' }),
  fc.constant<Step>({ type: 'error', code: '1002', message: 'gone' }),
  fc.constant<Step>({ cut: { in: 45 * SECOND, out: 80 * SECOND } }),
  fc.integer({ min: 0, max: 400_000 }).map((wait) => ({ wait })),
  error.map((throws) => ({ throws })),
);
const looks = fc.array(fc.option(error, { nil: undefined, freq: 2 }), { maxLength: 8 });

describe('whatever breaks', () => {
  it('a message goes out at most once after the agent has had it, in this window and in the next', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), looks, fc.nat(900_000), async (script, states, crashAfter) => {
        const s = scene();
        // Before anything is heard, an unknown session is a refusal: that message may go to a new one.
        const first = script.find((each) => 'type' in each || 'throws' in each);
        const isRefusal =
          first !== undefined && 'throws' in first && (first.throws as { kind?: string }).kind === 'session-not-found';
        fc.pre(!isRefusal);
        s.cloud.scripts = [script];
        await s.clock.run(s.session.upload(['/videos/talk.mp4']));
        s.cloud.fail('state', undefined, ...states);
        const work = s.session.say('cut 0:45-1:20').catch(() => undefined);
        const crash = s.clock.sleep(crashAfter).then(() => s.session.dispose());
        await s.clock.run(Promise.all([work, crash]));
        const again = new SessionBook(s.ports).get(s.session.id);
        assert.ok(again);
        await s.clock.run(again.takeUp().catch(() => undefined));
        assert.ok(s.cloud.messages.length <= 1, `sent ${s.cloud.messages.length} times`);
      }),
      { numRuns: 200 },
    );
  });
});
