import { OUTCOMES } from '../../core/ledger/outcome.ts';
import { storableText } from '../database/sql.ts';
import { FILTER_FIELDS, type FieldName, type FilterField, tagOf } from '../filter.ts';
import { readShape } from '../records/read-record.ts';
import {
  FLAG,
  type NumberColumnName,
  type RecordColumns,
  type RecordShape,
  type TextColumn,
  type TextColumnName,
} from '../records/record-columns.ts';
import { IdWriter } from '../records/record-id.ts';
import { tokensPerSecond } from '../records/speed.ts';
import { completionTokens, promptTokens } from './token-sums.ts';

/** A field of the requests of one table or block, in the units of the filter. */
export type FieldView =
  /** Few texts for many requests. */
  | { readonly kind: 'texts'; readonly column: TextColumn }
  /** A text of its own for each request. */
  | { readonly kind: 'ids'; readonly at: (index: number) => string }
  /** NaN where there is none, which no comparison holds for. */
  | { readonly kind: 'numbers'; readonly at: (index: number) => number }
  /** Picodollars: `at` is rounded where they are too many for a number, and never to one that is exact. */
  | { readonly kind: 'money'; readonly at: (index: number) => number; readonly exact: (index: number) => bigint }
  | { readonly kind: 'flags'; readonly at: (index: number) => boolean };

type Viewer = (records: RecordColumns, payloads: ReadonlySet<string>) => FieldView;

/** Throws for what is no field. */
export function viewerOf(field: FilterField): Viewer {
  const tag = tagOf(field);
  if (tag !== null) return tagView(storableText(tag));
  const viewer = Object.hasOwn(VIEWERS, field) ? VIEWERS[field as FieldName] : undefined;
  if (viewer === undefined) throw new TypeError(`no field ${field}`);
  return viewer;
}

export function typeOf(field: FilterField): 'text' | 'number' | 'money' | 'flag' {
  return tagOf(field) === null ? FILTER_FIELDS[field as FieldName] : 'text';
}

const VIEWERS: Readonly<Record<FieldName, Viewer>> = {
  id: (records) => {
    const ids = new IdWriter(records);
    return { kind: 'ids', at: (index) => ids.id(index) };
  },
  node: named('node'),
  surface: shaped('surface'),
  operation: shaped('operation'),
  endpoint: shaped('endpoint'),
  route: shaped('route'),
  provider: shaped('provider'),
  model: shaped('model'),
  served_model: shaped('served'),
  status: counted('status'),
  outcome: (records) => ({ kind: 'texts', column: { values: OUTCOMES, places: records.number('outcome') } }),
  error_code: named('errorCode'),
  error_message: named('errorMessage'),
  finish_reason: shaped('finish'),
  stream: flagged(FLAG.stream),
  client_closed: flagged(FLAG.clientClosed),
  key: named('key'),
  user: named('user'),
  team: named('team'),
  address: named('address'),
  user_agent: named('userAgent'),
  trace_id: named('traceId'),
  service_tier: named('serviceTier'),
  changes: named('changes'),
  usage_source: usageSource,
  attempts: counted('attempts'),
  duration: (records) => {
    const values = records.number('duration');
    return { kind: 'numbers', at: (index) => (values[index] ?? 0) / 1000 };
  },
  first_token: (records) => {
    const values = records.number('firstToken');
    return { kind: 'numbers', at: (index) => (values[index] ? ((values[index] ?? 0) - 1) / 1000 : Number.NaN) };
  },
  overhead: (records) => {
    const values = records.number('overhead');
    return { kind: 'numbers', at: (index) => (values[index] ?? 0) / 1000 };
  },
  tokens_per_second: (records) => ({ kind: 'numbers', at: (index) => tokensPerSecond(records, index) ?? Number.NaN }),
  input: tokens('input'),
  cache_read: tokens('cacheRead'),
  cache_write: tokens('cacheWrite'),
  cache_write_long: tokens('cacheWriteLong'),
  input_audio: tokens('inputAudio'),
  input_image: tokens('inputImage'),
  output: tokens('output'),
  reasoning: tokens('reasoning'),
  output_audio: tokens('outputAudio'),
  output_image: tokens('outputImage'),
  prompt_tokens: (records) => ({ kind: 'numbers', at: promptTokens(records, Number.NaN) }),
  completion_tokens: (records) => ({ kind: 'numbers', at: completionTokens(records, Number.NaN) }),
  cost: (records) => {
    const flags = records.number('flags');
    const values = records.number('cost');
    return {
      kind: 'money',
      at: (index) => ((flags[index] ?? 0) & FLAG.priced ? (values[index] ?? 0) : Number.NaN),
      exact: (index) => BigInt(records.extras(index)?.cost ?? values[index] ?? 0),
    };
  },
  request_bytes: counted('requestBytes'),
  response_bytes: counted('responseBytes'),
  payload: (records, payloads) => {
    const ids = new IdWriter(records);
    return { kind: 'flags', at: payloads.size === 0 ? () => false : (index) => payloads.has(ids.id(index)) };
  },
  unpriced: flagged(FLAG.unpriced),
};

function named(name: TextColumnName): Viewer {
  return (records) => ({ kind: 'texts', column: records.text(name) });
}

function shaped(name: keyof RecordShape): Viewer {
  return (records) => {
    const values = shapesOf(records).map((shape) => shape?.[name] ?? null);
    return { kind: 'texts', column: { values, places: records.text('shape').places } };
  };
}

const SHAPES = new WeakMap<RecordColumns, (RecordShape | null)[]>();

/** Read once for each block, whatever number of fields is asked for. */
function shapesOf(records: RecordColumns): (RecordShape | null)[] {
  const texts = records.text('shape').values;
  const known = SHAPES.get(records);
  if (known?.length === texts.length) return known;
  const shapes = texts.map((text) => (text === null ? null : readShape(text)));
  SHAPES.set(records, shapes);
  return shapes;
}

function counted(name: NumberColumnName): Viewer {
  return (records) => {
    const values = records.number(name);
    return { kind: 'numbers', at: (index) => values[index] ?? 0 };
  };
}

function tokens(name: NumberColumnName): Viewer {
  return (records) => {
    const flags = records.number('flags');
    const values = records.number(name);
    return {
      kind: 'numbers',
      at: (index) => ((flags[index] ?? 0) & FLAG.counted ? (values[index] ?? 0) : Number.NaN),
    };
  };
}

function flagged(flag: number): Viewer {
  return (records) => {
    const flags = records.number('flags');
    return { kind: 'flags', at: (index) => ((flags[index] ?? 0) & flag) !== 0 };
  };
}

function usageSource(records: RecordColumns): FieldView {
  const flags = records.number('flags');
  const places = Uint8Array.from({ length: records.size }, (_, index) => {
    const flag = flags[index] ?? 0;
    return flag & FLAG.providerUsage ? 1 : flag & FLAG.estimatedUsage ? 2 : 0;
  });
  return { kind: 'texts', column: { values: [null, 'provider', 'estimated'], places } };
}

function tagView(name: string): Viewer {
  // Most tags that lack the name need not be parsed to know it.
  const written = JSON.stringify(name);
  return (records) => {
    const { values, places } = records.text('tags');
    const ofTag = values.map((text) => {
      if (text === null || !text.includes(written)) return null;
      const tags = JSON.parse(text) as Record<string, string>;
      return Object.hasOwn(tags, name) ? (tags[name] ?? null) : null;
    });
    return { kind: 'texts', column: { values: ofTag, places } };
  };
}
