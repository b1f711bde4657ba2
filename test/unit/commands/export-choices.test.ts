import assert from 'node:assert/strict';
import { exportChoices, exportOptions } from '../../../src/commands/export-choices.js';
import type { ClipSummary, VideoSummary } from '../../../src/media/media.js';

const clip = { path: '/videos/talk.mp4', name: 'talk.mp4', uploaded: true };
const place = { name: 'talk.trimmed', folder: undefined };

function summary(video: Partial<VideoSummary> = {}): ClipSummary {
  const picture = { codec: 'h264', width: 1920, height: 1080, rotation: 0, frameRate: 30, ...video };
  return { path: clip.path, size: 1, container: 'mov', duration: 60e6, video: picture, audio: [] };
}

describe('the choices of an export', () => {
  const local = { clip, engine: 'local' } as const;

  it('are sizes smaller than the picture as it is shown, upright ones too', () => {
    const qualities = (video: Partial<VideoSummary>): readonly string[] =>
      exportChoices(local, summary(video), undefined).qualities;
    assert.deepEqual(qualities({}), ['source', '720p', '480p']);
    assert.deepEqual(qualities({ width: 3840, height: 2160, rotation: 90 }), ['source', '1080p', '720p', '480p']);
    assert.deepEqual(qualities({ width: 854, height: 480 }), ['source']);
    assert.deepEqual(exportChoices(local, undefined, undefined).qualities, ['source']);
  });

  it('are the containers that hold the picture, and of the others why they do not', () => {
    const problems = (name: string, codec: string): string[] =>
      exportChoices({ ...local, clip: { ...clip, name } }, summary({ codec }), undefined).formats.map(
        ({ format, problem }) => (problem === undefined ? format : `${format}: ${problem}`),
      );
    assert.deepEqual(problems('a.mp4', 'h264'), ['source', 'mov', 'mkv', 'webm: it cannot hold H.264']);
    assert.deepEqual(problems('a.webm', 'vp9'), ['source', 'mp4', 'mov: it cannot hold VP9', 'mkv']);
    assert.deepEqual(problems('a.webm', 'vp8'), ['source', 'mp4', 'mov: it cannot hold VP8', 'mkv']);
    // No container joins ProRes: all of them take it encoded anew, as H.264.
    assert.deepEqual(problems('a.mov', 'prores'), ['source', 'mp4', 'mkv', 'webm: it cannot hold ProRes']);
  });

  it('in the cloud are MP4 alone', () => {
    const choices = exportChoices({ clip, engine: 'cloud' }, summary(), undefined);
    assert.deepEqual(choices.formats, [{ format: 'mp4' }]);
    const chosen = { format: 'mp4', quality: '720p', name: '' } as const;
    assert.deepEqual(exportOptions(choices, undefined, 'cloud', place), { name: 'talk.trimmed' });
    const small = exportChoices({ clip, engine: 'cloud' }, summary(), chosen);
    assert.deepEqual(exportOptions(small, chosen, 'cloud', place), { name: 'talk.trimmed', resolution: '720p' });
  });

  it('leave it to what was said in the chat until one is made, and go before that then', () => {
    const said = { ...local, wish: { format: 'mkv', resolution: '480p' } };
    const untouched = exportChoices(said, summary(), undefined);
    assert.deepEqual([untouched.format, untouched.quality, untouched.height], ['mkv', '480p', 480]);
    assert.deepEqual(exportOptions(untouched, undefined, 'local', place), { name: 'talk.trimmed' });
    const chosen = { format: 'source', quality: 'source', name: '' } as const;
    const touched = exportChoices(said, summary(), chosen);
    const options = { name: 'talk.trimmed', format: 'mp4', resolution: 'source' };
    assert.deepEqual(exportOptions(touched, chosen, 'local', place), options);
  });

  it('fall back to the source where what was chosen is not offered any more', () => {
    const chosen = { format: 'webm', quality: '1080p', name: '' } as const;
    const choices = exportChoices(local, summary(), chosen);
    assert.deepEqual([choices.format, choices.quality, choices.ending], ['source', 'source', 'mp4']);
  });
});
