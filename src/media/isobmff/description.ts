import { box, boxesIn, damaged, whole } from './boxes.js';

/** What changes in a picture track's sample description. */
export interface DescriptionEdit {
  /** Another type of it, such as `hvc1` for `hev1`. */
  readonly type?: string;
  /** Contents (without the header) of boxes inside it by their type: `avcC`, `hvcC`, `av1C`, `vpcC`. */
  readonly boxes?: Readonly<Record<string, Uint8Array>>;
}

// Fields of a VisualSampleEntry before its boxes (ISO/IEC 14496-12, 12.1.3).
const VISUAL_FIELDS = 78;

/** The `stsd` box of a picture track with one description, changed. */
export function editDescription(stsd: Buffer, edit: DescriptionEdit): Buffer[] {
  const [outer] = boxesIn(stsd);
  const [entry] = outer ? boxesIn(stsd, outer.body + 8) : [];
  if (!outer || !entry || entry.end - entry.body < VISUAL_FIELDS) throw damaged();
  const left = new Map(Object.entries(edit.boxes ?? {}));
  const inner = boxesIn(stsd, entry.body + VISUAL_FIELDS, entry.end);
  const children = inner.flatMap((found) => {
    const replaced = left.get(found.type);
    left.delete(found.type);
    return replaced ? box(found.type, Buffer.from(replaced)) : [whole(stsd, found)];
  });
  for (const [type, content] of left) children.push(...box(type, Buffer.from(content)));
  // QuickTime ends the list with four zero bytes.
  children.push(stsd.subarray(inner.at(-1)?.end ?? entry.body + VISUAL_FIELDS, entry.end));
  const fields = stsd.subarray(entry.body, entry.body + VISUAL_FIELDS);
  return box('stsd', stsd.subarray(outer.body, outer.body + 8), box(edit.type ?? entry.type, fields, children));
}
