import { createHash } from 'node:crypto';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import { type EncodingContext, saysNothing } from './context.ts';

/** What every server of this API knows, or passes over. https://platform.openai.com/docs/api-reference/chat/create */
const COMMON: ReadonlySet<string> = new Set(['logit_bias', 'logprobs', 'seed', 'top_logprobs', 'user']);

/** What OpenAI's own knows beyond that. */
const OPENAI: ReadonlySet<string> = new Set([
  'audio',
  'modalities',
  'prediction',
  'prompt_cache_key',
  'prompt_cache_retention',
  'safety_identifier',
  'store',
  'tool_choice',
  'verbosity',
  'web_search_options',
]);

/** Asked for by an empty object. */
const SEARCH = 'web_search_options';

/** The longest name of a user that OpenAI's API takes. */
const LONGEST_USER = 64;

/** The fields of a request that the neutral shape has no place for. */
export function restFields(rest: JsonObject, context: EncodingContext): JsonObject {
  const { takes, changes } = context;
  if (takes('unknown')) return rest;
  const fields: JsonObject = {};
  for (const field in rest) {
    const value = rest[field];
    if (COMMON.has(field)) fields[field] = value;
    else if (saysNothing(value) && field !== SEARCH) continue;
    else if (OPENAI.has(field) && takes('openai')) fields[field] = value;
    else if (field === 'metadata') userOf(value, fields, context);
    else if (field === 'service_tier' && takes('openai'))
      fields.service_tier = value === 'standard_only' ? 'default' : value;
    else changes.dropped(field);
  }
  return fields;
}

/** Of the metadata other APIs know the user's id, which this one has in a field of its own. */
function userOf(metadata: unknown, fields: JsonObject, { changes }: EncodingContext): void {
  if (!isJsonObject(metadata)) return changes.dropped('metadata');
  for (const name in metadata) {
    const value = metadata[name];
    if (name !== 'user_id' || typeof value !== 'string') changes.dropped(`metadata.${name}`);
    else if (value.length <= LONGEST_USER) fields.user ??= value;
    else {
      changes.approximated('metadata.user_id');
      fields.user ??= createHash('sha256').update(value).digest('hex');
    }
  }
}
