import { inspect } from 'node:util';

/**
 * A value that must never be printed. Every way to print it gives `***`; only `expose()` gives the value, so a search
 * for `expose(` finds each place where a secret leaves the type.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  expose(): string {
    return this.#value;
  }

  toString(): string {
    return '***';
  }

  toJSON(): string {
    return '***';
  }

  [inspect.custom](): string {
    return '***';
  }
}

/** Replaces every occurrence of the secrets in a text that came from outside, such as an upstream's error message. */
export function scrub(text: string, secrets: readonly Secret[]): string {
  let clean = text;
  for (const secret of secrets) {
    const value = secret.expose();
    if (value.length >= 4 && clean.includes(value)) clean = clean.replaceAll(value, '***');
  }
  return clean;
}
