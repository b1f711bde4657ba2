import assert from 'node:assert/strict';
import { ExportForesight, type Exported } from '../../../src/commands/export-foresight.js';
import { markedSections } from '../../../src/commands/marked-sections.js';
import type { CutRequest, MediaEngine } from '../../../src/media/media.js';
import type { Activity } from '../../../src/session/snapshot.js';
import type { TrimSession } from '../../../src/session/trim-session.js';
import { readDraft } from '../../../src/timeline/draft.js';
import { totalDuration, type Section, type TypedSection } from '../../../src/timeline/sections.js';
import { MarkStore } from '../../../src/views/marks.js';
import { draftOf, SECOND } from '../session/scripted-cloud.js';

const section = (from: number, to: number): Section => ({ in: from * SECOND, out: to * SECOND });
const MINUTE = 60 * SECOND;

describe('what is said of an export before it is made', () => {
  let asked: CutRequest[];
  let changes: number;
  let foresight: ExportForesight;

  beforeEach(() => {
    asked = [];
    changes = 0;
    // As many frames anew as seconds are kept: the figures tell which timeline they are of.
    const media = {
      plan: (request: CutRequest) => {
        asked.push(request);
        const reencodedFrames = totalDuration(request.kept) / SECOND;
        return Promise.resolve({ method: 'smart', seconds: 1, frames: 100, reencodedFrames });
      },
    } as unknown as MediaEngine;
    foresight = new ExportForesight(
      media,
      () => undefined,
      () => (changes += 1),
    );
  });
  afterEach(() => foresight.dispose());

  const clip = { path: '/videos/talk.mp4', name: 'talk.mp4', uploaded: true };
  const fresh: Exported = { id: 's', clip, draft: readDraft(null), engine: 'local', duration: MINUTE };
  const edited: Exported = { ...fresh, draft: readDraft(draftOf([section(0, 20), section(30, 60)])) };
  const choices = { ending: 'mp4', height: undefined };
  const estimate = (of: Exported, marked: readonly Section[]): ReturnType<ExportForesight['estimate']> =>
    foresight.estimate(of, marked, choices, false);
  const told = async (count: number): Promise<void> => {
    while (changes < count) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  it('is of the clip without what is marked, also before the first edit', async () => {
    assert.equal(estimate(fresh, []), undefined, 'nothing to export yet');
    assert.equal(estimate(fresh, [section(10, 20)]), undefined);
    await told(1);
    assert.deepEqual(asked[0]?.kept, [section(0, 10), section(20, 60)]);
    assert.deepEqual(estimate(fresh, [section(10, 20)]), { seconds: 1, frames: 100, reencodedFrames: 50 });
  });

  it('is of the timeline without what is marked, and not what the engine foresaw with the edit', async () => {
    const plan = { method: 'smart', seconds: 9, frames: 9, reencodedFrames: 9 } as const;
    assert.equal(estimate({ ...edited, plan }, [])?.frames, 9);
    assert.equal(estimate({ ...edited, plan }, [section(40, 45)]), undefined);
    await told(1);
    assert.deepEqual(asked[0]?.kept, [section(0, 20), section(30, 40), section(45, 60)]);
    assert.equal(estimate({ ...edited, plan }, [section(40, 45)])?.reencodedFrames, 45);
  });

  it('follows the marks once they rest: until then what was said is marked as old', async () => {
    estimate(edited, [section(40, 45)]);
    await told(1);
    for (const end of [46, 47, 48, 50]) {
      const shown = estimate(edited, [section(40, end)]);
      assert.deepEqual([shown?.reencodedFrames, shown?.old], [45, true], String(end));
    }
    await told(2);
    const shown = estimate(edited, [section(40, 50)]);
    assert.deepEqual([shown?.reencodedFrames, shown?.old], [40, undefined]);
    assert.equal(asked.length, 2, 'a mark that is dragged is looked at once');
  });

  it('is left out where nothing would be left, and where the cloud decides', () => {
    assert.equal(estimate(edited, [section(0, 60)]), undefined);
    assert.equal(estimate({ ...edited, engine: 'cloud' }, [section(1, 2)]), undefined);
    assert.deepEqual(asked, []);
  });
});

describe('what an export leaves out beside what is gone', () => {
  const marked = (sections: readonly TypedSection[], activity: Activity = { kind: 'idle' }): Section[] | undefined => {
    const marks = new MarkStore({ get: () => undefined, update: () => Promise.resolve() });
    marks.set('s', { sections, revision: 1 });
    return markedSections({ id: 's', snapshot: { activity } } as unknown as TrimSession, marks, MINUTE);
  };

  it('is every complete mark; one that waits for its other point is none yet', () => {
    const rows = [
      { in: '0:10', out: '0:20' },
      { in: '0:30', out: '' },
    ];
    assert.deepEqual(marked(rows), [section(10, 20)]);
    assert.deepEqual(marked([]), []);
  });

  it('is unknown where a mark is wrong', () => {
    assert.equal(
      marked([
        { in: '0:10', out: '0:20' },
        { in: '0:50', out: '0:40' },
      ]),
      undefined,
    );
  });

  it('is nothing while another export of the timeline is made: that one cannot be edited now', () => {
    assert.deepEqual(marked([{ in: '0:10', out: '0:20' }], { kind: 'exporting' }), []);
  });
});
