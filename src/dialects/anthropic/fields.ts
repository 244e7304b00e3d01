import { GatewayError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';

/** A field that is wrong, in the words of Anthropic's own errors. `path` is like `messages.0.content`. */
export function invalid(path: string, message: string): GatewayError {
  return new GatewayError('invalid_request', `${path}: ${message}`, { parameter: path });
}

export function missing(path: string): GatewayError {
  return invalid(path, 'Field required');
}

export function invalidType(path: string, expected: string): GatewayError {
  return invalid(path, `Input should be ${expected}`);
}

export function requiredString(object: JsonObject, field: string, path: string): string {
  const value = object[field];
  if (value === undefined || value === null) throw missing(`${path}.${field}`);
  if (typeof value !== 'string') throw invalidType(`${path}.${field}`, 'a valid string');
  return value;
}

/** Null counts as absent. */
export function optionalString(object: JsonObject, field: string, path: string): string | undefined {
  const value = object[field];
  return value === undefined || value === null ? undefined : requiredString(object, field, path);
}

export function optionalBoolean(object: JsonObject, field: string, path: string): boolean | undefined {
  const value = object[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean') throw invalidType(`${path}.${field}`, 'a valid boolean');
  return value;
}

export function requiredObject(object: JsonObject, field: string, path: string): JsonObject {
  const value = object[field];
  if (value === undefined || value === null) throw missing(`${path}.${field}`);
  return objectAt(value, `${path}.${field}`);
}

export function optionalObject(object: JsonObject, field: string, path: string): JsonObject | undefined {
  const value = object[field];
  return value === undefined || value === null ? undefined : objectAt(value, `${path}.${field}`);
}

export function objectAt(value: unknown, path: string): JsonObject {
  if (!isJsonObject(value)) throw invalidType(path, 'a valid dictionary');
  return value;
}

export function listAt(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) throw invalidType(path, 'a valid list');
  return value;
}
