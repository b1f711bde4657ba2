// Lists of numbers that grow: hundreds of thousands of them take a fraction of the memory of an array's.

const FIRST = 1024;

/** Words of 32 bits as the format has them, big-endian; negative ones as two's complement. */
export class WordList {
  #bytes = Buffer.alloc(FIRST * 4);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(value: number): void {
    if (this.#length * 4 === this.#bytes.length) {
      const larger = Buffer.alloc(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.writeUInt32BE(value >>> 0, this.#length++ * 4);
  }

  /** The words; they are the list's own bytes. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length * 4);
  }
}

/** Numbers of any kind. */
export class NumberList {
  #values = new Float64Array(FIRST);
  #length = 0;

  add(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Float64Array(this.#values.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
  }

  /** Adds to the last number. */
  increase(value: number): void {
    const last = this.#length - 1;
    this.#values[last] = (this.#values[last] ?? 0) + value;
  }

  get last(): number | undefined {
    return this.#length > 0 ? this.#values[this.#length - 1] : undefined;
  }

  /** A copy, of the length that it has. */
  values(): Float64Array {
    return this.#values.slice(0, this.#length);
  }
}
