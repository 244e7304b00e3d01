import type { Secret } from '../core/secret.ts';

/** What is told of requests, beside the ledger, the metrics and the error log. */
export interface TelemetrySettings {
  readonly requestLog: RequestLogSettings | null;
  readonly otlp: OtlpSettings | null;
}

export interface RequestLogSettings {
  /** Paths are absolute. */
  readonly to: 'stdout' | 'stderr' | { readonly path: string };
  readonly format: 'json' | 'text';
}

/** Times are in milliseconds. */
export interface OtlpSettings {
  readonly traces: OtlpTarget | null;
  readonly metrics: OtlpTarget | null;
  readonly sampler: SamplerSettings;
  readonly serviceName: string;
  readonly resourceAttributes: Readonly<Record<string, string>>;
  /** Requests that may wait to be sent. */
  readonly queueSize: number;
  readonly metricsInterval: number;
}

/** One signal's receiver. */
export interface OtlpTarget {
  /** The whole of it, with `/v1/traces` or what stands for it. */
  readonly url: string;
  readonly headers: ReadonlyArray<readonly [name: string, value: Secret]>;
  readonly timeout: number;
  readonly compression: 'gzip' | 'none';
}

export interface SamplerSettings {
  /** The share of the traces that begin here which is kept, from 0 to 1. */
  readonly root: number;
  /** Whether a trace of the caller is kept or left out as the caller says. */
  readonly honoursParent: boolean;
}
