import assert from 'node:assert/strict';
import { readCredits, readRenderStatus, readSession, readState, readUpload } from '../../../src/nemo/schemas.js';

describe('Answers of NemoVideo', () => {
  describe('render status', () => {
    const completed = { status: 'completed', progress: 1, url: 'https://cdn/x.mp4', duration: 145_000_000, size: 1024 };
    const shapes: Record<string, unknown> = {
      'top level': {
        status: 'completed',
        progress: 100,
        output: { url: 'https://cdn/x.mp4', duration: 145, size: 1024 },
      },
      'under data beside success': {
        success: true,
        data: { status: 'COMPLETED', progress: 1, outputUrl: 'https://cdn/x.mp4', duration: '145', size: '1024' },
      },
      'under data beside code': {
        code: 0,
        data: {
          status: 'done',
          output: { output_url: 'https://cdn/x.mp4', duration: 145.0, size: 1024, codec: 'h264' },
        },
      },
    };
    for (const [name, body] of Object.entries(shapes)) {
      it(`is read ${name}`, () => assert.deepEqual(readRenderStatus(body), completed));
    }

    const scales: [unknown, number | undefined][] = [
      [0, 0],
      [0.45, 0.45],
      [1, 1],
      [45, 0.45],
      ['45%', 0.45],
      ['0.5', 0.5],
      [100, 1],
      [250, 1],
      ['soon', undefined],
      [null, undefined],
    ];
    for (const [told, shown] of scales) {
      it(`progress ${JSON.stringify(told)} is ${shown ?? 'unknown'}`, () => {
        assert.equal(readRenderStatus({ status: 'processing', progress: told })?.progress, shown);
      });
    }

    it('an unknown word is a stage on the way', () => {
      assert.equal(readRenderStatus({ status: 'stitching' })?.status, 'processing');
    });

    for (const failed of [
      { status: 'failed', error: 'no space' },
      { success: true, data: { status: 'error', error: { message: 'no space' } } },
      { code: 0, message: 'no space', data: { status: 'failed' } },
    ]) {
      it(`tells why it failed: ${JSON.stringify(failed)}`, () => {
        const { status, message } = readRenderStatus(failed) ?? {};
        assert.deepEqual([status, message], ['failed', 'no space']);
      });
    }

    for (const cancelled of [
      { status: 'cancelled' },
      { success: true, data: { status: 'CANCELED', progress: 40 } },
      { code: 0, data: { status: 'cancelled', message: null } },
    ]) {
      it(`that was cancelled is not taken for a failure: ${JSON.stringify(cancelled)}`, () => {
        assert.equal(readRenderStatus(cancelled)?.status, 'cancelled');
      });
    }

    it('tells how our own engine cut', () => {
      const cut = { method: 'smart', frames: 972, reencodedFrames: 24, notes: ['Two joins.'] };
      assert.deepEqual(readRenderStatus({ status: 'completed', output: { url: '/x', cut } })?.cut, cut);
    });

    it('is not made up from something else', () => {
      for (const body of [undefined, null, [], 'x', {}, { code: 0 }]) assert.equal(readRenderStatus(body), undefined);
    });
  });

  describe('upload', () => {
    it('takes files of which every field may be missing or odd', () => {
      const body = {
        code: 0,
        data: { files: [{}, { filename: 'a.mp4', cdn_url: 'https://x', duration: '30.5', fps: null }, 7] },
      };
      assert.deepEqual(readUpload(body), [{}, { filename: 'a.mp4', url: 'https://x', duration: 30_500_000 }]);
    });

    it('takes camelCase, a bare list and no list', () => {
      assert.deepEqual(readUpload({ data: [{ fileType: 'video', cdnUrl: 'u' }] }), [{ fileType: 'video', url: 'u' }]);
      assert.deepEqual(readUpload({ files: [] }), []);
      assert.deepEqual(readUpload({ code: 0, data: { session_state_applied: true } }), []);
    });
  });

  it('a session has text ids, in either spelling and with or without its wrapping', () => {
    assert.deepEqual(readSession({ code: '0', data: { taskId: 5, sessionId: '55' } }), {
      taskId: '5',
      sessionId: '55',
    });
    assert.deepEqual(readSession({ task_id: 'a', session_id: 'b', user_id: 3 }), {
      taskId: 'a',
      sessionId: 'b',
      userId: '3',
    });
    assert.equal(readSession({ code: 0, data: { task_id: 'a' } }), undefined);
  });

  it('an answer may be wrapped twice', () => {
    const data = { status: 'processing', progress: 45 };
    for (const body of [
      { code: 0, data: { success: true, data } },
      { data: { data } },
      { success: true, data: { code: 0, msg: 'ok', data } },
    ]) {
      assert.deepEqual(readRenderStatus(body), { status: 'processing', progress: 0.45 });
    }
  });

  it('credits may be text, and their sum may be missing', () => {
    assert.deepEqual(readCredits({ code: 0, data: { available: '60', frozen: 40 } }), {
      available: 60,
      frozen: 40,
      total: 100,
    });
    assert.deepEqual(readCredits({ data: { total: 100, frozen: 40 } }), { available: 60, frozen: 40, total: 100 });
    assert.equal(readCredits({ code: 0, data: {} }), undefined);
  });

  it('a state keeps what it does not know, and a draft that is absent is null', () => {
    const body = { code: 0, data: { session_id: 1, state: { video_infos: [{ a: 1 }] }, fresh: true } };
    const state = readState(body);
    assert.equal(state?.draft, null);
    assert.equal(state?.raw, body.data);
    assert.equal(state?.sessionId, '1');
  });
});
