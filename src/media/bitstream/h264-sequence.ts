// A recovery point of H.264 becomes the beginning of a coded video sequence. Pure: no I/O.

import { parsePps, parseSps, type PpsSummary, type SpsSummary } from './h264.js';
import {
  isSlice,
  parseSlice,
  peekSlice,
  rewriteSlice,
  type Marking,
  type Modification,
  type SliceHeader,
} from './h264-slice.js';

/** The parameter sets of a stream, by their ids. */
export class ParameterSets {
  readonly #sps = new Map<number, SpsSummary>();
  readonly #pps = new Map<number, PpsSummary>();

  constructor(units: Iterable<Uint8Array>) {
    for (const unit of units) {
      const sps = parseSps(unit);
      if (sps) this.#sps.set(sps.id, sps);
      const pps = parsePps(unit);
      if (pps) this.#pps.set(pps.id, pps);
    }
  }

  /** @returns undefined when the slice or its sets are of a kind that joins cannot change */
  read(slice: Uint8Array): Slice | undefined {
    const pps = this.#pps.get(peekSlice(slice)?.ppsId ?? -1);
    const sps = pps && this.#sps.get(pps.spsId);
    const header = pps && sps && parseSlice(slice, sps, pps);
    return header && { header, sps, pps };
  }
}

export interface Slice {
  readonly header: SliceHeader;
  readonly sps: SpsSummary;
  readonly pps: PpsSummary;
}

/** A picture that later ones may lean on. */
interface Reference {
  /** frame_num in the source; undefined in the result for a picture that is left out there. */
  readonly before: number;
  readonly after: number | undefined;
  /** Picture order count, from the first picture's 0. */
  readonly order: number;
}

/**
 * Rewrites pictures in decode order so that the first, an I picture, is an IDR picture and the others follow it: frame
 * numbers and picture orders count from it, and what names references names the same pictures as in the source.
 *
 * Between the first picture and the second, the ones that are shown before the first may be left out. That no picture
 * leans on those, or on anything before the first, is proven as it goes: each slice's reference lists are built as a
 * decoder builds them (8.2.4), and no entry may be unknown.
 */
export class NewSequence {
  readonly #sets: ParameterSets;
  readonly #idrId: number;
  /** Short-term references that the source's decoder has, oldest first, as far as they are known. */
  #references: Reference[] = [];
  /** At most so many more are there from before the first picture. */
  #unknown = 0;
  #started = false;
  /** pic_order_cnt_lsb of the first picture. */
  #firstOrder = 0;
  /** frame_num of the last reference picture, in the source and in the result. */
  #frameNum = { before: 0, after: 0 };
  /** Order of the last reference picture, from which the next ones count on. */
  #order = 0;
  #pictures = 0;

  /** @param idrId idr_pic_id, 0 to 65535: another one than that of a neighbouring IDR picture */
  constructor(sets: ParameterSets, idrId: number) {
    this.#sets = sets;
    this.#idrId = idrId;
  }

  /**
   * @param units of one picture
   * @returns undefined when the picture cannot be carried over, or may lean on one that is not there
   */
  picture(units: readonly Uint8Array[]): Uint8Array[] | undefined {
    const slices = new Map<Uint8Array, Slice>();
    for (const unit of units) {
      const type = (unit[0] ?? 0) & 0x1f;
      if (isSlice(unit)) {
        const slice = this.#sets.read(unit);
        if (!slice) return undefined;
        slices.set(unit, slice);
      } else if ((type >= 2 && type <= 4) || type === 20 || type === 21) return undefined;
    }
    const [slice] = slices.values();
    if (!slice) return undefined;
    const same = ({ header }: Slice): boolean =>
      header.frameNum === slice.header.frameNum &&
      header.order === slice.header.order &&
      header.reference === slice.header.reference;
    if (![...slices.values()].every(same)) return undefined;
    return this.#started ? this.#follow(units, slices, slice) : this.#begin(units, slices, slice);
  }

  #begin(units: readonly Uint8Array[], slices: Map<Uint8Array, Slice>, first: Slice): Uint8Array[] | undefined {
    const { header, sps } = first;
    if (!isRecoveryPicture([...slices.values()]) || sps.gapsAllowed) return undefined;
    if (header.markings?.some(({ operation }) => operation !== 1)) return undefined;
    this.#started = true;
    this.#firstOrder = header.order;
    this.#frameNum = { before: header.frameNum, after: 0 };
    this.#references = [{ before: header.frameNum, after: 0, order: 0 }];
    this.#unknown = Math.max(1, sps.referenceFrames) - 1;
    const change = { frameNum: 0, order: 0, modifications: [], markings: undefined, idr: this.#idrId };
    return units.map((unit) => {
      const slice = slices.get(unit);
      return slice ? rewriteSlice(unit, slice.header, slice.sps, slice.pps, change) : unit;
    });
  }

