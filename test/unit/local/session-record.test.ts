import assert from 'node:assert/strict';
import { readRenderPlan, writeDraft } from '../../../src/local/draft-shape.js';
import { namedClips } from '../../../src/local/named-clips.js';
import { outputFormat } from '../../../src/local/output-format.js';
import {
  addClip,
  applyEdit,
  parseSessionRecord,
  redo,
  replaceClip,
  undo,
  type Clip,
  type SessionRecord,
} from '../../../src/local/session-record.js';
import { dissolvedLength, readDraft } from '../../../src/timeline/draft.js';

function clipOf(filename: string, changes: Partial<Clip> = {}): Clip {
  return {
    asset: `asset-${filename}`,
    identity: { path: `/films/${filename}`, size: 1, mtimeMs: 1, inode: '1' },
    filename,
    fileType: 'video',
    container: 'mp4',
    duration: 60_000_000,
    width: 1280,
    height: 720,
    fps: 25,
    hash: 'h',
    hasSound: true,
    kept: [{ in: 0, out: 60_000_000 }],
    past: [],
    future: [],
    ...changes,
  };
}

function recordOf(...clips: Clip[]): SessionRecord {
  const empty: SessionRecord = { version: 1, sessionId: '5', taskId: 't', taskName: 'p', language: 'en', clips: [] };
  return clips.reduce(addClip, empty);
}

const SHORT = [{ in: 0, out: 10_000_000 }];

describe('the clips of a session', () => {
  it('keep their edits when the same file is added again', () => {
    const edited = replaceClip(recordOf(clipOf('a.mp4')), applyEdit(clipOf('a.mp4'), SHORT));
    const again = addClip(edited, clipOf('a.mp4', { asset: 'new' }));
    assert.deepEqual(
      again.clips.map((clip) => clip.kept),
      [SHORT],
    );
    assert.equal(again.active, 'asset-a.mp4');
  });

  it('start anew when the file was changed', () => {
    const edited = replaceClip(recordOf(clipOf('a.mp4')), applyEdit(clipOf('a.mp4'), SHORT));
    const identity = { ...clipOf('a.mp4').identity, mtimeMs: 2 };
    const again = addClip(edited, clipOf('a.mp4', { asset: 'new', identity }));
    assert.deepEqual(
      again.clips.map((clip) => [clip.asset, clip.kept[0]?.out]),
      [['new', 60_000_000]],
    );
  });

  it('undo and redo a change of the joins', () => {
    const join = { kind: 'dissolve', duration: 500_000 } as const;
    const plain = applyEdit(clipOf('a.mp4'), SHORT);
    const dissolved = applyEdit(plain, SHORT, join);
    const more = applyEdit(dissolved, [{ in: 0, out: 5_000_000 }]);
    assert.deepEqual(more.join, join, 'stays for later edits');
    const back = undo(more);
    const further = back && undo(back);
    assert.deepEqual(back?.join, join);
    assert.equal(further?.join, undefined);
    assert.deepEqual(further && redo(further)?.join, join);
    assert.deepEqual(parseSessionRecord(JSON.parse(JSON.stringify(recordOf(more)))).clips[0], more);
  });

  it('remember a bounded number of steps, and go back and forth in them', () => {
    let clip = clipOf('a.mp4');
    for (let step = 1; step <= 150; step += 1) clip = applyEdit(clip, [{ in: 0, out: 60_000_000 - step }]);
    assert.equal(clip.past.length, 100);
    const before = undo(clip);
    assert.equal(before?.kept[0]?.out, 60_000_000 - 149);
    assert.equal(before && redo(before)?.kept[0]?.out, 60_000_000 - 150);
    assert.equal(undo(clipOf('a.mp4')), undefined);
    assert.equal(before && redo(applyEdit(before, SHORT)), undefined, 'a new edit ends what can be redone');
  });

  it('are read back from a file as they were written, and nothing else is', () => {
    const record = recordOf(clipOf('a.mp4'), clipOf('b.mov'));
    assert.deepEqual(parseSessionRecord(JSON.parse(JSON.stringify(record))), record);
    assert.throws(() => parseSessionRecord({ ...record, clips: [{}] }));
    assert.throws(() => parseSessionRecord({ ...record, version: 2 }));
  });
});

