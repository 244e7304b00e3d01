import { describe, expect, test } from 'bun:test';
import { makeMixed } from '../../../test/storage/reference.ts';
import { makePricing, makeRandom, makeRecord, priced } from '../../../test/support/ledger-records.ts';
import { outcomeOf } from '../../core/ledger/outcome.ts';
import type { PricedRecord } from '../../core/ledger/record-sink.ts';
import { NO_USAGE } from '../../core/neutral/usage.ts';
import { FILTER_FIELDS, type FieldName, type Filter, type FilterField, tagOf } from '../filter.ts';
import { decodeRecords, encodeRecords } from '../records/record-codec.ts';
import { isUnpriced, tableOf } from '../records/write-record.ts';
import { compileFilter, NEVER, NO_IDS } from './compile-filter.ts';

const TIME = Date.UTC(2026, 4, 5);
const WIDE = 2n ** 60n + 1n;

const ODD: PricedRecord[] = [
  priced(makeRecord(TIME, { id: 'Foreign %_\\ id', serviceTier: 'flex', changes: 'top_k dropped' }), makePricing(WIDE)),
  priced(makeRecord(TIME, { node: 'node-2', route: 'split', usageSource: 'estimated' }), makePricing(WIDE - 2n)),
  priced(
    makeRecord(TIME, {
      trace: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), parentSpanId: null, sampled: true },
      caller: { address: '::1', userAgent: 'Über %', user: 'É"', team: '', key: null, tags: { 'a "b"': 'É_"%' } },
      usage: { ...NO_USAGE, cacheWriteLong: 2, inputAudio: 3, inputImage: 4, outputAudio: 5, outputImage: 6 },
    }),
    makePricing(0n),
  ),
];

const RECORDS = [...makeMixed(800, TIME, TIME + 3_600_000), ...ODD];
const PAYLOADS = new Set(RECORDS.flatMap(({ record }, index) => (index % 4 === 0 ? [record.id] : [])));
const TABLE = tableOf(RECORDS);
const BLOCK = decodeRecords(encodeRecords(TABLE));

type Value = string | number | bigint | boolean | null;

/** What a field is, told from the record as plainly as can be. */
function fieldOf({ record, pricing }: PricedRecord, field: FilterField): Value {
  const { caller, usage, phases } = record;
  const tag = tagOf(field);
  if (tag !== null) return Object.hasOwn(caller.tags, tag) ? (caller.tags[tag] ?? null) : null;
  const completion = usage && usage.output + usage.reasoning + usage.outputAudio + usage.outputImage;
  const microseconds = Math.round(phases.lastByte * 1000) - Math.round((phases.firstToken ?? 0) * 1000);
  const isSpeed = outcomeOf(record) === 'success' && completion && microseconds > 0;
  const values: Record<FieldName, Value> = {
    id: record.id,
    node: record.node,
    surface: record.surface,
    operation: record.operation,
    endpoint: record.endpoint,
    route: record.route,
    provider: record.provider,
    model: record.model,
    served_model: record.servedModel,
    status: record.status,
    outcome: outcomeOf(record),
    error_code: record.error?.code ?? null,
    error_message: record.error?.message ?? null,
    finish_reason: record.finishReason,
    stream: record.stream,
    client_closed: record.clientClosed,
    key: caller.key,
    user: caller.user,
    team: caller.team,
    address: caller.address,
    user_agent: caller.userAgent,
    trace_id: record.trace?.traceId ?? null,
    service_tier: record.serviceTier,
    changes: record.changes,
    usage_source: record.usageSource,
    attempts: record.attempts.length,
    duration: phases.lastByte,
    first_token: phases.firstToken,
    overhead: phases.own,
    tokens_per_second: isSpeed ? (completion * 1e6) / microseconds : null,
    input: usage?.input ?? null,
    cache_read: usage?.cacheRead ?? null,
    cache_write: usage?.cacheWrite ?? null,
    cache_write_long: usage?.cacheWriteLong ?? null,
    input_audio: usage?.inputAudio ?? null,
    input_image: usage?.inputImage ?? null,
    output: usage?.output ?? null,
    reasoning: usage?.reasoning ?? null,
    output_audio: usage?.outputAudio ?? null,
    output_image: usage?.outputImage ?? null,
    prompt_tokens:
      usage &&
      usage.input + usage.cacheRead + usage.cacheWrite + usage.cacheWriteLong + usage.inputAudio + usage.inputImage,
    completion_tokens: completion,
    cost: pricing.cost,
    request_bytes: record.requestBytes,
    response_bytes: record.responseBytes,
    payload: PAYLOADS.has(record.id),
    unpriced: isUnpriced(record, pricing, outcomeOf(record)),
  };
  return values[field as FieldName];
}

