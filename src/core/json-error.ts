export interface JsonSyntaxError {
  /** Index into the text, in UTF-16 units. */
  readonly position: number;
  /** In the words of Python's `json` module, which MLflow's clients know. */
  readonly message: string;
}

/**
 * Says where and why a text is no JSON. `JSON.parse` gives no position, so this walks the text again; it runs only
 * after `JSON.parse` has refused it.
 */
export function locateJsonError(text: string): JsonSyntaxError {
  const walker = new Walker(text);
  try {
    walker.document();
  } catch (error) {
    if (error instanceof Stop) return { position: error.position, message: error.message };
    throw error;
  }
  return { position: 0, message: 'Expecting value' };
}

class Stop extends Error {
  readonly position: number;

  constructor(message: string, position: number) {
    super(message);
    this.position = position;
  }
}

const LITERAL = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
/** Deeper texts are refused by the engine's own parser first; the bound keeps this walk off the stack's end. */
const DEEPEST = 5000;

class Walker {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): void {
    this.#value();
    this.#space();
    if (this.#at < this.#text.length) throw new Stop('Extra data', this.#at);
  }

  #space(): void {
    while (' \t\n\r'.includes(this.#text[this.#at] ?? 'end')) this.#at += 1;
  }

  #value(): void {
    this.#space();
    const first = this.#text[this.#at];
    if (first === '"') return this.#string();
    if (first === '{' || first === '[') {
      this.#depth += 1;
      if (this.#depth > DEEPEST) throw new Stop('Too deeply nested', this.#at);
      if (first === '{') this.#object();
      else this.#array();
      this.#depth -= 1;
      return;
    }
    LITERAL.lastIndex = this.#at;
    if (!LITERAL.test(this.#text)) throw new Stop('Expecting value', this.#at);
    this.#at = LITERAL.lastIndex;
  }

  #object(): void {
    this.#at += 1;
    this.#space();
    if (this.#text[this.#at] === '}') {
      this.#at += 1;
      return;
    }
    for (;;) {
      if (this.#text[this.#at] !== '"') throw new Stop('Expecting property name enclosed in double quotes', this.#at);
      this.#string();
      this.#space();
      if (this.#text[this.#at] !== ':') throw new Stop("Expecting ':' delimiter", this.#at);
      this.#at += 1;
      this.#value();
      if (this.#separator('}')) return;
      this.#space();
    }
  }

  #array(): void {
    this.#at += 1;
    this.#space();
    if (this.#text[this.#at] === ']') {
      this.#at += 1;
      return;
    }
    for (;;) {
      this.#value();
      if (this.#separator(']')) return;
    }
  }

  /** True when the closing mark came, false after a comma. */
  #separator(close: string): boolean {
    this.#space();
    const mark = this.#text[this.#at];
    if (mark !== close && mark !== ',') throw new Stop("Expecting ',' delimiter", this.#at);
    this.#at += 1;
    return mark === close;
  }

  #string(): void {
    const start = this.#at;
    this.#at += 1;
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (Number.isNaN(code)) throw new Stop('Unterminated string starting at', start);
      if (code < 0x20) throw new Stop('Invalid control character at', this.#at);
      if (code === 0x22) break;
      if (code === 0x5c) this.#escape();
      else this.#at += 1;
    }
    this.#at += 1;
  }

  #escape(): void {
    ESCAPE.lastIndex = this.#at;
    if (!ESCAPE.test(this.#text)) throw new Stop('Invalid \\escape', this.#at);
    this.#at = ESCAPE.lastIndex;
  }
}
