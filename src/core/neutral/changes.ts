/** Names a field of the neutral shape in the client's own terms. */
export type FieldNames = (field: string) => string;

interface Entry {
  readonly field: string;
  readonly what: string;
}

/**
 * What a conversion could not carry over. It is named in the answer's `x-sluice-changed` header; an endpoint with
 * `strict: true` refuses the request instead.
 */
export class Changes {
  readonly #entries: Entry[] = [];

  /**
   * `field` is a path in the terms of OpenAI's chat API, with the neutral request's positions: `seed`,
   * `messages.2.content.0.cache_control`, `messages.1.tool_calls.0`, `tools.3.function.strict`.
   */
  dropped(field: string): void {
    this.#add(field, 'dropped');
  }

  /** The value was moved into the range that the provider's API allows. */
  clamped(field: string): void {
    this.#add(field, 'clamped');
  }

  /** Carried in another form than the client chose, for example a JSON schema as an instruction. */
  approximated(field: string): void {
    this.#add(field, 'approximated');
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** For example `seed;dropped, temperature;clamped`: always fit to stand in a header. Each change is named once. */
  toString(names: FieldNames = asTheyAre): string {
    return [...new Set(this.#entries.map(({ field, what }) => `${fitForHeader(names(field))};${what}`))].join(', ');
  }

  #add(field: string, what: string): void {
    this.#entries.push({ field, what });
  }
}

const asTheyAre: FieldNames = (field) => field;

/** Names of fields come from clients: what would break a header, or look like another entry, is percent-encoded. */
function fitForHeader(field: string): string {
  return PLAIN.test(field) ? field : field.toWellFormed().replace(ODD, encodeURIComponent);
}

const PLAIN = /^[\w.$@/:*[\]-]*$/;
const ODD = /[^\w.$@/:*[\]-]+/g;