/** Picodollars as a decimal of dollars. */
const dollars = (cost: bigint): string => `${cost}e-12`;

const lower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

function matches(one: PricedRecord, filter: Filter): boolean {
  switch (filter.kind) {
    case 'all':
      return filter.filters.every((part) => matches(one, part));
    case 'any':
      return filter.filters.some((part) => matches(one, part));
    case 'not':
      return !matches(one, filter.filter);
    case 'text': {
      const fields: FilterField[] = ['id', 'endpoint', 'provider', 'model', 'served_model', 'key', 'user', 'team'];
      fields.push('error_code', 'error_message', 'trace_id', 'address', 'user_agent');
      const texts = fields.map((field) => String(fieldOf(one, field) ?? '\n'));
      const inTags = lower(JSON.stringify(one.record.caller.tags)).includes(
        lower(JSON.stringify(filter.text).slice(1, -1)),
      );
      return inTags || texts.some((text) => lower(text).includes(lower(filter.text)));
    }
    default: {
      const value = fieldOf(one, filter.field);
      if (filter.kind === 'present') return value !== null && value !== false;
      if (value === null) return false;
      if (filter.kind === 'prefix') return String(value).startsWith(filter.prefix);
      if (filter.kind === 'equals') return filter.values.some((wanted) => order(value, wanted) === 0);
      const found = order(value, filter.value);
      return { '<': found < 0, '<=': found <= 0, '>': found > 0, '>=': found >= 0 }[filter.operator];
    }
  }
}

function order(value: Exclude<Value, null>, wanted: string | number | boolean): number {
  if (typeof value === 'bigint') return Number(value - BigInt(String(wanted).replace('e-12', '')));
  if (typeof value === 'number') return value - Number(wanted);
  if (typeof value === 'boolean') return value === wanted ? 0 : 1;
  return value < String(wanted) ? -1 : value === String(wanted) ? 0 : 1;
}

function check(filter: Filter, expected: (one: PricedRecord) => boolean = (one) => matches(one, filter)): void {
  const wanted = RECORDS.flatMap((one, index) => (expected(one) ? [index] : []));
  const compiled = compileFilter(filter);
  for (const records of [TABLE, BLOCK]) {
    const found = compiled.on(records, compiled.needsPayloads ? PAYLOADS : NO_IDS);
    expect(RECORDS.flatMap((_, index) => (found(index) ? [index] : []))).toEqual(wanted);
    if (wanted.length > 0) expect(compiled.mayMatch(records)).toBe(true);
  }
}

/** Values that some requests have, and one that none has. */
function someValues(field: FilterField): (string | number | boolean)[] {
  const seen = new Set(RECORDS.map((one) => fieldOf(one, field)).filter((value) => value !== null));
  const known = [...seen].slice(0, 3).concat([...seen].slice(-2));
  return known.map((value) => (typeof value === 'bigint' ? dollars(value) : value));
}

