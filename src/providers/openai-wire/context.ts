import type { Changes } from '../../core/neutral/changes.ts';
import type { JsonObject } from '../../core/types.ts';
import type { OpenAIExtension } from '../provider.ts';

/** What writing one request needs to know of its target, and where it notes what is lost. */
export interface EncodingContext {
  takes(extension: OpenAIExtension): boolean;
  /** Whether the model thinks, so that it may be told how much. */
  readonly takesEffort: boolean;
  /** The effort that comes next to no thinking at all. */
  readonly leastEffort: string;
  readonly changes: Changes;
}

/** The cache mark and the unknown fields of a part or a tool, as far as the target takes them. */
export function extras(
  { cacheControl, rest }: { readonly cacheControl?: JsonObject; readonly rest?: JsonObject },
  path: string,
  { takes, changes }: EncodingContext,
): JsonObject {
  if (cacheControl === undefined && rest === undefined) return NOTHING;
  const fields: JsonObject = {};
  if (cacheControl !== undefined) {
    if (takes('cache_control')) fields.cache_control = cacheControl;
    else changes.dropped(`${path}.cache_control`);
  }
  for (const field in rest) {
    if (takes('unknown')) fields[field] = rest[field];
    else if (!saysNothing(rest[field])) changes.dropped(`${path}.${field}`);
  }
  return fields;
}

const NOTHING: JsonObject = {};

/** What a field says that is not there: `null`, `false`, `""`, `[]`, `{}`. */
export function saysNothing(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
