/**
 * What a conversion could not carry over. It is named in the answer's `x-sluice-changed` header; an endpoint with
 * `strict: true` refuses the request instead.
 */
export class Changes {
  readonly #entries = new Set<string>();

  /** `field` is the path in the client's body, such as `seed` or `messages.2.name`. */
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
    return this.#entries.size === 0;
  }

  /** For example `seed;dropped, temperature;clamped`: always fit to stand in a header. */
  toString(): string {
    return [...this.#entries].join(', ');
  }

  #add(field: string, what: string): void {
    // Names of fields come from clients: what would break a header, or look like another entry, is percent-encoded.
    const name = PLAIN.test(field) ? field : field.toWellFormed().replace(ODD, encodeURIComponent);
    this.#entries.add(`${name};${what}`);
  }
}

const PLAIN = /^[\w.$@/:*[\]-]*$/;
const ODD = /[^\w.$@/:*[\]-]+/g;
