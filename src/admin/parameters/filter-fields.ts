import { FILTER_FIELDS, type Filter, type FilterField, isFilterField } from '../../storage/filter.ts';

/** Further names that a filter may use, beside those of the columns. */
const ALIASES: Readonly<Record<string, FilterField>> = {
  request: 'id',
  request_id: 'id',
  dialect: 'surface',
  type: 'operation',
  error: 'error_code',
  class: 'outcome',
  caller: 'user',
  ip: 'address',
  client_ip: 'address',
  agent: 'user_agent',
  trace: 'trace_id',
  tier: 'service_tier',
  changed: 'changes',
  latency: 'duration',
  ttft: 'first_token',
  tok_s: 'tokens_per_second',
  tps: 'tokens_per_second',
  in_tokens: 'prompt_tokens',
  out_tokens: 'completion_tokens',
  input_tokens: 'prompt_tokens',
  output_tokens: 'completion_tokens',
  cached_tokens: 'cache_read',
  reasoning_tokens: 'reasoning',
};

const TAG_PREFIXES = ['meta.', 'tag.', 'tag:'];

/** Milliseconds; a request that took as long as this is `is:slow`. */
export const SLOW_MILLISECONDS = 10_000;

/** What `has:` may ask for. */
export const HAS: Readonly<Record<string, Filter>> = {
  payload: flag('payload', true),
  error: { kind: 'present', field: 'error_code' },
  usage: { kind: 'present', field: 'usage_source' },
  cost: { kind: 'present', field: 'cost' },
  user: { kind: 'present', field: 'user' },
  team: { kind: 'present', field: 'team' },
  key: { kind: 'present', field: 'key' },
  trace: { kind: 'present', field: 'trace_id' },
  changes: { kind: 'present', field: 'changes' },
  fallback: above('attempts', 1),
  retry: above('attempts', 1),
  cache: above('cache_read', 0),
  reasoning: above('reasoning', 0),
  image: { kind: 'any', filters: [above('input_image', 0), above('output_image', 0)] },
  audio: { kind: 'any', filters: [above('input_audio', 0), above('output_audio', 0)] },
};

/** What `is:` may ask for. */
export const IS: Readonly<Record<string, Filter>> = {
  ok: { kind: 'equals', field: 'outcome', values: ['success'] },
  error: { kind: 'equals', field: 'outcome', values: ['client', 'gateway', 'upstream'] },
  cancelled: { kind: 'equals', field: 'outcome', values: ['cancelled'] },
  stream: flag('stream', true),
  unpriced: flag('unpriced', true),
  estimated: { kind: 'equals', field: 'usage_source', values: ['estimated'] },
  slow: { kind: 'compare', field: 'duration', operator: '>=', value: SLOW_MILLISECONDS },
};

function flag(field: FilterField, value: boolean): Filter {
  return { kind: 'equals', field, values: [value] };
}

function above(field: FilterField, value: number): Filter {
  return { kind: 'compare', field, operator: '>', value };
}

const MOST_TAG_CHARACTERS = 64;

/** The field that a name stands for, or null. */
export function filterField(name: string): FilterField | null {
  const tag = tagName(name);
  if (tag !== null) return tag === '' || tag.length > MOST_TAG_CHARACTERS ? null : `tag:${tag}`;
  const column = name.toLowerCase();
  if (Object.hasOwn(ALIASES, column)) return ALIASES[column] ?? null;
  return isFilterField(column) ? column : null;
}

function tagName(name: string): string | null {
  const prefix = TAG_PREFIXES.find((candidate) => name.startsWith(candidate));
  return prefix === undefined ? null : name.slice(prefix.length);
}

/** Every name that a filter may begin with, for messages and completion. */
export const FIELD_NAMES: readonly string[] = [
  ...Object.keys(FILTER_FIELDS),
  ...Object.keys(ALIASES),
  'tag.<name>',
  'has',
  'is',
];

export type FieldKind = 'text' | 'number' | 'money' | 'flag';

export function kindOf(field: FilterField): FieldKind {
  return Object.hasOwn(FILTER_FIELDS, field) ? FILTER_FIELDS[field as keyof typeof FILTER_FIELDS] : 'text';
}

/** Fields whose numbers are milliseconds, and may be written with a unit. */
export const DURATIONS: ReadonlySet<string> = new Set(['duration', 'first_token', 'overhead']);

export const SIZES: ReadonlySet<string> = new Set(['request_bytes', 'response_bytes']);
