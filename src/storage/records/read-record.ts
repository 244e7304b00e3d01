import { formatDollars } from '../../core/ledger/money.ts';
import { OUTCOMES } from '../../core/ledger/outcome.ts';
import type { Picodollars, Pricing } from '../../core/ledger/pricing.ts';
import type { PricedRecord } from '../../core/ledger/record-sink.ts';
import type { AttemptRecord, RequestRecord, UsageRecord } from '../../core/ledger/request-record.ts';
import { TOKEN_BUCKETS } from '../../core/neutral/usage.ts';
import type { PricingView, RequestSummary } from '../ledger-queries.ts';
import { tokenFigures } from '../usage/figures.ts';
import { linesOf, readBillShape } from './bills.ts';
import {
  type BillShape,
  type Extras,
  FLAG,
  type NumberColumnName,
  type RecordColumns,
  type RecordShape,
  SHAPE_MEMBERS,
  type TextColumnName,
} from './record-columns.ts';
import { IdWriter } from './record-id.ts';
import { tokensPerSecond } from './speed.ts';

type Bucket = (typeof TOKEN_BUCKETS)[number];

/** Requests of a table or a block, one by one. */
export class RecordReader {
  readonly #records: RecordColumns;
  readonly #ids: IdWriter;
  readonly #shapes = new Map<number, RecordShape>();
  readonly #bills = new Map<number, BillShape>();
  readonly #tags = new Map<number, Readonly<Record<string, string>>>();

  constructor(records: RecordColumns) {
    this.#records = records;
    this.#ids = new IdWriter(records);
  }

  id(index: number): string {
    return this.#ids.id(index);
  }

  priced(index: number): PricedRecord {
    return { record: this.record(index), pricing: this.pricing(index) };
  }

