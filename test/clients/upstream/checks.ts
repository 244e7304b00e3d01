import { isJsonObject, type JsonObject } from '../../../src/core/types.ts';
import { Refusal } from './script.ts';

/** How a vendor words its complaint about a field that it does not know. */
export type Complaint = (path: string, field: string) => string;

/** Refuses fields that are not among the known ones (separated by blanks). */
export class Strict {
  readonly #complaint: Complaint;

  constructor(complaint: Complaint) {
    this.#complaint = complaint;
  }

  object(value: unknown, path: string, known: string): JsonObject {
    if (!isJsonObject(value)) throw new Refusal(400, `${path || 'The body'} must be an object.`);
    const names = wordsOf(known);
    for (const field of Object.keys(value)) {
      if (!names.has(field)) throw new Refusal(400, this.#complaint(path, field));
    }
    return value;
  }
}

const cache = new Map<string, ReadonlySet<string>>();

function wordsOf(text: string): ReadonlySet<string> {
  const words = cache.get(text) ?? new Set(text.split(/\s+/));
  cache.set(text, words);
  return words;
}

export function list(value: unknown, path: string): unknown[] {
  if (!Array.isArray(value)) throw new Refusal(400, `${path} must be a list.`);
  return value;
}

export function text(value: unknown, path: string): string {
  if (typeof value !== 'string') throw new Refusal(400, `${path} must be a string.`);
  return value;
}

export function oneOf(value: unknown, path: string, allowed: string): string {
  if (typeof value !== 'string' || !wordsOf(allowed).has(value)) {
    throw new Refusal(400, `Invalid value at ${path}: ${JSON.stringify(value)}. Supported values are: ${allowed}.`);
  }
  return value;
}

export function range(value: unknown, path: string, low: number, high: number): void {
  if (value === undefined) return;
  if (typeof value !== 'number' || value < low || value > high)
    throw new Refusal(400, `${path} must be a number from ${low} to ${high}, and is ${JSON.stringify(value)}.`);
}

/** `{` … `}` of a data URL or plain base64. */
export function base64Size(data: string, path: string): number {
  if (data === '' || !/^[A-Za-z0-9+/]*={0,2}$/.test(data)) throw new Refusal(400, `${path} is not base64.`);
  return Buffer.from(data, 'base64').length;
}

/** JSON Schema of a tool: it must be one for an object. */
export function objectSchema(value: unknown, path: string): JsonObject {
  if (!isJsonObject(value) || value.type !== 'object') {
    throw new Refusal(400, `${path}.type: Input should be 'object'.`);
  }
  return value;
}
