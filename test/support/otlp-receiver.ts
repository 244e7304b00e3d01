import { gunzipSync } from 'node:zlib';
// The official generated code for OpenTelemetry's protocol, of a version that still decodes requests.
import protocol from 'otlp-decoder/build/src/generated/root.js';

export interface ReceivedSpan {
  readonly name: string;
  readonly kind: 'server' | 'client' | 'other';
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  /** Milliseconds since 1970. */
  readonly start: number;
  readonly end: number;
  readonly isError: boolean;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource: Readonly<Record<string, unknown>>;
}

export interface ReceivedMetric {
  readonly name: string;
  readonly unit: string;
  readonly points: ReadonlyArray<{
    readonly attributes: Readonly<Record<string, unknown>>;
    readonly count: number;
    readonly sum: number;
    readonly bounds: readonly number[];
  }>;
}

interface KeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface ScopedSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly parentSpanId: Uint8Array;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code: number } | null;
  readonly attributes: readonly KeyValue[];
}

const { trace, metrics } = protocol.opentelemetry.proto.collector;
const PLAIN = { longs: String, defaults: true, arrays: true };

/** A collector on a free port: it takes OTLP over HTTP and keeps what it got. */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = [];
  readonly metrics: ReceivedMetric[] = [];
  readonly requests: Array<{ readonly path: string; readonly headers: Headers; readonly bytes: Uint8Array }> = [];
  /** What it answers. */
  status = 200;
  readonly #server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: (request) => this.#receive(request) });

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  async stop(): Promise<void> {
    await this.#server.stop(true);
  }

  async #receive(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const body = await request.bytes();
    const bytes = request.headers.get('content-encoding') === 'gzip' ? gunzipSync(body) : body;
    this.requests.push({ path: pathname, headers: request.headers, bytes });
    if (this.status !== 200) return new Response('no', { status: this.status });
    if (pathname.endsWith('/v1/traces')) this.#takeSpans(bytes);
    else if (pathname.endsWith('/v1/metrics')) this.#takeMetrics(bytes);
    else return new Response('no such path', { status: 404 });
    return new Response(new Uint8Array(), { headers: { 'content-type': 'application/x-protobuf' } });
  }

  #takeSpans(bytes: Uint8Array): void {
    const type = trace.v1.ExportTraceServiceRequest;
    const { resourceSpans } = type.toObject(type.decode(bytes), PLAIN);
    for (const { resource, scopeSpans } of resourceSpans) {
      for (const { spans } of scopeSpans) {
        for (const span of spans) this.spans.push(spanOf(span, attributesOf(resource.attributes)));
      }
    }
  }

  #takeMetrics(bytes: Uint8Array): void {
    const type = metrics.v1.ExportMetricsServiceRequest;
    const { resourceMetrics } = type.toObject(type.decode(bytes), PLAIN);
    for (const { scopeMetrics } of resourceMetrics) {
      for (const scope of scopeMetrics) {
        for (const { name, unit, histogram } of scope.metrics) {
          const points = histogram.dataPoints.map((point: Record<string, unknown> & { attributes: KeyValue[] }) => ({
            attributes: attributesOf(point.attributes),
            count: Number(point.count),
            sum: Number(point.sum),
            bounds: point.explicitBounds,
          }));
          this.metrics.push({ name, unit, points });
        }
      }
    }
  }
}

function spanOf(span: ScopedSpan, resource: Readonly<Record<string, unknown>>): ReceivedSpan {
  const kinds: Readonly<Record<number, ReceivedSpan['kind']>> = { 2: 'server', 3: 'client' };
  return {
    name: span.name,
    kind: kinds[span.kind] ?? 'other',
    traceId: Buffer.from(span.traceId).toString('hex'),
    spanId: Buffer.from(span.spanId).toString('hex'),
    parentSpanId: Buffer.from(span.parentSpanId).toString('hex'),
    start: Number(BigInt(span.startTimeUnixNano) / 1000n) / 1000,
    end: Number(BigInt(span.endTimeUnixNano) / 1000n) / 1000,
    isError: span.status?.code === 2,
    attributes: attributesOf(span.attributes),
    resource,
  };
}

function attributesOf(pairs: readonly KeyValue[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, plainValue(value)]));
}

/** Of the alternatives, the one that is set: `defaults` fills in only what is no alternative. */
function plainValue(value: Readonly<Record<string, unknown>>): unknown {
  if ('stringValue' in value) return value.stringValue;
  if ('boolValue' in value) return value.boolValue;
  if ('intValue' in value) return Number(value.intValue);
  if ('doubleValue' in value) return value.doubleValue;
  const { values } = value.arrayValue as { values: ReadonlyArray<Readonly<Record<string, unknown>>> };
  return values.map(plainValue);
}
