import type { Usage } from '../neutral/usage.ts';

/** Who asked, as far as a request says it. */
export interface CallerRecord {
  /** The client's address, behind trusted proxies the one that they name. */
  readonly address: string | null;
  readonly userAgent: string | null;
  /** OpenAI's `user` or `safety_identifier`, Anthropic's `metadata.user_id`, or the tag `user`. */
  readonly user: string | null;
  readonly team: string | null;
  /** The name of the virtual key; never the key. Null until there are keys. */
  readonly key: string | null;
  /** From `x-sluice-tags` and the `metadata` of OpenAI's requests; MLflow's `X-MLflow-Gateway-Caller` is the tag `caller`. */
  readonly tags: Readonly<Record<string, string>>;
}

/** The trace that a request belongs to: https://www.w3.org/TR/trace-context/ */
export interface TraceRecord {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** The gateway's own span, 16 hexadecimal digits. */
  readonly spanId: string;
  /** The caller's span; null where the trace begins here. */
  readonly parentSpanId: string | null;
  readonly sampled: boolean;
}

/**
 * When each phase of a request ended, in milliseconds after it came; null for what it did not have. `own` is the
 * gateway's own share of the time, in milliseconds.
 */
export interface Phases {
  /** The body was there. */
  readonly received: number;
  /** Checked, routed and allowed by the policies. */
  readonly admitted: number | null;
  /** Sent to the upstream for the first time. */
  readonly sent: number | null;
  readonly firstByte: number | null;
  /** The first token of a stream reached the client. */
  readonly firstToken: number | null;
  readonly lastByte: number;
  readonly own: number;
}

/** One call of an upstream. */
export interface AttemptRecord {
  readonly provider: string;
  readonly model: string | null;
  /** Host and port of the upstream; absent where nobody noted them. */
  readonly server?: string;
  /** Why it was made: `first`, or what of the previous one made it necessary. */
  readonly cause: 'first' | 'stale_connection' | 'retry' | 'fallback' | 'part';
  /** Null where no answer came. */
  readonly status: number | null;
  /** The code of the error table, and the upstream's words without secrets; null when it went well. */
  readonly error: { readonly code: string; readonly message: string } | null;
  /** Milliseconds after the request came. */
  readonly startedAt: number;
  /** How long connecting took, TLS included; 0 on a connection that stood. */
  readonly connect: number | null;
  readonly firstByteAt: number | null;
  readonly endedAt: number;
  readonly upstreamRequestId: string | null;
}

/** Tokens in disjoint buckets; the provider's own object stays out of the ledger. */
export type UsageRecord = Omit<Usage, 'native'>;

/** One request, as it is written to the journal when it ends, and kept in the ledger. */
export interface RequestRecord {
  /** 26 characters, in the order of time; `x-request-id` of the answer. */
  readonly id: string;
  /** Milliseconds since 1970 when the request came. */
  readonly time: number;
  /** The gateway process that served it. */
  readonly node: string;
  /** What the client spoke: a dialect, or `relay` and `realtime` for what passes as it comes. */
  readonly surface: string;
  /** `chat`, `completions`, `embeddings`, `count_tokens`, `images`, `audio`, …, `raw`. */
  readonly operation: string;
  /** Null for a request that was refused before its endpoint was known. */
  readonly endpoint: string | null;
  /** The traffic route that chose the endpoint. */
  readonly route: string | null;
  readonly provider: string | null;
  /** The model as configured. */
  readonly model: string | null;
  /** The model that the provider says it served. */
  readonly servedModel: string | null;
  readonly status: number;
  readonly error: { readonly code: string; readonly message: string } | null;
  /** In OpenAI's words. */
  readonly finishReason: string | null;
  readonly stream: boolean;
  /** The client left before its answer was complete. */
  readonly clientClosed: boolean;
  readonly caller: CallerRecord;
  readonly trace: TraceRecord | null;
  readonly phases: Phases;
  readonly attempts: readonly AttemptRecord[];
  readonly usage: UsageRecord | null;
  /** Who counted the tokens. */
  readonly usageSource: 'provider' | 'estimated' | null;
  /** What the provider says that it charges, in US dollars as a decimal; null where it says nothing. */
  readonly providerCost: string | null;
  /** The provider's word for the price class that served it, for example `flex`, `priority` or `batch`. */
  readonly serviceTier: string | null;
  /** What the provider could not take, as `x-sluice-changed` names it. */
  readonly changes: string | null;
  readonly requestBytes: number;
  readonly responseBytes: number;
}
