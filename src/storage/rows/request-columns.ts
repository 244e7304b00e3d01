import type { Column } from '../database/database.ts';

/**
 * The columns of `requests`. Durations are microseconds, money picodollars, `outcome` the place in `OUTCOMES`. Tokens are
 * null where nobody counted. The first ones are what roll-ups are made of.
 */
export const REQUEST_COLUMNS = [
  { name: 'id', type: 'text' },
  { name: 'time', type: 'bigint' },
  { name: 'surface', type: 'text' },
  { name: 'endpoint', type: 'text' },
  { name: 'provider', type: 'text' },
  { name: 'model', type: 'text' },
  { name: 'key_name', type: 'text' },
  { name: 'user_name', type: 'text' },
  { name: 'team', type: 'text' },
  { name: 'tags', type: 'text' },
  { name: 'outcome', type: 'integer' },
  { name: 'flags', type: 'integer' },
  { name: 'duration', type: 'bigint' },
  { name: 'first_token', type: 'bigint' },
  { name: 'overhead', type: 'bigint' },
  { name: 'input', type: 'bigint' },
  { name: 'cache_read', type: 'bigint' },
  { name: 'cache_write', type: 'bigint' },
  { name: 'cache_write_long', type: 'bigint' },
  { name: 'input_audio', type: 'bigint' },
  { name: 'input_image', type: 'bigint' },
  { name: 'output', type: 'bigint' },
  { name: 'reasoning', type: 'bigint' },
  { name: 'output_audio', type: 'bigint' },
  { name: 'output_image', type: 'bigint' },
  { name: 'cost', type: 'bigint' },
  { name: 'status', type: 'integer' },
  { name: 'operation', type: 'text' },
  { name: 'served_model', type: 'text' },
  { name: 'error_code', type: 'text' },
  { name: 'error_message', type: 'text' },
  { name: 'finish_reason', type: 'text' },
  { name: 'address', type: 'text' },
  { name: 'user_agent', type: 'text' },
  { name: 'trace_id', type: 'text' },
  { name: 'attempts', type: 'integer' },
  { name: 'request_bytes', type: 'bigint' },
  { name: 'response_bytes', type: 'bigint' },
  { name: 'provider_cost', type: 'text' },
  { name: 'detail', type: 'text' },
] as const satisfies readonly Column[];

export type RequestColumn = (typeof REQUEST_COLUMNS)[number]['name'];

/** How many of the columns roll-ups are made of. */
export const FACT_COLUMNS = 26;

/** Where the columns are in a row. */
export const AT = Object.fromEntries(REQUEST_COLUMNS.map(({ name }, index) => [name, index])) as Readonly<
  Record<RequestColumn, number>
>;

/** Bits of `flags`. */
export const FLAG = {
  stream: 1,
  clientClosed: 2,
  providerUsage: 4,
  estimatedUsage: 8,
  unpriced: 16,
  /** `served_model` would be what `model` is. */
  servedAsAsked: 32,
} as const;

export const TOKEN_BUCKETS = [
  'input',
  'cacheRead',
  'cacheWrite',
  'cacheWriteLong',
  'inputAudio',
  'inputImage',
  'output',
  'reasoning',
  'outputAudio',
  'outputImage',
] as const;
