import type { ZodType } from 'zod';
import type { EndpointType, Limit, Operation } from '../core/types.ts';
import type { AdminSettings } from './admin.ts';
import type { LedgerSettings } from './ledger-types.ts';
import type { PriceOverride } from './price-types.ts';
import type { RedactionSettings } from './redaction.ts';
import type { TelemetrySettings } from './telemetry-types.ts';

/** What a configuration file says, checked and with its keys resolved. Order is the file's: listings show it. */
export interface GatewayConfig {
  readonly endpoints: readonly EndpointConfig[];
  readonly routes: readonly RouteConfig[];
  readonly server: ServerSettings;
  readonly upstream: UpstreamSettings;
  readonly telemetry: TelemetrySettings;
  readonly ledger: LedgerSettings;
  readonly redaction: RedactionSettings;
  readonly admin: AdminSettings;
  /** Take the place of the catalog's, in the order of the file. */
  readonly prices: readonly PriceOverride[];
  /** Absolute paths of the key files that were read, so that a change of them reloads the configuration. */
  /** Absolute paths of the key files that were looked for, so that a change of them reloads the configuration. */
  readonly files: readonly string[];
  /** SHA-256 in hex of the file's text and of its key files. */
  readonly hash: string;
}

export interface EndpointConfig {
  readonly name: string;
  readonly endpointType: EndpointType;
  readonly operation: Operation;
  /** Canonical, for example `mlflow-model-serving` where the file says `MLFLOW_MODEL_SERVING`. */
  readonly provider: string;
  /** `config` is what the provider's schema returned. */
  readonly model: { readonly name: string | null; readonly config: unknown };
  readonly limit: EndpointLimit | null;
  /** A request that the provider cannot take as it is gets an error, where otherwise what is lost would be reported. */
  readonly strict: boolean;
  readonly logging: Logging;
}

/**
 * What is kept of an endpoint's requests: `off` counts them and leaves out who asks and what errors say, `metadata` keeps
 * all but their texts, `full` their texts too.
 */
export type Logging = 'off' | 'metadata' | 'full';

export type Granularity = 'second' | 'minute' | 'hour' | 'day' | 'month' | 'year';

export interface EndpointLimit extends Limit {
  /** The length of the window. */
  readonly seconds: number;
  /** 5 in `5 minutes`. */
  readonly multiple: number;
  readonly granularity: Granularity;
  /** As the 429 response words it, for example `2 per 1 minute`. */
  readonly display: string;
}

export interface RouteConfig {
  readonly name: string;
  readonly taskType: EndpointType;
  readonly operation: Operation;
  /** The percentages are whole numbers that add up to 100. */
  readonly destinations: ReadonlyArray<{ readonly name: string; readonly trafficPercentage: number }>;
  readonly routingStrategy: 'TRAFFIC_SPLIT';
}

export interface ServerSettings {
  /** Bytes of a request body as sent. */
  readonly maxRequestBody: number;
  /** Bytes of a request body after its content encoding is undone. */
  readonly maxInflatedRequestBody: number;
  /** Bytes of a request body that is streamed to the provider as it comes. */
  readonly maxUpload: number;
  /** Milliseconds that running requests get when the process is told to stop. */
  readonly drainTimeout: number;
  /** Milliseconds before that in which requests are still served, and the health page already says otherwise. */
  readonly drainDelay: number;
  /** Addresses and CIDR blocks whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  /** Public names by which web pages may call. */
  readonly allowedHosts: readonly string[];
}

/** Times are in milliseconds; 0 means no limit. */
export interface UpstreamSettings {
  readonly connectTimeout: number;
  /** From the request being sent to the response head. */
  readonly firstByteTimeout: number;
  /** Between two reads of the body. */
  readonly idleTimeout: number;
  /** The whole exchange when the response is not a stream. */
  readonly totalTimeout: number;
  /** The whole exchange when the response is a stream. */
  readonly streamTotalTimeout: number;
  /** Whether media given by URL are fetched for providers that take them only inline. */
  readonly remoteMedia: boolean;
}

/** The part of a provider that a configuration is checked against. */
export interface ProviderRules {
  /** Canonical. */
  readonly name: string;
  readonly displayName: string;
  /** The name that a provider policy knows it by, where this one is only another name for the same provider. */
  readonly aliasOf?: string;
  /** Known by name only: its endpoints load with a warning. */
  readonly planned?: boolean;
  /** The keys of `model.config`. */
  readonly schema: ZodType;
  /** Rules over the whole model that a schema cannot say. Returns the message of the error, or null. */
  validate?(model: { readonly name: string | null; readonly config: unknown }, operation: Operation): string | null;
}

export interface ProviderRegistry {
  /** By the name in the file: without regard to case, `-` and `_` being the same. */
  find(configured: string): ProviderRules | undefined;
  all(): readonly ProviderRules[];
}

/** The environment variables that a configuration may refer to. */
export type Environment = Readonly<Record<string, string | undefined>>;
