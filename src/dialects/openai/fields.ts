import { GatewayError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';

/** A field of another type than the API has, in the words of OpenAI's own errors. `path` is like `messages[0].content`. */
export function invalidType(path: string, expected: string, value: unknown): GatewayError {
  return invalid(`Invalid type for '${path}': expected ${expected}, but got ${kind(value)} instead.`, path);
}

export function missing(path: string): GatewayError {
  return invalid(`Missing required parameter: '${path}'.`, path);
}

export function invalid(message: string, path: string): GatewayError {
  return new GatewayError('invalid_request', message, { parameter: path });
}

function kind(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'number') return Number.isInteger(value) ? 'an integer' : 'a decimal';
  return `a ${typeof value}`;
}

/** Null counts as absent, as it does everywhere in this API. */
export function optionalString(value: unknown, path: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw invalidType(path, 'a string', value);
  return value;
}

export function optionalBoolean(value: unknown, path: string): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean') throw invalidType(path, 'a boolean', value);
  return value;
}

export function optionalObject(value: unknown, path: string): JsonObject | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isJsonObject(value)) throw invalidType(path, 'an object', value);
  return value;
}

/** Sets a field by any name, `__proto__` too, which a plain assignment would swallow. */
export function setField(target: JsonObject, field: string, value: unknown): void {
  if (field === '__proto__') {
    Object.defineProperty(target, field, { value, enumerable: true, writable: true, configurable: true });
  } else {
    target[field] = value;
  }
}

/** The fields of an object that are not among `known`, without nulls; undefined when there are none. */
export function otherFields(object: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  let rest: JsonObject | undefined;
  for (const field in object) {
    const value = object[field];
    if (known.has(field) || value === null) continue;
    rest ??= {};
    setField(rest, field, value);
  }
  return rest;
}

/**
 * The unknown fields of an object and of the one inside it (`image_url` in a part, `function` in a tool) as one bag. An
 * inner field whose name the outer object has too is kept as `<inner>.<field>`.
 */
export function otherFieldsOfBoth(
  outer: JsonObject,
  knownOuter: ReadonlySet<string>,
  innerName: string,
  inner: JsonObject,
  knownInner: ReadonlySet<string>,
): JsonObject | undefined {
  const rest = otherFields(outer, knownOuter);
  const innerRest = otherFields(inner, knownInner);
  if (!rest || !innerRest) return rest ?? innerRest;
  for (const field in innerRest) {
    setField(rest, Object.hasOwn(rest, field) ? `${innerName}.${field}` : field, innerRest[field]);
  }
  return rest;
}
