/**
 * What the requests can be filtered by, and as what it is compared. Durations are milliseconds, money is a decimal of US
 * dollars as text, `outcome` one of `OUTCOMES`.
 */
export const FILTER_FIELDS = {
  id: 'text',
  node: 'text',
  surface: 'text',
  operation: 'text',
  endpoint: 'text',
  route: 'text',
  provider: 'text',
  model: 'text',
  served_model: 'text',
  status: 'number',
  outcome: 'text',
  error_code: 'text',
  error_message: 'text',
  finish_reason: 'text',
  stream: 'flag',
  client_closed: 'flag',
  key: 'text',
  user: 'text',
  team: 'text',
  address: 'text',
  user_agent: 'text',
  trace_id: 'text',
  service_tier: 'text',
  changes: 'text',
  usage_source: 'text',
  attempts: 'number',
  duration: 'number',
  first_token: 'number',
  overhead: 'number',
  tokens_per_second: 'number',
  input: 'number',
  cache_read: 'number',
  cache_write: 'number',
  cache_write_long: 'number',
  input_audio: 'number',
  input_image: 'number',
  output: 'number',
  reasoning: 'number',
  output_audio: 'number',
  output_image: 'number',
  /** All buckets of what was read, as OpenAI's `prompt_tokens`. */
  prompt_tokens: 'number',
  /** All buckets of what was written, as OpenAI's `completion_tokens`. */
  completion_tokens: 'number',
  cost: 'money',
  request_bytes: 'number',
  response_bytes: 'number',
  /** Texts of the request were kept. */
  payload: 'flag',
  /** Its cost is not known, though it used something. */
  unpriced: 'flag',
} as const satisfies Record<string, 'text' | 'number' | 'money' | 'flag'>;

export type FieldName = keyof typeof FILTER_FIELDS;

/** A column, or a tag by its name. */
export type FilterField = FieldName | `tag:${string}`;

export type FilterValue = string | number | boolean;

/** A condition on requests, already parsed and checked. A field without a value fails each comparison. */
export type Filter =
  /** All of them; without any, every request. */
  | { readonly kind: 'all'; readonly filters: readonly Filter[] }
  | { readonly kind: 'any'; readonly filters: readonly Filter[] }
  | { readonly kind: 'not'; readonly filter: Filter }
  | { readonly kind: 'equals'; readonly field: FilterField; readonly values: readonly FilterValue[] }
  | {
      readonly kind: 'compare';
      readonly field: FilterField;
      readonly operator: '<' | '<=' | '>' | '>=';
      /** A decimal for money. */
      readonly value: string | number;
    }
  | { readonly kind: 'prefix'; readonly field: FilterField; readonly prefix: string }
  /** The field has a value. */
  | { readonly kind: 'present'; readonly field: FilterField }
  /** Somewhere in ids, names, tags, the error, and the texts that were kept. Case of ASCII letters does not matter. */
  | { readonly kind: 'text'; readonly text: string };

export const EVERYTHING: Filter = { kind: 'all', filters: [] };

export function tagOf(field: FilterField): string | null {
  return field.startsWith('tag:') ? field.slice('tag:'.length) : null;
}

/** True for every field that a filter may name. */
export function isFilterField(name: string): name is FilterField {
  return Object.hasOwn(FILTER_FIELDS, name) || (name.startsWith('tag:') && name.length > 'tag:'.length);
}