describe('the draft', () => {
  const cut = applyEdit(clipOf('a.mp4'), [
    { in: 0, out: 10_000_400 },
    { in: 20_000_000, out: 60_000_000 },
  ]);

  it('has a picture and a sound track with the same exact source ranges', () => {
    const draft = readDraft(writeDraft(replaceClip(recordOf(clipOf('a.mp4')), cut)));
    assert.deepEqual(
      draft.tracks.map((track) => track.kind),
      ['video', 'audio'],
    );
    for (const track of draft.tracks)
      assert.deepEqual(
        track.segments.map((segment) => segment.source),
        cut.kept,
      );
    assert.equal(draft.duration, 50_000_000, 'milliseconds in the draft');
  });

  it('has no sound track for a silent clip and no picture for a recording', () => {
    const kinds = (changes: Partial<Clip>): string[] =>
      readDraft(writeDraft(recordOf(clipOf('a', changes)))).tracks.map((track) => track.kind);
    assert.deepEqual(kinds({ hasSound: false }), ['video']);
    assert.deepEqual(kinds({ fileType: 'audio' }), ['audio']);
    assert.equal(writeDraft(recordOf()), null);
  });

  it('lets dissolved segments overlap, and brings the dissolve back from a render request', () => {
    const join = { kind: 'dissolve', duration: 1_000_000 } as const;
    const record = replaceClip(recordOf(clipOf('a.mp4')), applyEdit(cut, cut.kept, join));
    const sent = writeDraft(record);
    const draft = readDraft(sent);
    assert.deepEqual(draft.join, join);
    assert.equal(draft.duration, 49_000_000);
    assert.deepEqual(
      draft.tracks[0]?.segments.map(({ start }) => start),
      [0, 9_000_000],
    );
    assert.equal(dissolvedLength(draft), 1_000_400, 'to the millisecond');
    assert.deepEqual(readRenderPlan(sent, record).join, join);
    assert.equal(readRenderPlan(writeDraft(replaceClip(record, cut)), record).join, undefined);
    const foreign = { ...(sent as object), m: { join: { kind: 'wipe' } } };
    assert.throws(() => readRenderPlan(foreign, record), /only be exported in the cloud/);
  });

  it('comes back from a render request as what is to be cut, also as a JSON string', () => {
    const record = replaceClip(recordOf(clipOf('a.mp4'), clipOf('b.mp4')), cut);
    const draft = writeDraft({ ...record, active: 'asset-a.mp4' });
    for (const sent of [draft, JSON.stringify(draft)]) {
      const plan = readRenderPlan(sent, record);
      assert.equal(plan.clip.filename, 'a.mp4');
      assert.deepEqual(plan.kept, cut.kept);
    }
  });
});

describe('the name of a file in a message', () => {
  const clips = [clipOf('interview.mp4'), clipOf('a-interview.mp4'), clipOf('10-20.mp4'), clipOf('采访.mp4')];
  const named = (text: string): string[] => namedClips(text, clips).clips.map((clip) => clip.filename);

  it('is found in full, without its ending after a fitting word, and never inside another', () => {
    assert.deepEqual(named('cut the first 5 seconds of Interview.MP4'), ['interview.mp4']);
    assert.deepEqual(named('cut a-interview.mp4'), ['a-interview.mp4']);
    assert.deepEqual(named('cut the first 5 seconds of interview'), ['interview.mp4']);
    assert.deepEqual(named('剪掉采访.mp4的前5秒'), ['采访.mp4']);
    assert.deepEqual(named('edit a 3-minute interview clip'), []);
    assert.deepEqual(named('remove 10-20'), []);
    assert.deepEqual(named('interview.mp4 and 10-20.mp4'), ['interview.mp4', '10-20.mp4']);
  });
});

describe('the container of the export', () => {
  const format = (filename: string, requested = 'source', wished?: 'mp4'): string =>
    outputFormat(clipOf(filename), requested, wished);

  it('follows the source, or what was asked for', () => {
    assert.equal(format('a.MP4'), 'mp4');
    assert.equal(format('a.mov'), 'mov');
    assert.equal(format('a.mkv'), 'mkv');
    assert.equal(format('a.webm'), 'webm');
    for (const name of ['a.ts', 'a.MTS', 'a.m2ts']) assert.equal(format(name), 'ts', name);
    for (const name of ['a.avi', 'a.flv', 'a.wmv', 'a.mpg', 'a.mpeg', 'a.vob', 'a.3gp', 'a.bin']) {
      assert.equal(format(name), 'mp4', name);
    }
    assert.equal(outputFormat(clipOf('a', { container: 'mpegts' }), 'source', undefined), 'ts');
    assert.equal(outputFormat(clipOf('a', { container: 'webm' }), 'source', undefined), 'webm');
    assert.equal(format('a.ts', 'mp4'), 'mp4');
    assert.equal(format('a.webm', 'source', 'mp4'), 'mp4');
    assert.equal(format('a.mov', 'source', 'mp4'), 'mp4');
    assert.equal(format('a.mov', 'mp4'), 'mp4');
    assert.equal(outputFormat(clipOf('a.mp3', { fileType: 'audio' }), 'mp4', undefined), 'mp3');
    assert.throws(() => format('a.mov', 'gif'), /writes MP4, MOV, MKV, WebM and TS, not "gif"/);
  });
});
