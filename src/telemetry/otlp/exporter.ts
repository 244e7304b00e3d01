import { type HrTime, SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import type { OtlpSettings, OtlpTarget } from '../../config/telemetry-types.ts';
import type { PricedRecord } from '../../core/ledger/record-sink.ts';
import { VERSION } from '../../core/version.ts';
import type { ProviderNames } from './attributes.ts';
import { startGenAiMetrics } from './gen-ai-metrics.ts';
import type { SpanData } from './span-data.ts';

/** What talks OTLP. Its libraries are loaded with this file, so it is imported only where a collector is configured. */
export interface Exporter {
  /** Rejects when the collector did not take them, after some tries. */
  send(spans: readonly SpanData[]): Promise<void>;
  /** Adds to the metrics that are sent from time to time. */
  measure(records: readonly PricedRecord[]): void;
  close(): Promise<void>;
}

type ReadableSpan = Parameters<OTLPTraceExporter['export']>[0][number];

const SCOPE = { name: 'sluice', version: VERSION };

export function createExporter(settings: OtlpSettings, names: ProviderNames): Exporter {
  const resource = resourceFromAttributes({
    'service.version': VERSION,
    'service.instance.id': crypto.randomUUID(),
    ...settings.resourceAttributes,
    'service.name': settings.serviceName,
  });
  const traces = settings.traces && new OTLPTraceExporter(exporterOptions(settings.traces));
  const metrics =
    settings.metrics && startGenAiMetrics(exporterOptions(settings.metrics), resource, settings.metricsInterval, names);
  return {
    send: (spans) =>
      new Promise((resolve, reject) => {
        if (traces === null) return resolve();
        traces.export(
          spans.map((span) => readable(span, resource)),
          ({ error, code }) => (code === 0 ? resolve() : reject(error ?? new Error('the export failed'))),
        );
      }),
    measure: (records) => metrics?.measure(records),
    close: async () => {
      await Promise.allSettled([traces?.shutdown(), metrics?.close()]);
    },
  };
}

type ExporterOptions = NonNullable<ConstructorParameters<typeof OTLPTraceExporter>[0]>;

function exporterOptions({ url, headers, timeout, compression }: OtlpTarget): ExporterOptions {
  return {
    url,
    headers: Object.fromEntries(headers.map(([name, value]) => [name, value.expose()])),
    timeoutMillis: timeout,
    compression: compression as NonNullable<ExporterOptions['compression']>,
  };
}

/** The SDK makes spans while the work goes on; ours are over, so they are written down as it would have left them. */
function readable(span: SpanData, resource: Resource): ReadableSpan {
  const context = (spanId: string, isRemote: boolean) => ({
    traceId: span.traceId,
    spanId,
    traceFlags: TraceFlags.SAMPLED,
    isRemote,
  });
  return {
    name: span.name,
    kind: span.kind === 'server' ? SpanKind.SERVER : SpanKind.CLIENT,
    spanContext: () => context(span.spanId, false),
    ...(span.parentSpanId !== null && { parentSpanContext: context(span.parentSpanId, span.isParentRemote) }),
    startTime: highResolution(span.start),
    endTime: highResolution(span.end),
    duration: highResolution(span.end - span.start),
    status: { code: span.isError ? SpanStatusCode.ERROR : SpanStatusCode.UNSET },
    attributes: span.attributes,
    links: [],
    events: [],
    ended: true,
    resource,
    instrumentationScope: SCOPE,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

/** Seconds and nanoseconds. A float of today's milliseconds is good for a quarter of a microsecond. */
function highResolution(milliseconds: number): HrTime {
  const seconds = Math.floor(milliseconds / 1000);
  return [seconds, Math.round((milliseconds - seconds * 1000) * 1e3) * 1e3];
}
