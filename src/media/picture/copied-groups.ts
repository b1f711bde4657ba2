import { copiedPlace, packetsOf } from '../plan.js';
import { decodeStart } from './frame-index.js';
import type { PacketCursor } from './packet-cursor.js';
import type { SmartCut } from './smart-picture.js';

/**
 * Compares copied packets of a written file with the source's, byte by byte. A picture whose packets are the same from
 * where its decoding begins is the same picture, which saves decoding the source to see it.
 */
export class CopiedGroups {
  readonly #cut: SmartCut;
  readonly #written: PacketCursor;
  readonly #source: PacketCursor;
  /** Where packets of the source stand in the written file, in decode order; runs by their first packet. */
  readonly #runs: readonly { readonly first: number; readonly last: number; readonly at: number }[];
  /** Up to where packets from a decode start on are known to be equal, or that they are not. */
  readonly #known = new Map<number, number | false>();

  constructor(cut: SmartCut, written: PacketCursor, source: PacketCursor) {
    this.#cut = cut;
    this.#written = written;
    this.#source = source;
    const runs: { first: number; last: number; at: number }[] = [];
    let at = 0;
    for (const span of cut.spans) {
      if (span.kind === 'copy') {
        // What follows left-out packets is a run of its own.
        const split = span.leading > 0 ? 1 : span.count;
        runs.push({ first: span.first, last: copiedPlace(span, split - 1), at });
        if (split < span.count) {
          runs.push({ first: copiedPlace(span, split), last: copiedPlace(span, span.count - 1), at: at + split });
        }
      }
      at += packetsOf(span);
    }
    this.#runs = runs;
  }

  /** @returns false as well where the packets are in no single run, or were changed on their way */
  async equal(place: number): Promise<boolean> {
    const from = decodeStart(this.#cut.index, place);
    const known = this.#known.get(from);
    if (known === false) return false;
    if (known !== undefined && known >= place) return true;
    const run = this.#runs.find(({ first, last }) => from >= first && place <= last);
    const equal = run !== undefined && (await this.#compare(from, place, run.at - run.first));
    this.#known.set(from, equal ? place : false);
    return equal;
  }

  async #compare(from: number, to: number, shift: number): Promise<boolean> {
    if (!(await this.#source.moveTo(from)) || !(await this.#written.moveTo(from + shift))) return false;
    for (let place = from; place <= to; place++) {
      const was = this.#source.next()?.packet.data;
      const is = this.#written.next()?.packet.data;
      if (!was || !is || !was.equals(is)) return false;
    }
    return true;
  }
}
