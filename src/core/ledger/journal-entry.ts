import type { TOKEN_BUCKETS } from '../neutral/usage.ts';
import type { UsageRecord } from './request-record.ts';

/** What of a usage is no bucket. */
export type UsageExtras = Omit<UsageRecord, (typeof TOKEN_BUCKETS)[number]>;

/**
 * One request as the gateway writes it into the journal: what is absent says nothing, times are whole microseconds after
 * the request came, and -1 for what never was.
 */
export interface JournalEntry {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly surface: string;
  readonly operation: string;
  readonly endpoint?: string;
  readonly provider?: string;
  readonly model?: string;
  readonly route?: string;
  /** Host and port of the upstream. */
  readonly server?: string;
  readonly status: number;
  readonly error?: { readonly code: string; readonly message: string };
  readonly served?: string;
  readonly finish?: string;
  readonly stream?: 1;
  /** The client left. */
  readonly gone?: 1;
  readonly address?: string;
  readonly agent?: string;
  readonly user?: string;
  /** Of the headers, of the body, and the client's name for its request. */
  readonly tags?: Record<string, string>;
  readonly metadata?: Record<string, string>;
  readonly clientRequestId?: string;
  /** Trace, span, the caller's span, and whether it is sampled. */
  readonly trace?: readonly [string, string, string | null, boolean];
  /**
   * Received, admitted, sent, first byte, first token, last byte, the gateway's own share, when the upstream's answer
   * ended, and how long it took to connect.
   */
  readonly phases: readonly number[];
  readonly changes?: string;
  readonly upstreamId?: string;
  /** Of the one call: its status where it is another, and when it was sent anew. */
  readonly answered?: number;
  readonly resent?: number;
  /** The calls of a request that took several. */
  readonly attempts?: readonly EntryAttempt[];
  /**
   * Input, output, and where one of them counts something: cache read, reasoning, cache write, the same for long, input
   * audio and images, output audio and images.
   */
  readonly usage?: readonly number[];
  readonly more?: UsageExtras;
  readonly estimated?: 1;
  readonly bytes: readonly [number, number];
}

export interface EntryAttempt {
  readonly cause: 'first' | 'part';
  /** Started, first byte, ended. */
  readonly at: readonly number[];
  readonly connect?: number;
  readonly status?: number;
  readonly error?: { readonly code: string; readonly message: string };
}
