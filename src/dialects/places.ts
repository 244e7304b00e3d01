/**
 * Where each part, message and tool of a neutral request stands in the client's body. Decoders fill it in only when they
 * are asked to, which is when something must be named.
 */
export class Places {
  readonly #places = new WeakMap<object, string>();

  /** `path` is as the dialect's own errors have it: `input[2].content[0]` or `messages.2.content.0`. */
  mark(value: object, path: string): void {
    this.#places.set(value, path.replaceAll('[', '.').replaceAll(']', ''));
  }

  /** A value takes the place of another one that it was made of. */
  move(from: object, to: object): void {
    const path = this.#places.get(from);
    if (path !== undefined) this.#places.set(to, path);
  }

  of(value: object | undefined): string | undefined {
    return value === undefined ? undefined : this.#places.get(value);
  }
}

/** Marks where it is wanted. */
export function marked<T extends object>(value: T, path: string, places: Places | null): T {
  places?.mark(value, path);
  return value;
}
