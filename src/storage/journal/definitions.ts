/** A text that plain records name. */
export interface DefinitionEntry {
  readonly text: string;
  /** What its reader has made of it, to be kept as long as the segment is read. */
  parsed: unknown;
}

/** The definitions of one segment, by their numbers. The number 0 says nothing: an empty text. */
export class Definitions {
  readonly #entries: DefinitionEntry[] = [{ text: '', parsed: undefined }];

  add(text: string): void {
    this.#entries.push({ text, parsed: undefined });
  }

  has(number: number): boolean {
    return number >= 0 && number < this.#entries.length;
  }

  text(number: number): string {
    return this.entry(number).text;
  }

  entry(number: number): DefinitionEntry {
    const entry = this.#entries[number];
    if (entry === undefined) throw new Error(`the segment has no definition ${number}`);
    return entry;
  }
}
