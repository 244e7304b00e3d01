import type { RequestPath } from '../dialect.ts';

/**
 * How the chunks of a stream are told apart: as server-sent events where the client asks for `alt=sse`, else as the
 * elements of one JSON list. JSON in and text out are Latin-1.
 */
export class Framing {
  readonly #isList: boolean;
  #isEmpty = true;

  constructor({ framing }: RequestPath) {
    this.#isList = framing === 'json-list';
  }

  get isList(): boolean {
    return this.#isList;
  }

  chunk(json: string): string {
    if (!this.#isList) return `data: ${json}\n\n`;
    const separator = this.#isEmpty ? '[' : ',\n';
    this.#isEmpty = false;
    return separator + json;
  }

  end(): string {
    if (!this.#isList) return '';
    return this.#isEmpty ? '[]' : ']';
  }
}
