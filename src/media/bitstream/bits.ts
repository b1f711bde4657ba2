// Bit-wise reading and writing, as all codecs' headers need it. Pure: no I/O.

/** Reads bits from the most significant one of each byte; beyond the end it reads zeros and says {@link ended}. */
export class BitReader {
  #at = 0;
  constructor(readonly data: Uint8Array) {}

  /** Bits read so far. */
  get position(): number {
    return this.#at;
  }

  get ended(): boolean {
    return this.#at > this.data.length * 8;
  }

  /** @param count 0 to 32 */
  read(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++, this.#at++) {
      value = value * 2 + (((this.data[this.#at >> 3] ?? 0) >> (7 - (this.#at & 7))) & 1);
    }
    return value;
  }

  /** Exp-Golomb code, unsigned (H.264 9.1). */
  ue(): number {
    let zeros = 0;
    while (this.read(1) === 0 && zeros < 32 && !this.ended) zeros++;
    return 2 ** zeros - 1 + this.read(zeros);
  }

  /** Exp-Golomb code, signed (H.264 9.1.1). */
  se(): number {
    const value = this.ue();
    return value % 2 === 1 ? (value + 1) / 2 : -value / 2;
  }
}

/** Writes bits from the most significant one of each byte. */
export class BitWriter {
  readonly #bytes: number[] = [];
  #bits = 0;

  /** Bits written so far. */
  get position(): number {
    return this.#bits;
  }

  /** @param count 0 to 32 */
  write(value: number, count: number): void {
    for (let i = count - 1; i >= 0; i--) {
      if ((this.#bits & 7) === 0) this.#bytes.push(0);
      const bit = Math.floor(value / 2 ** i) & 1;
      const last = this.#bytes.length - 1;
      this.#bytes[last] = (this.#bytes[last] ?? 0) | (bit << (7 - (this.#bits & 7)));
      this.#bits++;
    }
  }

  /** Exp-Golomb code, unsigned (H.264 9.1). */
  ue(value: number): void {
    const length = Math.floor(Math.log2(value + 1));
    this.write(0, length);
    this.write(value + 1, length + 1);
  }

  /** What was written, filled up with zeros to a whole byte. */
  bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}