  #follow(units: readonly Uint8Array[], slices: Map<Uint8Array, Slice>, first: Slice): Uint8Array[] | undefined {
    const { header, sps } = first;
    if (header.idr || !this.#passOver(header, sps)) return undefined;
    this.#pictures++;
    const size = 2 ** sps.frameNumBits;
    const frameNum = (this.#frameNum.after + 1) % size;
    const orders = this.#orderOf(header, sps, frameNum);
    if (orders.picture <= 0) return undefined;
    const changed = new Map<Uint8Array, readonly (readonly Modification[])[]>();
    for (const [unit, slice] of slices) {
      const lists = this.#lists(slice.header, orders.picture, size);
      const modifications = lists && this.#modify(slice.header, lists, orders.picture, frameNum, size);
      if (!modifications) return undefined;
      changed.set(unit, modifications);
    }
    let markings: readonly Marking[] | undefined;
    if (header.reference) {
      const marked = this.#mark(header, sps, frameNum, size);
      if (!marked) return undefined;
      markings = marked.markings;
      this.#references.push({ before: header.frameNum, after: frameNum, order: orders.picture });
      this.#frameNum = { before: header.frameNum, after: frameNum };
      this.#order = orders.coded;
      const limit = Math.max(1, sps.referenceFrames);
      this.#unknown = Math.max(0, Math.min(this.#unknown, limit - this.#references.length));
    }
    // With orders of type 2, orderBits is 0 and nothing is written.
    const orderSize = 2 ** sps.orderBits;
    const order = orders.coded - Math.floor(orders.coded / orderSize) * orderSize;
    return units.map((unit) => {
      const slice = slices.get(unit);
      const modifications = changed.get(unit);
      if (!slice || !modifications) return unit;
      return rewriteSlice(unit, slice.header, slice.sps, slice.pps, { frameNum, order, modifications, markings });
    });
  }

  /** Enters the reference pictures that were left out: frame_num counts them. */
  #passOver(header: SliceHeader, sps: SpsSummary): boolean {
    const size = 2 ** sps.frameNumBits;
    const limit = Math.max(1, sps.referenceFrames);
    const missing = (header.frameNum - this.#frameNum.before - 1 + 2 * size) % size;
    if (missing > 0 && (this.#pictures > 0 || missing > limit)) return false;
    for (let n = 0; n < missing; n++) {
      const before = (this.#frameNum.before + 1) % size;
      this.#references.push({ before, after: undefined, order: Number.NEGATIVE_INFINITY });
      if (this.#references.length > limit) this.#references.shift();
      this.#frameNum = { ...this.#frameNum, before };
    }
    this.#unknown = Math.min(this.#unknown, limit - this.#references.length);
    return true;
  }

  /** Picture order count (8.2.1), from the first picture's 0. */
  #orderOf(header: SliceHeader, sps: SpsSummary, frameNum: number): { coded: number; picture: number } {
    if (sps.orderType !== 0) {
      // Type 2: the order of decoding, counted on over the wraps of frame_num.
      const size = 2 ** sps.frameNumBits;
      const frames = this.#order + ((frameNum - (this.#order % size) + size) % size);
      return { coded: frames, picture: 2 * frames - (header.reference ? 0 : 1) };
    }
    const size = 2 ** sps.orderBits;
    const step = (header.order - this.#firstOrder - this.#order) % size;
    const ahead = step < 0 ? step + size : step;
    const coded = this.#order + (ahead > size / 2 ? ahead - size : ahead);
    return { coded, picture: coded + Math.min(0, header.bottomOrder) };
  }

  /** The reference lists of a slice in the source; undefined when an entry is not known. */
  #lists(header: SliceHeader, order: number, size: number): Reference[][] | undefined {
    const initial = initialLists(this.#references, header, order, this.#unknown > 0);
    const lists: Reference[][] = [];
    for (const [n, count] of header.references.entries()) {
      const list: (Reference | undefined)[] = [...(initial[n] ?? [])];
      list.length = count;
      let predicted = header.frameNum;
      let at = 0;
      for (const { step, value } of header.modifications[n] ?? []) {
        if (step > 1 || at >= count) return undefined;
        predicted = (predicted + (step === 0 ? -1 : 1) * (value + 1) + 2 * size) % size;
        const named = this.#references.find(({ before }) => before === predicted);
        if (!named) return undefined;
        // 8.2.4.3.1: the named one comes here, and is taken away further back.
        const back = list.slice(at).filter((reference) => reference !== named);
        list.splice(at, list.length, named, ...back);
        list.length = count;
        at++;
      }
      const known = Array.from(list).filter((reference) => reference?.after !== undefined) as Reference[];
      if (known.length !== count) return undefined;
      lists.push(known);
    }
    return lists;
  }

  /** How the result's slice has to name the same lists. */
  #modify(
    header: SliceHeader,
    lists: readonly (readonly Reference[])[],
    order: number,
    frameNum: number,
    size: number,
  ): Modification[][] | undefined {
    const there = this.#references.filter(({ after }) => after !== undefined);
    const initial = initialLists(there, header, order, false);
    return lists.map((list, n) => {
      if (list.every((reference, at) => initial[n]?.[at] === reference)) return [];
      let predicted = frameNum;
      return list.map(({ after = 0 }): Modification => {
        const back = (predicted - after + size) % size;
        predicted = after;
        // The same picture again is a whole turn away.
        return { step: 0, value: (back === 0 ? size : back) - 1 };
      });
    });
  }

  /** Takes out what a reference picture takes out (8.2.5). @returns how the result's slices say it */
  #mark(
    header: SliceHeader,
    sps: SpsSummary,
    frameNum: number,
    size: number,
  ): { markings: Marking[] | undefined } | undefined {
    const limit = Math.max(1, sps.referenceFrames);
    const there = this.#references.filter(({ after }) => after !== undefined);
    if (header.markings) {
      for (const { operation, value } of header.markings) {
        if (operation !== 1) return undefined;
        const named = (header.frameNum - value - 1 + 2 * size) % size;
        const left = this.#references.filter(({ before }) => before !== named);
        if (left.length === this.#references.length) this.#unknown = Math.max(0, this.#unknown - 1);
        this.#references = left;
      }
      if (this.#references.length >= limit) return undefined;
    } else if (this.#references.length >= limit) this.#references = this.#references.slice(1);
    const gone = there.filter((reference) => !this.#references.includes(reference));
    const slides = there.length >= limit ? 1 : 0;
    if (gone.length === slides && (slides === 0 || gone[0] === there[0])) return { markings: undefined };
    const markings = gone.map(({ after = 0 }) => ({ operation: 1, value: ((frameNum - after + size) % size) - 1 }));
    return { markings };
  }
}

/** Whether a picture is an I picture from which decoding may begin, in a stream that counts in a way we can follow. */
export function isRecoveryPicture(slices: readonly Slice[]): boolean {
  return (
    slices.length > 0 &&
    slices.every(
      ({ header, sps }) =>
        header.kind === 'I' && header.reference && !header.idr && header.bottomOrder >= 0 && !sps.gapsAllowed,
    )
  );
}

/**
 * The lists as they are before their modification (8.2.4.2), frames alone. A list ends where it is not known how it goes
 * on: pictures from before the new sequence are older and shown earlier than any known one.
 */
function initialLists(
  references: readonly Reference[],
  header: SliceHeader,
  order: number,
  more: boolean,
): readonly (readonly Reference[])[] {
  if (header.kind === 'I') return [];
  if (header.kind === 'P') return [[...references].reverse()];
  const known = references.filter((reference) => reference.order > Number.NEGATIVE_INFINITY);
  const past = known.filter((reference) => reference.order < order).sort((a, b) => b.order - a.order);
  const future = known.filter((reference) => reference.order > order).sort((a, b) => a.order - b.order);
  const open = more || known.length < references.length;
  if (open) {
    // Behind the past ones there may be more. Lists of more than one entry that are the same are told apart by a swap:
    // with entries on one side alone that depends on what is not known, unless two of them lead.
    if (past.length > 0 && future.length > 0) return [past, [...future, ...past]];
    if (past.length > 1) return [past, swapped(past)];
    return [past, future.length === 1 ? future : []];
  }
  const lists = [
    [...past, ...future],
    [...future, ...past],
  ] as const;
  const equal = lists[0].length > 1 && lists[0].every((reference, at) => lists[1][at] === reference);
  return equal ? [lists[0], swapped(lists[1])] : lists;
}

function swapped(list: readonly Reference[]): Reference[] {
  const [a, b, ...rest] = list;
  return a && b ? [b, a, ...rest] : [...list];
}
