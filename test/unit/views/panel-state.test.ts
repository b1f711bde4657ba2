import assert from 'node:assert/strict';
import { parseToPanel } from '../../../src/messages.js';
import type { SessionSnapshot } from '../../../src/session/snapshot.js';
import { readDraft } from '../../../src/timeline/draft.js';
import { panelState } from '../../../src/views/panel-state.js';

const noMarks = { sections: [], revision: 0 };

function segment(start: number, end: number): unknown {
  return { d: (end - start) * 1000, m: { in_us: start * 1e6, out_us: end * 1e6 } };
}

/** A session on a clip of two minutes, of which these parts, in seconds, are on the timeline. */
function session(
  parts: readonly (readonly [number, number])[],
  changes: Partial<SessionSnapshot> = {},
): SessionSnapshot {
  const sg = parts.map(([start, end]) => segment(start, end));
  return {
    id: 's1',
    title: 'interview.mp4',
    engine: 'local',
    activity: { kind: 'idle' },
    clip: { path: '/home/jo/secret/interview.mp4', name: 'interview.mp4', uploaded: true, duration: 120e6 },
    attached: [],
    chat: [],
    draft: readDraft({
      t: [
        { tt: 0, m: { title: 'interview.mp4' }, sg },
        { tt: 1, sg },
      ],
    }),
    createdAt: 0,
    ...changes,
  };
}

describe('the state of the panel', () => {
  const state = (snapshot: SessionSnapshot | undefined, clip?: Parameters<typeof panelState>[0]['clip']) =>
    panelState({ place: 'editor', snapshot, clip, marks: noMarks });

  it('is understood by the panel, with and without a session', () => {
    for (const snapshot of [undefined, session([]), session([[0, 120]])]) {
      const message = { type: 'state', state: state(snapshot) };
      assert.deepEqual(parseToPanel(message), message);
    }
  });

  it('says how the parts are joined, where there are joins', () => {
    assert.equal(state(session([[0, 120]])).join, undefined);
    const parts = [
      [0, 45],
      [80, 120],
    ] as const;
    assert.equal(state(session(parts)).join, 0);
    const raw = { ...(session(parts).draft.raw as object), m: { join: { kind: 'dissolve', duration_us: 250_000 } } };
    assert.equal(state(session(parts, { draft: readDraft(raw) })).join, 250_000);
  });

  it('says what an export will do with the picture, once there is something to export', () => {
    const plan = { method: 'smart', frames: 1200, reencodedFrames: 9, seconds: 1 } as const;
    assert.equal(state(session([[0, 100]], { plan })).planned, '9 of 1,200 frames will be encoded anew');
    assert.equal(state(session([], { plan })).planned, undefined);
    assert.equal(state(session([[0, 100]])).planned, undefined);
    const exporting = { kind: 'exporting', fraction: 0.5, secondsLeft: 40, plan } as const;
    const message = { type: 'state', state: state(session([[0, 100]], { activity: exporting })) };
    assert.deepEqual(parseToPanel(message), message);
  });

  it('holds no path, and of an exported file not even the place', () => {
    const chat = [
      { id: '1', kind: 'export', text: 'Exported interview.trimmed.mp4.', outputPath: '/home/jo/secret/x.mp4' },
      { id: '2', kind: 'error', text: 'Sorry.', link: 'https://nemovideo.com/register?bind=anon_1' },
    ] as const;
    const text = JSON.stringify(state(session([[0, 120]], { chat })));
    assert.doesNotMatch(text, /secret|bind=|x\.mp4/);
    assert.match(text, /interview\.trimmed\.mp4/);
  });

  it('says what of the clip is gone, and how long the result is', () => {
    const { removed, resultDuration, canExport } = state(
      session([
        [0, 45],
        [80, 120],
      ]),
    );
    assert.deepEqual(removed, [{ in: 45e6, out: 80e6 }]);
    assert.equal(resultDuration, 85e6);
    assert.equal(canExport, true);
  });

  it('has no result before there is a timeline', () => {
    const { removed, resultDuration, canExport, tracks } = state(session([]));
    assert.deepEqual([removed, resultDuration, canExport, tracks[0]?.segments], [[], undefined, false, []]);
  });

  it('takes the length of the clip from the file itself when the engine says it otherwise', () => {
    const clip = { duration: 119_960_000, mediaUri: 'https://x/' };
    const shown = state(session([[0, 120]]), clip);
    assert.equal(shown.clip?.duration, 119_960_000);
    assert.deepEqual(shown.removed, []);
  });

  it('names own sound as sound and not as music', () => {
    assert.deepEqual(
      state(session([[0, 120]])).tracks.map(({ label }) => label),
      ['Video', 'Sound'],
    );
  });

  it('gives back the marks with their revision', () => {
    const marks = { sections: [{ in: '0:45', out: '' }], revision: 7 };
    const { marked, markedRevision } = panelState({ place: 'sidebar', snapshot: session([]), clip: undefined, marks });
    assert.deepEqual([marked, markedRevision], [marks.sections, 7]);
  });
});
