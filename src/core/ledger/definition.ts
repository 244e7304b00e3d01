/**
 * A text that many plain records share. Each segment of the journal has it once, before the first record that uses it, and
 * the records have its number.
 */
export class Definition {
  /** Members of a record, each with a comma before it, or the random part of ids. */
  readonly text: string;
  /** In which use of a segment it was written last, and its number there: for the writer of the journal alone. */
  use = 0;
  number = 0;

  constructor(text: string) {
    this.text = text;
  }
}

const MOST_KEPT = 2000;
/** What a body says may be longer; that is not kept. */
const LONGEST_KEPT = 1024;

/** The definitions of texts that come again and again, and are not kept by whoever made them. */
export class DefinitionCache {
  readonly #kept = new Map<string, Definition>();

  get size(): number {
    return this.#kept.size;
  }

  of(text: string): Definition {
    const known = this.#kept.get(text);
    if (known !== undefined) return known;
    const definition = new Definition(text);
    if (text.length > LONGEST_KEPT) return definition;
    // What is in use comes back soon, and no list of what was used last has to be kept up.
    if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
    this.#kept.set(text, definition);
    return definition;
  }
}
