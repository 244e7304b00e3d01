import { GatewayError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';

/** A field that is wrong, nearly in the words of Google's own errors. `path` is like `contents[0].parts[1].text`. */
export function invalidType(path: string, expected: string, value: unknown): GatewayError {
  return invalid(`Invalid value at '${path}': expected ${expected}, but got ${kind(value)}.`, path);
}

export function missing(path: string): GatewayError {
  return invalid(`${path} is not specified.`, path);
}

export function invalid(message: string, path: string): GatewayError {
  return new GatewayError('invalid_request', message, { parameter: path });
}

function kind(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/**
 * An object with its members under their lower camel-case names. Like every API of Google's this one takes the names of
 * the protocol buffers too: `system_instruction`. https://protobuf.dev/programming-guides/json/
 */
export function camelKeys(object: JsonObject): JsonObject {
  for (const field in object) if (field.includes('_')) return renamed(object);
  return object;
}

function renamed(object: JsonObject): JsonObject {
  const copy: JsonObject = {};
  for (const field in object) {
    copy[field.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())] = object[field];
  }
  return copy;
}

/** The members that were given: null counts as absent. */
export function* members(object: JsonObject): Generator<readonly [field: string, value: unknown]> {
  for (const field in object) {
    const value = object[field];
    if (value !== null && value !== undefined) yield [field, value];
  }
}

export function objectAt(value: unknown, path: string): JsonObject {
  if (!isJsonObject(value)) throw invalidType(path, 'an object', value);
  return camelKeys(value);
}

/** Null counts as absent. */
export function optionalObject(value: unknown, path: string): JsonObject | undefined {
  return value === undefined || value === null ? undefined : objectAt(value, path);
}

/** The API takes one value where it has a list of them. */
export function listAt(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

export function stringAt(value: unknown, path: string): string {
  if (typeof value !== 'string') throw invalidType(path, 'a string', value);
  return value;
}

export function optionalString(value: unknown, path: string): string | undefined {
  return value === undefined || value === null ? undefined : stringAt(value, path);
}

/** The members of an object that are not among `known`; undefined when there are none. */
export function otherFields(object: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  let rest: JsonObject | undefined;
  for (const [field, value] of members(object)) {
    if (known.has(field)) continue;
    rest ??= {};
    rest[field] = value;
  }
  return rest;
}