  summary(index: number, payload: boolean): RequestSummary {
    const shape = this.shape(index);
    const outcome = this.#number('outcome', index);
    const tokens = this.#hasFlag(index, FLAG.counted)
      ? tokenFigures(TOKEN_BUCKETS.map((bucket) => this.#number(bucket, index)))
      : null;
    const cost = this.cost(index);
    return {
      id: this.id(index),
      time: this.#number('time', index),
      surface: shape.surface,
      operation: shape.operation,
      endpoint: shape.endpoint,
      provider: shape.provider,
      model: shape.model,
      servedModel: shape.served,
      status: this.#number('status', index),
      outcome: OUTCOMES[outcome] ?? 'gateway',
      errorCode: this.#text('errorCode', index),
      errorMessage: this.#text('errorMessage', index),
      finishReason: shape.finish,
      stream: this.#hasFlag(index, FLAG.stream),
      clientClosed: this.#hasFlag(index, FLAG.clientClosed),
      key: this.#text('key', index),
      user: this.#text('user', index),
      team: this.#text('team', index),
      tags: this.#tagsOf(index),
      address: this.#text('address', index),
      userAgent: this.#text('userAgent', index),
      traceId: this.#text('traceId', index),
      attempts: this.#number('attempts', index),
      duration: this.#number('duration', index) / 1000,
      firstToken: this.#phase('firstToken', index),
      overhead: this.#number('overhead', index) / 1000,
      tokensPerSecond: tokensPerSecond(this.#records, index),
      tokens,
      usageSource: this.#usageSource(index),
      cost: cost === null ? null : formatDollars(cost),
      unpriced: this.#hasFlag(index, FLAG.unpriced),
      requestBytes: this.#number('requestBytes', index),
      responseBytes: this.#number('responseBytes', index),
      payload,
    };
  }

  /** As it was written; tags in the order of their names. */
  record(index: number): RequestRecord {
    const shape = this.shape(index);
    const extras = this.#extras(index);
    const code = this.#text('errorCode', index);
    return {
      id: this.id(index),
      time: extras?.time ?? this.#number('time', index),
      node: this.#text('node', index) ?? '',
      surface: shape.surface,
      operation: shape.operation,
      endpoint: shape.endpoint,
      route: shape.route,
      provider: shape.provider,
      model: shape.model,
      servedModel: shape.served,
      status: this.#number('status', index),
      error: code === null ? null : { code, message: this.#text('errorMessage', index) ?? '' },
      finishReason: shape.finish,
      stream: this.#hasFlag(index, FLAG.stream),
      clientClosed: this.#hasFlag(index, FLAG.clientClosed),
      caller: {
        address: this.#text('address', index),
        userAgent: this.#text('userAgent', index),
        user: this.#text('user', index),
        team: this.#text('team', index),
        key: this.#text('key', index),
        tags: this.#tagsOf(index),
      },
      trace: this.#trace(index, extras),
      phases: {
        received: this.#number('received', index) / 1000,
        admitted: this.#phase('admitted', index),
        sent: this.#phase('sent', index),
        firstByte: this.#phase('firstByte', index),
        firstToken: this.#phase('firstToken', index),
        lastByte: this.#number('duration', index) / 1000,
        own: this.#number('overhead', index) / 1000,
      },
      attempts: this.#attempts(index, shape, extras),
      usage: this.#usage(index, extras),
      usageSource: this.#usageSource(index),
      providerCost: this.#text('providerCost', index),
      serviceTier: this.#text('serviceTier', index),
      changes: this.#text('changes', index),
      requestBytes: this.#number('requestBytes', index),
      responseBytes: this.#number('responseBytes', index),
    };
  }

  pricing(index: number): Pricing {
    const bill = this.#billOf(index);
    const lines = linesOf(bill, this.#extras(index), (bucket: Bucket) => this.#number(bucket, index));
    return { cost: this.cost(index), lines, source: bill.source, reason: bill.reason };
  }

  cost(index: number): Picodollars | null {
    if (!this.#hasFlag(index, FLAG.priced)) return null;
    return BigInt(this.#extras(index)?.cost ?? this.#number('cost', index));
  }

  shape(index: number): RecordShape {
    const place = this.#place('shape', index);
    const known = this.#shapes.get(place);
    if (known !== undefined) return known;
    const read = readShape(this.#records.text('shape').values[place] ?? '[]');
    this.#shapes.set(place, read);
    return read;
  }

  #billOf(index: number): BillShape {
    const place = this.#place('bill', index);
    const known = this.#bills.get(place);
    if (known !== undefined) return known;
    const read = readBillShape(this.#records.text('bill').values[place] ?? '[[],null,null]');
    this.#bills.set(place, read);
    return read;
  }

  #tagsOf(index: number): Readonly<Record<string, string>> {
    const place = this.#place('tags', index);
    const known = this.#tags.get(place);
    if (known !== undefined) return known;
    const text = this.#records.text('tags').values[place] ?? null;
    const read = text === null ? {} : (JSON.parse(text) as Record<string, string>);
    this.#tags.set(place, read);
    return read;
  }

  #attempts(index: number, { provider, model, server }: RecordShape, extras: Extras | null): readonly AttemptRecord[] {
    if (!this.#hasFlag(index, FLAG.oneAttempt)) return extras?.attempts ?? [];
    return [
      {
        provider: provider ?? '',
        model,
        ...(server !== null && { server }),
        cause: 'first',
        status: this.#number('status', index),
        error: null,
        startedAt: this.#phase('sent', index) ?? 0,
        connect: this.#phase('connect', index),
        firstByteAt: this.#phase('firstByte', index),
        endedAt: this.#phase('upstreamEnded', index) ?? 0,
        upstreamRequestId: this.#text('upstreamId', index),
      },
    ];
  }

  #usage(index: number, extras: Extras | null): UsageRecord | null {
    if (!this.#hasFlag(index, FLAG.counted)) return null;
    const buckets = Object.fromEntries(TOKEN_BUCKETS.map((bucket) => [bucket, this.#number(bucket, index)]));
    return { ...(buckets as Record<Bucket, number>), ...extras?.usage };
  }

  #usageSource(index: number): RequestRecord['usageSource'] {
    if (this.#hasFlag(index, FLAG.providerUsage)) return 'provider';
    return this.#hasFlag(index, FLAG.estimatedUsage) ? 'estimated' : null;
  }

  #trace(index: number, extras: Extras | null): RequestRecord['trace'] {
    const traceId = this.#text('traceId', index);
    if (traceId === null || !extras?.trace) return null;
    const [parentSpanId, spanId, sampled] = extras.trace;
    return { traceId, spanId, parentSpanId, sampled };
  }

  #extras(index: number): Extras | null {
    return this.#hasFlag(index, FLAG.extras) ? this.#records.extras(index) : null;
  }

  #phase(name: NumberColumnName, index: number): number | null {
    const value = this.#number(name, index);
    return value === 0 ? null : (value - 1) / 1000;
  }

  #number(name: NumberColumnName, index: number): number {
    return this.#records.number(name)[index] ?? 0;
  }

  #place(name: TextColumnName, index: number): number {
    return this.#records.text(name).places[index] ?? 0;
  }

  #text(name: TextColumnName, index: number): string | null {
    return this.#records.text(name).values[this.#place(name, index)] ?? null;
  }

  #hasFlag(index: number, flag: number): boolean {
    return (this.#number('flags', index) & flag) !== 0;
  }
}

export function readShape(text: string): RecordShape {
  const values = JSON.parse(text) as (string | null)[];
  return Object.fromEntries(
    SHAPE_MEMBERS.map((name, index) => [name, values[index] ?? null]),
  ) as unknown as RecordShape;
}

export function pricingView({ cost, lines, source, reason }: Pricing): PricingView {
  return {
    cost: cost === null ? null : formatDollars(cost),
    lines: lines.map((line) => ({ ...line, cost: formatDollars(line.cost) })),
    source,
    reason,
  };
}
