import assert from 'node:assert/strict';

import { BitWriter } from '../../../../src/media/bitstream/bits.js';
import { NewSequence, ParameterSets, type Slice } from '../../../../src/media/bitstream/h264-sequence.js';
import type { Marking, Modification } from '../../../../src/media/bitstream/h264-slice.js';
import { addEmulation } from '../../../../src/media/bitstream/nal.js';

// From x264: High 3.1, four references, frame_num of 4 bits and picture order of 6; weights in P slices.
const SPS = Uint8Array.from(Buffer.from('6764001facd9405005bb011000000300100000030320f1831960', 'hex'));
const PPS = Uint8Array.from(Buffer.from('68ebecb22c', 'hex'));
const SETS = new ParameterSets([SPS, PPS]);

describe('A new sequence of H.264 from a recovery point', () => {
  it('begins with an IDR picture and counts from it, over the wrap of the source', () => {
    const sequence = new NewSequence(SETS, 1000);
    const first = read(sequence.picture([makeSlice('I', { frameNum: 15, order: 60 })]));
    assert.equal(first?.header.idr, true);
    assert.deepEqual([first.header.frameNum, first.header.order], [0, 0]);
    const second = read(sequence.picture([makeSlice('P', { frameNum: 0, order: 4 })]));
    assert.deepEqual([second?.header.frameNum, second?.header.order], [1, 8]);
    const third = read(sequence.picture([makeSlice('P', { frameNum: 1, order: 12, references: 2 })]));
    assert.deepEqual([third?.header.frameNum, third?.header.order], [2, 16]);
    assert.deepEqual(third?.header.modifications, [[]]);
  });

  it('refuses a picture that may lean on one from before it', () => {
    const reaching = makeSlice('P', { frameNum: 3, order: 28, references: 2 });
    const sequence = new NewSequence(SETS, 1000);
    assert.ok(sequence.picture([makeSlice('I', { frameNum: 2, order: 20 })]));
    assert.equal(sequence.picture([reaching]), undefined);
  });

  it('leaves out reference pictures that are shown before it, and whatever names them', () => {
    const sequence = new NewSequence(SETS, 1000);
    assert.ok(sequence.picture([makeSlice('I', { frameNum: 2, order: 20 })]));
    // Frame number 3 was one of the pictures left out; this one names the I picture past it, and drops it.
    const named = { modifications: [{ step: 0, value: 1 }], markings: [{ operation: 1, value: 0 }] };
    const next = read(sequence.picture([makeSlice('P', { frameNum: 4, order: 30, ...named })]));
    assert.equal(next?.header.frameNum, 1);
    assert.deepEqual(next?.header.modifications, [[]]);
    assert.equal(next?.header.markings, undefined);
    // Now both that are left are known.
    const both = makeSlice('P', { frameNum: 5, order: 34, references: 2, modifications: [{ step: 0, value: 2 }] });
    const last = read(sequence.picture([both]));
    assert.equal(last?.header.frameNum, 2);
    const back = [1, 14].map((value) => ({ step: 0, value }));
    assert.deepEqual(last?.header.modifications, [back], 'the one two back, then the one after that, over the wrap');
  });

  it('refuses a picture that leans on one that is left out', () => {
    const sequence = new NewSequence(SETS, 1000);
    assert.ok(sequence.picture([makeSlice('I', { frameNum: 2, order: 20 })]));
    assert.equal(sequence.picture([makeSlice('P', { frameNum: 4, order: 30 })]), undefined);
  });

  it('refuses pictures that stay for long, and pictures shown before it', () => {
    for (const change of [{ markings: [{ operation: 6, value: 0 }] }, { order: 16 }]) {
      const sequence = new NewSequence(SETS, 1000);
      assert.ok(sequence.picture([makeSlice('I', { frameNum: 2, order: 20 })]));
      assert.equal(sequence.picture([makeSlice('P', { frameNum: 3, order: 30, ...change })]), undefined);
    }
  });
});

function read(units: Uint8Array[] | undefined): Slice | undefined {
  return units?.[0] && SETS.read(units[0]);
}

function makeSlice(
  kind: 'I' | 'P',
  header: {
    frameNum: number;
    order: number;
    references?: number;
    modifications?: readonly Modification[];
    markings?: readonly Marking[];
  },
): Uint8Array {
  const { frameNum, order, references = 1, modifications = [], markings = [] } = header;
  const bits = new BitWriter();
  bits.write(0x61, 8);
  bits.ue(0);
  bits.ue(kind === 'I' ? 7 : 5);
  bits.ue(0);
  bits.write(frameNum, 4);
  bits.write(order, 6);
  if (kind === 'P') {
    bits.write(1, 1);
    bits.ue(references - 1);
    bits.write(modifications.length > 0 ? 1 : 0, 1);
    for (const { step, value } of modifications) {
      bits.ue(step);
      bits.ue(value);
    }
    if (modifications.length > 0) bits.ue(3);
    // No weights.
    bits.ue(0);
    bits.ue(0);
    bits.write(0, 2 * references);
  }
  bits.write(markings.length > 0 ? 1 : 0, 1);
  for (const { operation, value } of markings) {
    bits.ue(operation);
    bits.ue(value);
  }
  if (markings.length > 0) bits.ue(0);
  if (kind === 'P') bits.ue(0);
  for (let i = 0; i < 4; i++) bits.ue(0);
  while (bits.position % 8 !== 0) bits.write(1, 1);
  bits.write(0xabcd80, 24);
  return addEmulation(bits.bytes());
}
