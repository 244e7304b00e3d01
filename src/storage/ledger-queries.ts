import type { Outcome } from '../core/ledger/outcome.ts';
import type { RequestRecord, UsageRecord } from '../core/ledger/request-record.ts';
import type { Filter, FilterField } from './filter.ts';

/** From the first millisecond to the last, which is no longer part of it. Milliseconds since 1970. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

export type UsageBucket = 'none' | 'minute' | 'hour' | 'day' | 'month';

/** What usage can be split by. */
export type UsageDimension =
  | 'surface'
  | 'endpoint'
  | 'provider'
  | 'model'
  | 'key'
  | 'user'
  | 'team'
  | 'outcome'
  | `tag:${string}`;

export interface UsageQuery extends TimeRange {
  readonly bucket: UsageBucket;
  /** A name of the IANA database, for where days and months begin; UTC without one. */
  readonly timeZone?: string;
  readonly groups: readonly UsageDimension[];
  readonly filter?: Filter;
  /** How many groups are shown, 1,000 at most and without a word; what is beyond becomes one row, `other`. */
  readonly limit?: number;
  /** What makes a group come first; `requests` without a word. */
  readonly order?: 'requests' | 'cost' | 'tokens' | 'errors';
}

/** Estimated within 5 % of the value. */
export interface Percentiles {
  /** How many requests had it. */
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
}

export interface UsageFigures {
  readonly requests: number;
  readonly errors: Readonly<Record<Exclude<Outcome, 'success'>, number>>;
  readonly tokens: TokenFigures;
  /** US dollars of the requests with a known cost, an exact decimal. */
  readonly cost: string;
  readonly priced: number;
  /** Requests that used something and whose cost is not known. */
  readonly unpriced: number;
  /** Milliseconds; null where no request had it. */
  readonly duration: Percentiles | null;
  readonly firstToken: Percentiles | null;
  readonly tokensPerSecond: Percentiles | null;
  /** The gateway's own share of the time, milliseconds. */
  readonly overhead: Percentiles | null;
}

/** The buckets do not overlap; `prompt` and `completion` are sums of them. */
export interface TokenFigures extends TokenBuckets {
  readonly prompt: number;
  readonly completion: number;
  readonly total: number;
}

export type TokenBuckets = Pick<
  UsageRecord,
  | 'input'
  | 'cacheRead'
  | 'cacheWrite'
  | 'cacheWriteLong'
  | 'inputAudio'
  | 'inputImage'
  | 'output'
  | 'reasoning'
  | 'outputAudio'
  | 'outputImage'
>;

export interface UsageRow extends UsageFigures {
  /** When the bucket begins; null without buckets of time. */
  readonly time: number | null;
  /** By dimension; null where requests have none. Empty for `other`. */
  readonly group: Readonly<Record<string, string | null>>;
  /** The sum of all groups beyond the limit. */
  readonly other: boolean;
}

export interface UsageAnswer {
  /** What was written until then is counted. */
  readonly asOf: number;
  /** The range that was counted: wider than asked where only whole hours or days are left of it. */
  readonly from: number;
  readonly to: number;
  /** By time, then by `order`. Buckets without requests have no row. */
  readonly rows: readonly UsageRow[];
  readonly total: UsageFigures;
}

/** One request in a list. */
export interface RequestSummary {
  readonly id: string;
  readonly time: number;
  readonly surface: string;
  readonly operation: string;
  readonly endpoint: string | null;
  readonly provider: string | null;
  readonly model: string | null;
  readonly servedModel: string | null;
  readonly status: number;
  readonly outcome: Outcome;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly finishReason: string | null;
  readonly stream: boolean;
  readonly clientClosed: boolean;
  readonly key: string | null;
  readonly user: string | null;
  readonly team: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly traceId: string | null;
  readonly attempts: number;
  /** Milliseconds. */
  readonly duration: number;
  readonly firstToken: number | null;
  readonly overhead: number;
  readonly tokensPerSecond: number | null;
  /** Null where nobody counted. */
  readonly tokens: TokenFigures | null;
  readonly usageSource: 'provider' | 'estimated' | null;
  /** US dollars, an exact decimal; null: not known. */
  readonly cost: string | null;
  readonly unpriced: boolean;
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** Its texts are kept. */
  readonly payload: boolean;
}

export interface PricingView {
  readonly cost: string | null;
  readonly lines: readonly {
    readonly kind: string;
    readonly quantity: number;
    readonly pricePerMillion: string;
    readonly cost: string;
  }[];
  readonly source: string | null;
  readonly reason: string | null;
}

/** A cost that was corrected later. */
export interface Repricing {
  /** When it was corrected. */
  readonly time: number;
  readonly costBefore: string | null;
  readonly sourceBefore: string | null;
  readonly costAfter: string | null;
  readonly sourceAfter: string | null;
  readonly why: string;
}

