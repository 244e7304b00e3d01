import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import type { Resource } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import type { PricedRecord } from '../../core/ledger/record-sink.ts';
import { completionTokens, promptTokens } from '../../core/neutral/usage.ts';
import { VERSION } from '../../core/version.ts';
import { type AttributeValues, errorType, type ProviderNames } from './attributes.ts';
import { operationName } from './span-data.ts';

/** https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/ */
const TOKEN_BOUNDARIES = Array.from({ length: 14 }, (_, power) => 4 ** power);
const DURATION_BOUNDARIES = Array.from({ length: 14 }, (_, power) => 0.01 * 2 ** power);

export interface GenAiMetrics {
  measure(records: readonly PricedRecord[]): void;
  close(): Promise<void>;
}

export function startGenAiMetrics(
  options: ConstructorParameters<typeof OTLPMetricExporter>[0],
  resource: Resource,
  interval: number,
  names: ProviderNames,
): GenAiMetrics {
  const exporter = new OTLPMetricExporter(options);
  const exportTimeoutMillis = Math.min(interval, options?.timeoutMillis ?? interval);
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: interval,
    exportTimeoutMillis,
  });
  const provider = new MeterProvider({ resource, readers: [reader] });
  const meter = provider.getMeter('sluice', VERSION);
  const tokens = meter.createHistogram('gen_ai.client.token.usage', {
    description: 'Number of input and output tokens used.',
    unit: '{token}',
    advice: { explicitBucketBoundaries: TOKEN_BOUNDARIES },
  });
  const duration = meter.createHistogram('gen_ai.client.operation.duration', {
    description: 'GenAI operation duration.',
    unit: 's',
    advice: { explicitBucketBoundaries: DURATION_BOUNDARIES },
  });
  const measureOne = ({ record }: PricedRecord): void => {
    const operation = operationName(record.operation);
    for (const attempt of record.attempts) {
      const labels = labelsOf(operation, names[attempt.provider] ?? attempt.provider, attempt.model);
      const error = errorType(attempt);
      duration.record((attempt.endedAt - attempt.startedAt) / 1000, {
        ...labels,
        ...(error !== null && { 'error.type': error }),
      });
    }
    const last = record.attempts.at(-1);
    if (record.usage === null || last === undefined) return;
    const labels = labelsOf(operation, names[last.provider] ?? last.provider, last.model);
    tokens.record(promptTokens(record.usage), { ...labels, 'gen_ai.token.type': 'input' });
    tokens.record(completionTokens(record.usage), { ...labels, 'gen_ai.token.type': 'output' });
  };
  return {
    measure: (records) => {
      for (const record of records) measureOne(record);
    },
    close: () => provider.shutdown(),
  };
}

function labelsOf(operation: string, provider: string, model: string | null): AttributeValues {
  return {
    'gen_ai.operation.name': operation,
    'gen_ai.provider.name': provider,
    ...(model !== null && { 'gen_ai.request.model': model }),
  };
}
