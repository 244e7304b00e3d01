import type { Changes } from '../../core/neutral/changes.ts';
import type { NeutralChatRequest, NeutralCompletionsRequest } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';

/** Fields of the Messages API that have no other name elsewhere; what the client says of them passes. */
const NATIVE: ReadonlySet<string> = new Set([
  'cache_control',
  'container',
  'context_management',
  'inference_geo',
  'mcp_servers',
  'output_config',
  'speed',
  'stop_sequences',
  'thinking',
]);

/** The fields of a request that the neutral shape has no place for, under this API's names. */
export function restFields(
  { rest, surface, operation }: NeutralChatRequest | NeutralCompletionsRequest,
  changes: Changes,
): JsonObject {
  if (surface === 'mlflow') return rest;
  const fields: JsonObject = {};
  for (const field in rest) {
    const value = rest[field];
    if (operation === 'chat' && NATIVE.has(field)) fields[field] = value;
    else if (field === 'service_tier' && operation === 'chat') serviceTier(value, fields, changes);
    else if (!USER_FIELDS.has(field) && (field === 'web_search_options' || !saysNothing(value))) changes.dropped(field);
  }
  const userId = userIdOf(rest, changes);
  if (userId !== null) fields.metadata = { user_id: userId };
  return fields;
}

/** https://docs.anthropic.com/en/api/service-tiers */
function serviceTier(value: unknown, fields: JsonObject, changes: Changes): void {
  if (value === 'auto' || value === 'standard_only') fields.service_tier = value;
  else if (value === 'default') fields.service_tier = 'standard_only';
  else if (value === 'priority') {
    // Priority capacity is used where there is any.
    fields.service_tier = 'auto';
    changes.approximated('service_tier');
  } else changes.dropped('service_tier');
}

const USER_FIELDS: ReadonlySet<string> = new Set(['metadata', 'safety_identifier', 'user']);

/** Of OpenAI's free-form metadata this API knows the user's id alone, which OpenAI has in fields of its own. */
function userIdOf({ metadata = {}, safety_identifier, user }: JsonObject, changes: Changes): string | null {
  const names = isJsonObject(metadata) ? Object.keys(metadata) : [];
  for (const name of names) if (name !== 'user_id') changes.dropped(`metadata.${name}`);
  if (!isJsonObject(metadata)) changes.dropped('metadata');
  const ids = [
    ['metadata.user_id', isJsonObject(metadata) ? metadata.user_id : undefined],
    ['safety_identifier', safety_identifier],
    ['user', user],
  ] as const;
  let chosen: string | null = null;
  for (const [field, id] of ids) {
    if (typeof id === 'string') chosen ??= id;
    if (id !== undefined && id !== chosen) changes.dropped(field);
  }
  return chosen;
}

/** What a field says that is not there: `"logprobs":false`, `"logit_bias":{}`, `"modalities":["text"]`. */
function saysNothing(value: unknown): boolean {
  if (value === false || value === '') return true;
  if (Array.isArray(value)) return value.length === 0 || (value.length === 1 && value[0] === 'text');
  return isJsonObject(value) && Object.keys(value).length === 0;
}
