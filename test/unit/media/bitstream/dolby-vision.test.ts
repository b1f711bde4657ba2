import assert from 'node:assert/strict';

import { standsAlone } from '../../../../src/media/bitstream/dolby-vision.js';
import { vision } from '../../../media/picture-messages.js';

describe('Dolby Vision’s data of a picture', () => {
  const whole = vision(7);
  /** The data with one bit changed, counted from the prefix on. */
  const changed = (bit: number): Uint8Array => {
    const at = 2 + (bit >> 3);
    return whole.with(at, (whole[at] ?? 0) ^ (0x80 >> (bit & 7)));
  };

  it('stand alone where they hold their headers, their curves and their light', () => {
    assert.ok(standsAlone(whole));
    assert.ok(standsAlone(whole.subarray(0, 16)), 'of a long unit the beginning is enough');
  });

  it('lean on others where a part refers to the picture before', () => {
    assert.ok(!standsAlone(vision(7, false)), 'its curves');
    assert.ok(!standsAlone(changed(33)), 'its header');
  });

  it('are not trusted where their layout is another, or broken', () => {
    assert.ok(!standsAlone(changed(7)), 'another prefix');
    assert.ok(!standsAlone(changed(13)), 'another type');
    assert.ok(!standsAlone(changed(16)), 'a newer header');
    for (let length = 0; length < 11; length++) assert.ok(!standsAlone(whole.subarray(0, length)), `${length} bytes`);
  });
});
