// The data of Dolby Vision that belong to one picture: a reference processing unit (ETSI GS CCM 001, annex B calls its
// syntax vdr_rpu_data), which HEVC carries in a NAL unit of its own behind the picture. Pure: no I/O.

import { BitReader } from './bits.js';
import { HEADER } from './hevc.js';
import { removeEmulation } from './nal.js';

// rpu_nal_prefix, and the one rpu_type there is.
const PREFIX = 0x19;
const TYPE = 2;
/** The bits of rpu_format that tell a newer layout of the header apart. */
const OTHER_LAYOUT = 0x700;

/**
 * Whether the data say everything about their picture themselves. Others lean on those of a picture before, which may be
 * another one after a cut.
 *
 * @param unit of type 62, or its beginning
 */
export function standsAlone(unit: Uint8Array): boolean {
  const bits = new BitReader(removeEmulation(unit.subarray(HEADER)));
  if (bits.read(8) !== PREFIX || bits.read(6) !== TYPE) return false;
  const format = bits.read(11);
  // vdr_rpu_profile and vdr_rpu_level.
  bits.read(8);
  const hasSequence = bits.read(1) === 1;
  // Of other layouts nothing is known.
  if (!hasSequence || (format & OTHER_LAYOUT) !== 0) return false;
  bits.read(1);
  const coefficientType = bits.read(2);
  if (coefficientType === 0) bits.ue();
  // vdr_rpu_normalized_idc and the range of the base layer.
  bits.read(3);
  // Depths of base layer, enhancement layer and what both make.
  for (let n = 0; n < 3; n++) bits.ue();
  bits.read(1);
  const compression = bits.read(3);
  // Scaling of the enhancement layer, and whether there is a residual.
  bits.read(2);
  const hasMetadata = bits.read(1) === 1;
  const leans = bits.read(1) === 1;
  return !bits.ended && compression === 0 && hasMetadata && !leans;
}
