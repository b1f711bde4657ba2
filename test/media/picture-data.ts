// Clips whose pictures have data of their own: HDR10+ in front of each, Dolby Vision behind it. Encoders that write them
// are rare, so they are put into the packets of a finished clip; each carries the number of its picture.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { toLengthPrefixed } from '../../src/media/bitstream/nal.js';
import { Output } from '../../src/media/file/output.js';
import { outputContainer } from '../../src/media/file/containers.js';
import { openSource } from '../../src/media/file/source.js';
import { check, loadNative } from '../../src/media/native.js';

/** NAL units that belong to one picture; of AV1, units with their sizes. */
export interface PictureData {
  readonly before?: Uint8Array;
  readonly behind?: Uint8Array;
}

/** Of Dolby Vision, as a clip announces it. */
export interface VisionProfile {
  readonly profile: number;
  /** Of what its base is: 1 for HDR10, 4 for HLG, 0 for nothing that others know. */
  readonly compatibility: number;
}

export interface Inserted {
  /** The data of a picture by its number in the order shown. */
  readonly dataOf: (picture: number) => PictureData;
  readonly vision?: VisionProfile;
  /** Four characters of the sample description. */
  readonly tag?: string;
}

/** Writes a clip of H.264, HEVC or AV1 in mp4, 30 pictures a second, anew with data beside its pictures. */
export async function insertPictureData(input: string, output: string, inserted: Inserted): Promise<void> {
  const { av, c } = await loadNative();
  using source = await openSource(input);
  const stream = source.video;
  assert.ok(stream);
  const { dataOf, vision, tag = 'hvc1' } = inserted;
  const container = outputContainer(output);
  await using written = await Output.create(output, container, () => undefined);
  const { timeBase, disposition } = stream;
  const track = written.addCopied(stream.codecpar, { timeBase, disposition, language: undefined }, (parameters) => {
    parameters.codecTag = container.tagged ? tag : 0;
    if (vision) {
      const { profile, compatibility } = vision;
      const record = Buffer.from([1, 0, profile, 5, 1, 0, 1, compatibility, 0]);
      check(parameters.addCodedSideData(c.AV_PKT_DATA_DOVI_CONF, record), 'announce');
    }
  });
  written.begin({ strict: 'unofficial' });
  const inPacket = (unit: Uint8Array | undefined): Uint8Array[] =>
    unit ? [tag === 'av01' ? unit : toLengthPrefixed([unit], 4)] : [];
  const packet = new av.Packet();
  packet.alloc();
  while (source.format.readFrameSync(packet) >= 0) {
    if (packet.streamIndex === stream.index) {
      const seconds = Number(packet.pts) * timeBase.toDouble();
      const { before, behind } = dataOf(Math.round(seconds * 30));
      const parts = [...inPacket(before), packet.data ?? Buffer.alloc(0), ...inPacket(behind)];
      const copy = packet.clone();
      assert.ok(copy);
      const { pts, dts, duration, flags } = packet;
      copy.data = Buffer.concat(parts);
      Object.assign(copy, { pts, dts, duration, flags });
      written.write(track, copy);
    }
    packet.unref();
  }
  packet.free();
  await written.close();
  written.keep();
}

/** What the judge reads beside each picture, in the order shown; undefined where there is nothing. */
export interface FoundData {
  readonly brightness: number | undefined;
  readonly vision: number | undefined;
  readonly captions: boolean;
}

/** @returns one for each picture of a clip */
export async function readPictureData(file: string): Promise<FoundData[]> {
  const words = '-v error -select_streams v:0 -show_frames -show_entries frame_side_data -of json'.split(' ');
  const { stdout } = await promisify(execFile)('ffprobe', [...words, file], { maxBuffer: 2 ** 28 });
  const { frames } = JSON.parse(stdout) as { frames: { side_data_list?: Record<string, string | number>[] }[] };
  return frames.map(({ side_data_list: list = [] }) => {
    const found = (type: RegExp, field: string): number | undefined => {
      const data = list.filter(({ side_data_type: name }) => type.test(String(name)));
      assert.ok(data.length <= 1, 'the same twice');
      // Fractions of it are written as such.
      return data[0] === undefined ? undefined : Number(String(data[0][field]).split('/')[0]);
    };
    return {
      captions: list.some(({ side_data_type: name }) => /A53|Closed Captions/.test(String(name))),
      brightness: found(/2094-40/, 'average_maxrgb'),
      vision: found(/^Dolby Vision Metadata/, 'source_max_pq'),
    };
  });
}
