import assert from 'node:assert/strict';

import { buildHevcConfiguration, parseHevcConfiguration } from '../../../../src/media/bitstream/hevc-configuration.js';
import { parameterSetId, renumber } from '../../../../src/media/bitstream/hevc-sets.js';
import { nalType } from '../../../../src/media/bitstream/hevc.js';
import { splitAnnexB, splitLengthPrefixed, toLengthPrefixed } from '../../../../src/media/bitstream/nal.js';
import type { JoinCodec } from '../../../../src/media/picture/join-codec.js';
import { createHevcJoin } from '../../../../src/media/picture/join-hevc.js';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));

// From x265, 64x48: the sets of one stream and the beginnings of its pictures.
const VPS = hex('40010c01ffff01600000030090000003000003001e959009');
const SPS = hex('42010101600000030090000003000003001ea0208316595916f0bc05a020000003002000000303c1');
const PPS = hex('4401c073c189');
const SETS = [VPS, SPS, PPS];
const FIELDS = hex('42010101600000030040000003000003003ca00a080c1f3e595952930bc05a1a0000030002000003003c10');
const IDR = hex('2801ac2162a3511a249f4ae1a42e88f25b676fb4db29f441ad1a5e6ad4b97342');
const CRA = hex('2a01ac104d24758a8203f8255694a5585f145c74f39bd00a1b94d40f1d08190c');
const P = hex('0201d0195e2040cd1030250e7fa0e908ca386eaded9f6189df09d266052b7605');
const LIGHT = hex('4e01900403e8019080');

const sample = (...units: Uint8Array[]): Uint8Array => toLengthPrefixed(units, 4);
const annexB = (...units: Uint8Array[]): Uint8Array => Uint8Array.from(units.flatMap((unit) => [0, 0, 0, 1, ...unit]));
const types = (units: readonly Uint8Array[] | undefined): number[] | undefined => units?.map(nalType);

function configuration(units: readonly Uint8Array[]): Uint8Array {
  const head = hex('0101600000009000000000001ef000fcfdf8f800000f');
  return buildHevcConfiguration({ head, lengthSize: 4, units }, true);
}

function joinOf(
  extradata: Uint8Array | undefined,
  form: 'headers-apart' | 'headers-inside' = 'headers-apart',
): JoinCodec {
  const size = { width: 64, height: 48, frameRate: 30 };
  return createHevcJoin({ extradata, bitRate: 0, reorder: 2, pixelFormat: 'yuv420p', ...size, form });
}

