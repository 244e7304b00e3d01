import type { AttemptRecord, UsageRecord } from '../../core/ledger/request-record.ts';
import type { TOKEN_BUCKETS } from '../../core/neutral/usage.ts';

/**
 * Requests by columns: what is counted and compared as numbers, what is named as texts of which each block has its own
 * list, and the little that few requests have as extras.
 *
 * Durations are whole microseconds, money picodollars. Of those in `ONE_MORE` a column has one more than the value, and 0
 * where there is none. New columns come last: blocks that were written before have zeros there.
 */
export const NUMBER_COLUMNS = [
  /** Of the id, in milliseconds since 1970: what the ledger goes by. */
  'time',
  /** Of the id, among those of its millisecond. */
  'sequence',
  'status',
  /** The place in `OUTCOMES`. */
  'outcome',
  'flags',
  'attempts',
  'received',
  'admitted',
  'sent',
  'firstByte',
  'firstToken',
  'duration',
  'overhead',
  'upstreamEnded',
  'connect',
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
  'requestBytes',
  'responseBytes',
  /** 0 where it is not known; see `FLAG.priced`. */
  'cost',
  /** When the request could be seen first, where several blocks became one; else 0. */
  'arrival',
] as const;

export type NumberColumnName = (typeof NUMBER_COLUMNS)[number];

/** What OpenAI calls prompt tokens, and completion tokens: they add up. */
export const PROMPT_COLUMNS = [
  'input',
  'cacheRead',
  'cacheWrite',
  'cacheWriteLong',
  'inputAudio',
  'inputImage',
] as const;
export const COMPLETION_COLUMNS = ['output', 'reasoning', 'outputAudio', 'outputImage'] as const;

/** Columns whose values need more than 32 bits. */
export const WIDE: ReadonlySet<NumberColumnName> = new Set(['time', 'cost', 'arrival']);

/** A place of 0 is none. */
export const TEXT_COLUMNS = [
  /** What is random in the ids of one process. */
  'maker',
  'node',
  /** What a `RecordShape` has, as JSON. */
  'shape',
  'address',
  'userAgent',
  'user',
  'team',
  'key',
  /** As JSON, in the order of their names. */
  'tags',
  /** A `BillShape`, as JSON. */
  'bill',
  'upstreamId',
  'errorCode',
  'errorMessage',
  'traceId',
  'serviceTier',
  'changes',
  'providerCost',
] as const;

export type TextColumnName = (typeof TEXT_COLUMNS)[number];

/** Hardly two requests have the same: looking for one would be in vain. */
export const UNIQUE: ReadonlySet<TextColumnName> = new Set(['upstreamId', 'traceId']);

/** Bits of `flags`. */
export const FLAG = {
  stream: 1,
  clientClosed: 2,
  providerUsage: 4,
  estimatedUsage: 8,
  /** The model was served, and its price is not known. */
  unpriced: 16,
  /** Tokens were counted. */
  counted: 32,
  priced: 64,
  /** There was one attempt, and it went as the request did. */
  oneAttempt: 128,
  /** There is more in the extras. */
  extras: 256,
} as const;

export type NumberColumn = ArrayLike<number>;

/** For each request the place of its text. */
export interface TextColumn {
  /** The first one stands for none. */
  readonly values: readonly (string | null)[];
  readonly places: NumberColumn;
  /** One of the values, where it costs less than to have all of them. */
  at?(place: number): string | null;
  /** All of them, one directly after the other. */
  all?(): string;
}

/** What many requests have in common. */
export interface RecordShape {
  readonly surface: string;
  readonly operation: string;
  readonly endpoint: string | null;
  readonly route: string | null;
  readonly provider: string | null;
  readonly model: string | null;
  readonly served: string | null;
  readonly finish: string | null;
  /** Of the attempts. */
  readonly server: string | null;
}

export const SHAPE_MEMBERS = [
  'surface',
  'operation',
  'endpoint',
  'route',
  'provider',
  'model',
  'served',
  'finish',
  'server',
] as const satisfies readonly (keyof RecordShape)[];

/** Lines whose quantities are the buckets of the usage: each its kind, and US dollars for a million. */
export interface BillShape {
  readonly lines: readonly (readonly [kind: (typeof TOKEN_BUCKETS)[number], pricePerMillion: string])[];
  readonly source: string | null;
  readonly reason: string | null;
}

/** What few requests have. */
export interface Extras {
  /** An id that is none of ours. */
  readonly id?: string;
  /** Where the time of the id is not the record's. */
  readonly time?: number;
  readonly attempts?: readonly AttemptRecord[];
  /** Parent span, own span, sampled. */
  readonly trace?: readonly [string | null, string, boolean];
  /** What of the usage is no bucket. */
  readonly usage?: Partial<UsageRecord>;
  /** Lines of a bill that do not follow from the usage: kind, quantity, price per million, picodollars. */
  readonly lines?: readonly (readonly [string, number, string, string])[];
  /** A cost that is too large for its column. */
  readonly cost?: string;
}

export interface RecordColumns {
  readonly size: number;
  number(name: NumberColumnName): NumberColumn;
  text(name: TextColumnName): TextColumn;
  extras(index: number): Extras | null;
}
