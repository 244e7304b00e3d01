import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { Secret } from '../core/secret.ts';
import { type KeyResolver, withKeyResolver } from './keys.ts';
import { otelVariables } from './otel-environment.ts';
import type { Finding } from './problem.ts';
import { telemetrySchema } from './telemetry-schema.ts';
import type { OtlpSettings, OtlpTarget, RequestLogSettings, TelemetrySettings } from './telemetry-types.ts';
import { validate } from './validation.ts';

type Input = z.output<typeof telemetrySchema>;

/** What is told of requests, and to whom. `path` is the configuration file's, beside which log files lie. */
export function compileTelemetry(
  raw: unknown,
  path: string,
  keys: KeyResolver,
  findings: Finding[],
): TelemetrySettings | null {
  const result = withKeyResolver(keys, () => validate(telemetrySchema, raw ?? {}, ['telemetry']));
  findings.push(...result.findings);
  if (result.value === undefined) return null;
  return {
    requestLog: requestLog(result.value, path),
    otlp: otlp(result.value.otlp ?? {}, keys.environment, findings),
  };
}

function requestLog({ request_log: to, request_log_format: format }: Input, path: string): RequestLogSettings | null {
  if (to === undefined || to === null || to === false || to === 'off') return null;
  const isStream = to === 'stdout' || to === 'stderr';
  return { to: isStream ? to : { path: resolve(dirname(path), to) }, format: format ?? 'json' };
}

const TIMEOUT = 10_000;
const QUEUE_SIZE = 8192;
const METRICS_INTERVAL = 60_000;

/** What the file says goes before the environment; null where neither names a place to send to. */
function otlp(
  input: NonNullable<Input['otlp']>,
  environment: KeyResolver['environment'],
  findings: Finding[],
): OtlpSettings | null {
  const variables = otelVariables(environment, findings);
  const target = (signal: 'traces' | 'metrics', isWanted: boolean): OtlpTarget | null => {
    const fromEnvironment = variables.targets[signal];
    const url = input.endpoint ? `${input.endpoint.replace(/\/+$/, '')}/v1/${signal}` : fromEnvironment.url;
    if (!isWanted || url === null) return null;
    const named = Object.entries(input.headers ?? {});
    return {
      url,
      headers: input.headers ? named : fromEnvironment.headers.map(([name, value]) => [name, new Secret(value)]),
      timeout: input.timeout ?? fromEnvironment.timeout ?? TIMEOUT,
      compression: input.compression ?? fromEnvironment.compression ?? 'none',
    };
  };
  if (variables.isDisabled) return null;
  const traces = target('traces', input.traces ?? variables.targets.traces.isWanted ?? true);
  const metrics = target('metrics', input.metrics ?? variables.targets.metrics.isWanted ?? false);
  if (traces === null && metrics === null) return null;
  return {
    traces,
    metrics,
    sampler:
      typeof input.sample_ratio === 'number' ? { root: input.sample_ratio, honoursParent: true } : variables.sampler,
    serviceName: input.service_name ?? variables.serviceName ?? 'sluice',
    resourceAttributes: { ...variables.resourceAttributes, ...input.resource_attributes },
    queueSize: input.queue_size ?? variables.queueSize ?? QUEUE_SIZE,
    metricsInterval: variables.metricsInterval ?? METRICS_INTERVAL,
  };
}
