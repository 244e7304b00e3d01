import type { Secret } from '../secret.ts';
import { decodeEscapes } from './decoded-view.ts';
import { Detector } from './detector.ts';
import { editStrings } from './json-strings.ts';
import { type PersonalKind, placeholder, type RedactionCounts } from './kinds.ts';
import { findOwn, type OwnPattern } from './own-patterns.ts';
import { isPasswordName, isSecretName } from './secret-names.ts';
import { mergeSpans, type Span } from './spans.ts';

export interface RedactionRules {
  /** Beside credentials, which are always redacted. */
  readonly kinds: readonly PersonalKind[];
  readonly patterns: readonly OwnPattern[];
  /** What the gateway itself was configured with, wherever it stands. */
  readonly secrets: readonly Secret[];
}

export interface Redacted {
  readonly text: string;
  readonly counts: RedactionCounts;
}

/** Texts in texts are read so deep. */
const DEEPEST = 6;
/** A shorter one would be found in words. */
const SHORTEST_SECRET = 6;

/**
 * Takes credentials and personal data out of texts. In JSON the structure stays as it is, to the byte, and so does every
 * text without a find. The time grows with the text, and no faster.
 */
export class Redactor {
  /** Characters looked at so far. */
  steps = 0;
  readonly #rules: RedactionRules;
  readonly #kinds: ReadonlySet<PersonalKind>;
  readonly #patterns: readonly OwnPattern[];
  readonly #secrets: readonly string[];

  constructor(rules: RedactionRules) {
    const { kinds, patterns, secrets } = rules;
    this.#rules = rules;
    this.#kinds = new Set(kinds);
    this.#patterns = patterns;
    const values = new Set(secrets.map((secret) => secret.expose()).filter(({ length }) => length >= SHORTEST_SECRET));
    this.#secrets = [...values].sort((one, other) => other.length - one.length);
  }

  /** The same, with more secrets: those of one request. */
  with(secrets: readonly Secret[]): Redactor {
    return secrets.length === 0
      ? this
      : new Redactor({ ...this.#rules, secrets: [...this.#rules.secrets, ...secrets] });
  }

  /** A body or a part of one: JSON where it begins so, plain text elsewhere. */
  redact(text: string): Redacted {
    const counts: RedactionCounts = {};
    const isJson = /^\s*[[{"]/.test(text);
    return { text: isJson ? this.#json(text, counts, 0) : this.#plain(text, counts), counts };
  }

  /** What stands under a name, such as a tag: a secret by its own look, or because the name says so. */
  member(name: string, value: string): string {
    return this.#value(value, name, {}, 0);
  }

  #json(text: string, counts: RedactionCounts, depth: number): string {
    this.steps += text.length;
    return editStrings(text, {
      value: (value, name) => this.#value(value, name, counts, depth),
      other: (rest) => this.#plain(rest, counts),
    });
  }

  /** A string of JSON; `name` is that of the member it belongs to. */
  #value(value: string, name: string, counts: RedactionCounts, depth: number): string {
    if (isTelling(value) && (isSecretName(name) || isPasswordName(name))) {
      const kind = isPasswordName(name) ? 'password' : 'api_key';
      counts[kind] = (counts[kind] ?? 0) + 1;
      return placeholder(kind);
    }
    this.steps += value.length;
    if (depth < DEEPEST && isJsonText(value)) return this.#json(value, counts, depth + 1);
    return this.#plain(value, counts);
  }

  #plain(text: string, counts: RedactionCounts): string {
    const spans: Span[] = [];
    this.#find(text, null, spans);
    let view = decodeEscapes(text);
    let places: Uint32Array | null = null;
    for (let layer = 0; view !== null && layer < DEEPEST; layer++) {
      this.steps += text.length;
      places = places === null ? view.places : composed(view.places, places);
      this.#find(view.text, places, spans);
      view = decodeEscapes(view.text);
    }
    return replaceSpans(text, mergeSpans(spans), counts);
  }

  #find(text: string, places: Uint32Array | null, spans: Span[]): void {
    const detector = new Detector(text, this.#kinds);
    const found = [...detector.run(), ...findLiterals(text, this.#secrets)];
    this.steps += detector.steps + this.#secrets.length * text.length;
    for (const pattern of this.#patterns) found.push(...findOwn(text, pattern));
    for (const { start, end, kind } of found) {
      spans.push(places === null ? { start, end, kind } : { start: places[start] ?? 0, end: places[end] ?? 0, kind });
    }
  }
}

function composed(inner: Uint32Array, outer: Uint32Array): Uint32Array {
  return inner.map((place) => outer[place] ?? 0);
}

function findLiterals(text: string, literals: readonly string[]): Span[] {
  const spans: Span[] = [];
  for (const literal of literals) {
    for (let start = text.indexOf(literal); start >= 0; start = text.indexOf(literal, start + literal.length)) {
      spans.push({ start, end: start + literal.length, kind: 'secret' });
    }
  }
  return spans;
}

function replaceSpans(text: string, spans: readonly Span[], counts: RedactionCounts): string {
  if (spans.length === 0) return text;
  const parts: string[] = [];
  let last = 0;
  for (const { start, end, kind } of spans) {
    parts.push(text.slice(last, start), placeholder(kind));
    counts[kind] = (counts[kind] ?? 0) + 1;
    last = end;
  }
  parts.push(text.slice(last));
  return parts.join('');
}

/** Could be a key or a password: one word, with a digit or a sign in it. */
function isTelling(value: string): boolean {
  return value.length >= 6 && value.length <= 4096 && !/\s/.test(value) && /[\d!@#$%^*?+=~]/.test(value);
}

/** Whether the text of a string is JSON of its own, as the arguments of tool calls are. */
function isJsonText(value: string): boolean {
  if (!/^\s*[[{]/.test(value)) return false;
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}
