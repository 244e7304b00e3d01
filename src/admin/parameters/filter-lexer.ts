/** Part of a term, with its place in the query. */
export interface Piece {
  readonly text: string;
  /** It stood in quotes, so that nothing in it has a meaning of its own. */
  readonly quoted: boolean;
  readonly start: number;
  readonly end: number;
}

/** One term of a query, not yet understood. */
export interface Term {
  readonly negated: boolean;
  /** Before the colon; null for text that is looked for everywhere. */
  readonly field: Piece | null;
  readonly operator: '<' | '<=' | '>' | '>=' | null;
  readonly values: readonly Piece[];
  readonly start: number;
  readonly end: number;
}

/** A query, or a term of it, that cannot be read. Places are in characters. */
export class FilterError extends Error {
  readonly hint: string;
  readonly start: number;
  readonly end: number;

  constructor(message: string, hint: string, place: { readonly start: number; readonly end: number }) {
    super(message);
    this.name = 'FilterError';
    this.hint = hint;
    this.start = place.start;
    this.end = place.end;
  }
}

const SPACE = /\s/;
const NAME = /[A-Za-z][\w.-]*:/y;
/** Of tags, whose names may hold more, quotes included. */
const TAG_NAME = /(?:tag|meta)[.:]/y;
const OPERATOR = /[<>]=?/y;

/** Cuts a query into terms. Throws a FilterError where a quote has no end. */
export function readTerms(query: string): readonly Term[] {
  return new Lexer(query).terms();
}

class Lexer {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  terms(): readonly Term[] {
    const terms: Term[] = [];
    for (;;) {
      while (this.#at < this.#text.length && SPACE.test(this.#text.charAt(this.#at))) this.#at++;
      if (this.#at >= this.#text.length) return terms;
      terms.push(this.#term());
    }
  }

  #term(): Term {
    const start = this.#at;
    const negated = this.#text.charAt(start) === '-' && /\S/.test(this.#text.charAt(start + 1));
    if (negated) this.#at++;
    const field = this.#field();
    const operator = field === null ? null : this.#operator();
    const values = field === null ? [this.#value(false)] : this.#values();
    return { negated, field, operator, values, start, end: this.#at };
  }

  /** The name and its colon; nothing is taken where there is none. */
  #field(): Piece | null {
    const start = this.#at;
    const tag = this.#match(TAG_NAME);
    if (tag !== null) {
      const name = this.#tagName();
      if (name !== null) return { text: `tag.${name}`, quoted: false, start, end: this.#at - 1 };
      this.#at = start;
    }
    const name = this.#match(NAME);
    return name === null ? null : { text: name.slice(0, -1), quoted: false, start, end: this.#at - 1 };
  }

  #tagName(): string | null {
    if (this.#text.charAt(this.#at) === '"') {
      const { text } = this.#quoted();
      return this.#text.charAt(this.#at++) === ':' ? text : null;
    }
    const start = this.#at;
    while (this.#at < this.#text.length && !/[\s:"]/.test(this.#text.charAt(this.#at))) this.#at++;
    return this.#text.charAt(this.#at++) === ':' ? this.#text.slice(start, this.#at - 1) : null;
  }

  #operator(): Term['operator'] {
    return this.#match(OPERATOR) as Term['operator'];
  }

  #values(): Piece[] {
    const values = [this.#value(true)];
    while (this.#text.charAt(this.#at) === ',') {
      this.#at++;
      values.push(this.#value(true));
    }
    return values;
  }

  #value(endsAtComma: boolean): Piece {
    if (this.#text.charAt(this.#at) === '"') return this.#quoted();
    const start = this.#at;
    while (this.#at < this.#text.length) {
      const character = this.#text.charAt(this.#at);
      if (SPACE.test(character) || (endsAtComma && character === ',')) break;
      this.#at++;
    }
    return { text: this.#text.slice(start, this.#at), quoted: false, start, end: this.#at };
  }

  /** Between quotes; `\"` and `\\` stand for themselves. */
  #quoted(): Piece {
    const start = this.#at++;
    let text = '';
    for (;;) {
      const character = this.#text.charAt(this.#at);
      if (character === '') {
        throw new FilterError('A quote has no end.', 'close it with "', { start, end: this.#text.length });
      }
      this.#at++;
      if (character === '"') return { text, quoted: true, start, end: this.#at };
      const next = this.#text.charAt(this.#at);
      if (character === '\\' && (next === '"' || next === '\\')) {
        text += next;
        this.#at++;
      } else {
        text += character;
      }
    }
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? null;
    if (found !== null) this.#at += found.length;
    return found;
  }
}