describe('Joins of HEVC', () => {
  it('put both encodes’ sets into the sample description, and the encoder’s pictures on its own', () => {
    const join = joinOf(configuration(SETS));
    assert.equal(join.entry(sample(IDR)), 'closed');
    assert.equal(join.obstacle(), undefined);
    const description = join.describe(annexB(...SETS));
    assert.equal(description?.tag, 'hvc1');
    const units = parseHevcConfiguration(description.extradata ?? hex(''))?.units ?? [];
    assert.deepEqual(types(units), [32, 32, 33, 33, 34, 34]);
    assert.deepEqual(units.map(parameterSetId), [0, 1, 0, 1, 0, 16]);
    const first = splitLengthPrefixed(join.encoded(annexB(IDR), true) ?? hex(''), 4);
    assert.equal(first?.[0]?.length, IDR.length + 1);
    assert.equal(join.encoded(annexB(P), true), undefined, 'a span begins with an entry');
    assert.ok(join.encoded(annexB(P), false));
    assert.equal(join.encoded(annexB(...SETS, IDR), true), undefined, 'sets belong into the description');
  });

  it('leave the encoder’s pictures alone where the source has other ids', () => {
    const join = joinOf(configuration(SETS.map((set) => renumber(set, { vps: 3, sps: 3, pps: 3 }))));
    assert.ok(join.describe(annexB(...SETS)));
    assert.deepEqual(join.encoded(annexB(P), false), sample(P));
  });

  it('begin a copied run with a broken link where its group of pictures is open', () => {
    const join = joinOf(configuration(SETS));
    assert.equal(join.entry(sample(CRA)), 'open');
    const rejoin = join.rejoin('open');
    assert.equal(rejoin.settled, false);
    assert.deepEqual(types(splitLengthPrefixed(rejoin.packet(sample(LIGHT, CRA)), 4)), [39, 18]);
    assert.equal(rejoin.settled, true);
    const next = sample(P);
    assert.equal(rejoin.packet(next), next);
    const closed = sample(IDR);
    assert.equal(join.rejoin('closed').packet(closed), closed);
  });

  it('repeat what the source says about light in front of encoded pictures', () => {
    const join = joinOf(configuration(SETS));
    join.entry(sample(LIGHT, IDR));
    join.describe(annexB(...SETS));
    assert.deepEqual(types(splitLengthPrefixed(join.encoded(annexB(IDR), true) ?? hex(''), 4)), [39, 20]);
    assert.deepEqual(types(splitLengthPrefixed(join.encoded(annexB(P), false) ?? hex(''), 4)), [1]);
  });

  it('carry the sets in the pictures of a transport stream', () => {
    const join = joinOf(undefined, 'headers-inside');
    assert.equal(join.entry(annexB(...SETS, CRA)), 'open');
    assert.equal(join.obstacle(), undefined);
    assert.deepEqual(
      types(splitAnnexB(join.describe(annexB(...SETS))?.extradata ?? hex(''))),
      [32, 33, 34, 32, 33, 34],
    );
    assert.deepEqual(types(splitAnnexB(join.encoded(annexB(IDR), true) ?? hex(''))), [32, 33, 34, 20]);
    const packet = join.rejoin('open').packet(annexB(hex('460110'), CRA));
    assert.deepEqual(types(splitAnnexB(packet)), [35, 32, 33, 34, 18]);
  });

  it('say hev1 where sets lie in the samples too', () => {
    const join = joinOf(configuration(SETS));
    join.entry(sample(...SETS, IDR));
    assert.equal(join.obstacle(), undefined);
    const description = join.describe(annexB(...SETS));
    assert.equal(description?.tag, 'hev1');
    assert.equal(description.extradata?.[23], 32);
  });

  it('take the result of an earlier cut, on further ids', () => {
    const before = SETS.map((set) => renumber(set, { vps: 1, sps: 1, pps: 16 }));
    const join = joinOf(configuration([...SETS, ...before]));
    assert.equal(join.obstacle(), undefined);
    const units = parseHevcConfiguration(join.describe(annexB(...SETS))?.extradata ?? hex(''))?.units ?? [];
    assert.deepEqual(units.map(parameterSetId), [0, 1, 2, 0, 1, 2, 0, 16, 18]);
  });

  it('say what stands in their way', () => {
    assert.match(joinOf(annexB(...SETS)).obstacle() ?? '', /container/);
    assert.match(joinOf(configuration(SETS), 'headers-inside').obstacle() ?? '', /container/);
    assert.match(joinOf(configuration([])).obstacle() ?? '', /inside the pictures/);
    assert.match(joinOf(configuration([VPS, FIELDS, PPS])).obstacle() ?? '', /interlaced/);
    assert.match(joinOf(configuration([VPS, SPS.subarray(0, 20), PPS])).obstacle() ?? '', /not understood/);
    const other = hex('420101022000000300900000030000030078a003c0801107cad965654a4c2f056c08000003000800000300f040');
    const apart = renumber(other, { vps: 0, sps: 1, pps: 0 });
    assert.match(joinOf(configuration([...SETS, apart])).obstacle() ?? '', /change midway/);
    const seen = (...units: Uint8Array[]): string => {
      const join = joinOf(configuration(SETS));
      join.entry(sample(...units));
      return join.obstacle() ?? '';
    };
    assert.match(seen(hex('4401c073c18a'), IDR), /change midway/);
    assert.match(seen(IDR, hex('2809ac2162')), /more than one view/);
    assert.match(seen(IDR, hex('7c01190809')), /Dolby Vision/);
    assert.match(seen(LIGHT), /damaged/);
    assert.equal(joinOf(configuration(SETS)).entry(sample(IDR).subarray(0, 20)), 'none');
  });
});
