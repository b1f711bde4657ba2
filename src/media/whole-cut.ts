import * as l10n from '@vscode/l10n';
import type { Job, PictureJob } from './cut-job.js';
import { damaged, firstFrame, lengths, MOST_MISSING } from './cut-job.js';
import { Output, type TrackPacket } from './file/output.js';
import { MediaError, type CutReport } from './media.js';
import { trackSettings } from './kept/tags.js';
import { writeTracks } from './muxed-tracks.js';
import { native } from './native.js';
import { JoinDecoder } from './picture/mixed-frames.js';
import { describeLight, hasLight, lightOf, type Light } from './picture/light.js';
import { copyDisplayData, PictureEncoder, wholeCoding, withLight } from './picture/picture-encoder.js';
import { scaleDisplayMatrix } from './picture/picture-size.js';
import { verifyTrack } from './picture/verify.js';
import { wholePicture, type WholeCount } from './picture/whole-picture.js';

/** Writes a cut whose picture is encoded anew in full. @param reason why, as half a sentence */
export async function writeWhole(
  job: Job,
  reason: string | undefined,
  unchanged: () => Promise<void>,
): Promise<CutReport> {
  const { picture } = job;
  await using output = await Output.create(job.request.output, job.container, job.hooks.onCreated);
  const tracks = new Map<number, AsyncGenerator<TrackPacket>>();
  const count: WholeCount = { frames: 0 };
  const opened: Disposable[] = [];
  const notes: string[] = [];
  try {
    if (picture) {
      const { stream, index, layout, traits, size } = picture;
      const light = hasLight(stream) ? await readLight(job, picture) : undefined;
      const plain = wholeCoding(stream, traits, job.container, size);
      const coding = light ? withLight(plain, light) : plain;
      const encoder = new PictureEncoder(stream, index, traits, coding);
      opened.push(encoder);
      const decoder = await JoinDecoder.open(job.request.input, index, job.hooks.pace, {
        parameters: stream.codecpar,
      });
      opened.push(decoder);
      const track = output.addEncoded(encoder.context, trackSettings(stream, index.timeBase), (parameters) => {
        copyDisplayData(stream.codecpar, parameters);
        if (light) describeLight(light, parameters);
        if (size) scaleDisplayMatrix(parameters, traits, size);
        if (coding.encoder === 'libx265') parameters.codecTag = 'hvc1';
      });
      output.stream(track).sampleAspectRatio = encoder.context.sampleAspectRatio;
      output.stream(track).avgFrameRate = stream.avgFrameRate;
      tracks.set(track, wholePicture(decoder, encoder, index, layout, count));
      notes.push(...wholeNotes(reason, picture, coding.pixelFormat));
      if (light?.changes) notes.push(l10n.t('Not kept: {0}.', l10n.t('the HDR10+ data')));
    }
    await writeTracks(job, output, tracks);
  } finally {
    for (const resource of opened.reverse()) resource[Symbol.dispose]();
  }
  await unchanged();
  await output.close();
  if (picture) {
    if (count.frames === 0)
      throw new MediaError('failed', l10n.t('The picture could not be decoded. Nothing was written.'));
    const missing = picture.layout.frames - count.frames;
    if (missing > picture.layout.frames * MOST_MISSING) throw damaged(job.request.input, missing);
    if (missing > 0)
      notes.push(
        missing === 1
          ? l10n.t('1 damaged frame of the source could not be kept.')
          : l10n.t('{0} damaged frames of the source could not be kept.', missing),
      );
    await verifyTrack(job.request.output, count.frames, job.hooks.pace);
  }
  output.keep();
  job.hooks.onProgress(1);
  return {
    method: 'reencode',
    ...lengths(job),
    frames: count.frames,
    reencodedFrames: count.frames,
    notes: [...notes, ...job.notes],
  };
}

async function readLight({ request, hooks }: Job, picture: PictureJob): Promise<Light> {
  const { stream, layout } = picture;
  return firstFrame(request.input, picture, stream, layout, hooks.pace, (frame) => lightOf(frame, stream));
}

function wholeNotes(reason: string | undefined, picture: PictureJob, pixelFormat: number): string[] {
  const { av } = native();
  const notes = [
    reason === undefined
      ? l10n.t('The whole picture was encoded anew: it could not be copied.')
      : l10n.t('The whole picture was encoded anew: {0}.', reason),
  ];
  if (pixelFormat !== (picture.traits.pixelFormat as number)) {
    const name = av.avGetPixFmtName(picture.traits.pixelFormat) ?? '';
    notes.push(l10n.t("The picture's colour format ({0}) was converted for players.", name));
  }
  return notes;
}