describe('a filter over blocks says what the records say', () => {
  for (const field of [...Object.keys(FILTER_FIELDS), 'tag:app', 'tag:a "b"', 'tag:none'] as FilterField[]) {
    test(`of ${field}`, () => {
      const values = someValues(field);
      check({ kind: 'present', field });
      check({ kind: 'not', filter: { kind: 'present', field } });
      check({ kind: 'equals', field, values });
      check({ kind: 'equals', field, values: [] });
      for (const value of values) {
        check({ kind: 'equals', field, values: [value] });
        check({ kind: 'not', filter: { kind: 'equals', field, values: [value] } });
        if (typeof value === 'boolean') continue;
        for (const operator of ['<', '<=', '>', '>='] as const) {
          check({ kind: 'compare', field, operator, value });
        }
        if (typeof value === 'string' && field !== 'cost') {
          check({ kind: 'prefix', field, prefix: value.slice(0, 2) });
          check({ kind: 'prefix', field, prefix: '' });
        }
      }
    });
  }

  test('in words, of which no character means another', () => {
    const ours = RECORDS[5]?.record.id ?? '';
    const words = ['FAILED 1', 'chat', 'ADA', '%', '_', '\\', 'a "b"', 'É_"%', 'foreign', '::1', 'aaaa', 'nothing'];
    for (const text of [...words, ours, ours.toLowerCase(), ours.slice(20), '0', 'über', 'Über %', 'GPT-4O']) {
      check({ kind: 'text', text });
      check({ kind: 'not', filter: { kind: 'text', text } });
    }
    check({ kind: 'text', text: '' }, () => true);
  });

  test('in parts of ids, wherever they stand', () => {
    for (const { record } of [RECORDS[3], RECORDS[400]].flatMap((one) => one ?? [])) {
      for (let start = 0; start < 26; start++) {
        for (const length of [1, 6, 14]) check({ kind: 'text', text: record.id.slice(start, start + length) });
      }
      check({ kind: 'text', text: `${record.id}0` });
    }
  });

  test('in any combination', () => {
    const random = makeRandom(7);
    const pick = <One>(list: readonly One[]): One => list[Math.floor(random() * list.length)] as One;
    const make = (depth: number): Filter => {
      const kind = depth === 0 ? 'leaf' : pick(['all', 'any', 'not', 'leaf'] as const);
      if (kind === 'not') return { kind, filter: make(depth - 1) };
      if (kind !== 'leaf') {
        return { kind, filters: Array.from({ length: Math.floor(random() * 4) }, () => make(depth - 1)) };
      }
      const field = pick(['user', 'team', 'status', 'stream', 'payload', 'tag:env', 'outcome', 'model'] as const);
      return pick<Filter>([
        { kind: 'present', field },
        { kind: 'equals', field, values: someValues(field).slice(0, 2) },
        { kind: 'text', text: 'e' },
      ]);
    };
    for (let round = 0; round < 150; round++) check(make(3));
  });
});

test('tells without looking at each request that none can match', () => {
  for (const filter of [
    { kind: 'equals', field: 'user', values: ['nobody'] },
    { kind: 'text', text: 'nil' },
    { kind: 'any', filters: [] },
    { kind: 'equals', field: 'id', values: ['01ARZ3NDEKTSV4RRFFQ69G5FAV'] },
    { kind: 'compare', field: 'team', operator: '>', value: 'z' },
  ] as Filter[]) {
    const all: Filter = { kind: 'all', filters: [filter, { kind: 'present', field: 'payload' }] };
    expect(compileFilter(all).mayMatch(BLOCK)).toBe(false);
    expect(compileFilter(filter).on(BLOCK, NO_IDS)).toBe(NEVER);
  }
  expect(compileFilter({ kind: 'present', field: 'payload' }).mayMatch(BLOCK)).toBe(true);
});

test('refuses fields that there are not, and money that is none', () => {
  const unknown = { kind: 'present', field: 'prototype' } as unknown as Filter;
  expect(() => compileFilter(unknown)).toThrow('no field');
  expect(() => compileFilter({ kind: 'compare', field: 'cost', operator: '<', value: 'much' })).toThrow('money');
});
