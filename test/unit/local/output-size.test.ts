import assert from 'node:assert/strict';
import { readMessage } from '../../../src/local/grammar.js';
import { scaledSize } from '../../../src/timeline/frame-size.js';

describe('the size that is asked for', () => {
  const size = (width: number, height: number, asked: string): string | undefined => {
    const scaled = scaledSize({ width, height }, asked);
    return scaled && `${scaled.enlarged ? 'larger ' : ''}${scaled.width}x${scaled.height}`;
  };

  it('is fitted into, in the shape of the clip, lying or standing', () => {
    assert.equal(size(3840, 2160, '1080p'), '1920x1080');
    assert.equal(size(2160, 3840, '1080p'), '1080x1920');
    assert.equal(size(3840, 1600, '1080p'), '1920x800');
    assert.equal(size(1440, 1080, '720p'), '960x720');
    assert.equal(size(1920, 1080, '1280x720'), '1280x720');
    assert.equal(size(1080, 1920, '1280×720'), '720x1280');
    assert.equal(size(7680, 4320, '4K'), '3840x2160');
  });

  it('is nothing to do where the clip has it, and is told apart where the clip is smaller', () => {
    assert.equal(size(1920, 1080, '1080p'), undefined);
    assert.equal(size(1920, 804, '1080p'), undefined);
    assert.equal(size(854, 480, '480p'), undefined);
    assert.equal(size(1920, 1080, 'fullhd'), undefined);
    assert.equal(size(1920, 1080, 'source'), undefined);
    assert.equal(size(1280, 720, '1080p'), 'larger 1920x1080');
  });

  it('is read from the message, which is no other wish and no cut for it', () => {
    const asked: Record<string, string | undefined> = {
      'make it 720p': '720p',
      'resize to 720p': '720p',
      'convert it to 4k': '4k',
      'scale down to 1280x720': '1280x720',
      '720p please': '720p',
      'I want full hd': 'fullhd',
      导出为1080p: '1080p',
      'keep the original size': 'source',
      'what about my 4k video?': undefined,
    };
    for (const [text, size] of Object.entries(asked)) {
      const message = readMessage(text);
      assert.equal(message.size, size, text);
      assert.deepEqual([message.intent.kind, message.wishes], ['none', []], text);
    }
  });

  it('is not asked for by a clip that is described', () => {
    for (const text of ['my 4k clip: remove 1s to 2s', 'it was shot in 4k, cut the first second']) {
      assert.equal(readMessage(text).size, undefined, text);
      assert.equal(readMessage(text).intent.kind, 'cut', text);
    }
    assert.equal(readMessage('cut the first second and export a 1080p MP4').size, '1080p');
  });
});
