import { TOKEN_BUCKETS, type UsageUnit } from '../neutral/usage.ts';

export const UNIT_KINDS = [
  'web_search',
  'search_source',
  'file_search',
  'image',
  'audio_second',
  'character',
  'page',
  'search_unit',
] as const satisfies readonly UsageUnit[];

export type TokenKind = (typeof TOKEN_BUCKETS)[number];

/**
 * What has a price: tokens by bucket, cached tokens by what they are of, units, each request, and each request that
 * searched, however often.
 */
export type PriceKind = TokenKind | 'cacheReadAudio' | 'cacheReadImage' | UsageUnit | 'request' | 'grounded_request';

export const PRICE_KINDS: readonly PriceKind[] = [
  ...TOKEN_BUCKETS,
  'cacheReadAudio',
  'cacheReadImage',
  ...UNIT_KINDS,
  'request',
  'grounded_request',
];

/** US dollars for a million of each kind, as exact decimals. */
export type Prices = Readonly<Partial<Record<PriceKind, string>>>;

/**
 * The classes of service that vendors price apart. What the vendors call them is in `vendors.ts`.
 */
export const PRICE_CLASSES = ['standard', 'batch', 'flex', 'priority'] as const;
export type PriceClass = (typeof PRICE_CLASSES)[number];

/** Prices of one class of service, and those that take their place for the whole of a request with a longer prompt. */
export interface ClassPrices {
  readonly prices: Prices;
  /** By the number of prompt tokens that a request must exceed; of what is not named the price stays. */
  readonly above?: Readonly<Record<string, Prices>>;
}

/** All prices of a model at one time. */
export interface PriceTable extends Readonly<Partial<Record<PriceClass, ClassPrices>>> {
  /** What all prices are multiplied by, as decimals, by the provider's word for it: `us`, `fast`. */
  readonly multipliers?: Readonly<Record<string, string>>;
}

/** Times of the week at which a vendor asks other prices. */
export interface PriceHours {
  /** Minutes after midnight UTC, from 0 to 1440, as pairs of beginning and end. */
  readonly minutes: ReadonlyArray<readonly [number, number]>;
  /** Monday is 1 and Sunday 7, in UTC. Absent: every day. */
  readonly days?: readonly number[];
}

/** A price table from some time on. */
export interface PriceVersion {
  /** `2026-08-21`, in UTC; null for ever before. */
  readonly from: string | null;
  /** When it holds; absent: always. */
  readonly hours?: readonly PriceHours[];
  readonly table: PriceTable;
}

/** Where prices are from. */
export interface PriceSource {
  readonly name: string;
  readonly version: string;
  readonly url: string;
  readonly licence: string;
}

/** What is known of a model. */
export interface ModelInfo {
  /** Of the prices that hold at a time, the last one in the list counts. */
  readonly versions: readonly PriceVersion[];
  /** Tokens of prompt and answer. */
  readonly context?: number;
  readonly maxOutput?: number;
  /** `chat`, `embedding`, `image_generation`, … */
  readonly mode?: string;
  readonly capabilities: readonly Capability[];
  /** The day on which the vendor retires it. */
  readonly retired?: string;
}

export const CAPABILITIES = [
  'tools',
  'vision',
  'audio_input',
  'audio_output',
  'documents',
  'json_schema',
  'reasoning',
  'prompt_cache',
  'web_search',
] as const;
export type Capability = (typeof CAPABILITIES)[number];
