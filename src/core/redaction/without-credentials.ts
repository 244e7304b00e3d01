import { Redactor } from './redactor.ts';

let redactor: Redactor | null = null;

/** A text from outside without what looks like a key, a token or a password, for a log. */
export function withoutCredentials(text: string): string {
  redactor ??= new Redactor({ kinds: [], patterns: [], secrets: [] });
  return redactor.redact(text).text;
}