export interface RequestDetail {
  readonly summary: RequestSummary;
  /** As it was written. */
  readonly record: RequestRecord;
  readonly pricing: PricingView;
  /** Oldest first. */
  readonly repricings: readonly Repricing[];
}

export interface RequestsQuery extends TimeRange {
  readonly filter?: Filter;
  /** Newest first without a word. */
  readonly sort?: { readonly field: SortField; readonly descending: boolean };
  /** `next` or `previous` of a page with the same range, filter and sort. */
  readonly cursor?: string | null;
  /** 500 at most; 50 without a word. */
  readonly limit?: number;
}

export const SORT_FIELDS = [
  'time',
  'status',
  'attempts',
  'duration',
  'first_token',
  'overhead',
  'prompt_tokens',
  'completion_tokens',
  'cost',
  'request_bytes',
  'response_bytes',
] as const;

export type SortField = (typeof SORT_FIELDS)[number];

export interface RequestsPage {
  readonly asOf: number;
  readonly items: readonly RequestSummary[];
  /** For the rows after, and before, these in the order asked for; null where there are none. */
  readonly next: string | null;
  readonly previous: string | null;
  /**
   * The search ended at its time limit; `next` goes on from there. Sorted by another value than time, the part of the range
   * that was looked at is shown to its end, then the part before it.
   */
  readonly partial: boolean;
  /** A search for text looked at kept texts too; false where none are kept in the range. */
  readonly searchedPayloads: boolean;
}

export interface ExportQuery extends TimeRange {
  readonly filter?: Filter;
  /** `next` of the last page, or the id of a request to begin behind. */
  readonly after?: string | null;
  /** 2,000 at most. */
  readonly limit?: number;
}

export interface ExportPage {
  /** Oldest first. */
  readonly items: readonly RequestDetail[];
  /** For the next page, also where this one found nothing in its time; null after the last. */
  readonly next: string | null;
}

export interface TailQuery {
  /** `position` of the last answer; null begins now, with nothing. */
  readonly position: string | null;
  readonly filter?: Filter;
  readonly limit?: number;
}

export interface TailPage {
  /** In the order in which they were written. */
  readonly items: readonly RequestSummary[];
  readonly position: string;
  /** There is more at once. */
  readonly more: boolean;
}

export interface FacetsQuery extends TimeRange {
  readonly filter?: Filter;
  readonly fields: readonly FilterField[];
  /** Values for each field; 10 without a word. */
  readonly limit?: number;
}

export interface FacetsAnswer {
  readonly facets: readonly {
    readonly field: FilterField;
    readonly values: readonly { readonly value: string | number | boolean | null; readonly count: number }[];
  }[];
  /** How many requests were looked at, the newest first. Counts are of these. */
  readonly scanned: number;
  /** All of the range was looked at. */
  readonly exact: boolean;
}

export interface CompletionQuery extends TimeRange {
  /** `tag` completes the names of tags. */
  readonly field: FilterField | 'tag';
  readonly prefix: string;
  readonly limit?: number;
}

export interface Estimate {
  readonly rows: number;
  /** Of an export with all columns. */
  readonly bytes: number;
  readonly exact: boolean;
}

export interface StoredPayload {
  readonly requestId: string;
  readonly time: number;
  readonly request: string;
  readonly response: string | null;
  readonly redactions: Readonly<Record<string, number>>;
  readonly truncated: boolean;
}

export interface LedgerStats {
  readonly database: 'sqlite' | 'postgres';
  /** On disk, all of it; null where the database does not tell. */
  readonly bytes: number | null;
  readonly schemaVersion: number;
  readonly tables: readonly {
    readonly name: 'requests' | 'payloads' | 'hourly roll-ups' | 'daily roll-ups' | 'audit';
    readonly rows: number;
    readonly bytes: number | null;
    /** Milliseconds since 1970. */
    readonly oldest: number | null;
  }[];
}

/**
 * What can be asked of the ledger. Questions and answers are plain data, so that they can go to another thread. All of
 * them reject with `LedgerUnavailable` when the database cannot answer now.
 */
export interface LedgerQueries {
  usage(query: UsageQuery): Promise<UsageAnswer>;
  requests(query: RequestsQuery): Promise<RequestsPage>;
  request(id: string): Promise<RequestDetail | null>;
  payload(id: string): Promise<StoredPayload | null>;
  /** Requests as they are written, of all nodes on this database. */
  after(query: TailQuery): Promise<TailPage>;
  export(query: ExportQuery): Promise<ExportPage>;
  estimate(query: TimeRange & { readonly filter?: Filter }): Promise<Estimate>;
  facets(query: FacetsQuery): Promise<FacetsAnswer>;
  /** The values most seen first. */
  complete(query: CompletionQuery): Promise<readonly { readonly value: string; readonly count: number }[]>;
  stats(): Promise<LedgerStats>;
}
