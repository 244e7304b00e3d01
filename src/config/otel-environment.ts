import type { Finding } from './problem.ts';
import { valueWarning } from './problem.ts';
import type { SamplerSettings } from './telemetry-types.ts';
import type { Environment } from './types.ts';

interface TargetVariables {
  readonly url: string | null;
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>;
  readonly timeout: number | null;
  readonly compression: 'gzip' | 'none' | null;
  /** Null where no variable says it. */
  readonly isWanted: boolean | null;
}

export interface OtelVariables {
  readonly isDisabled: boolean;
  readonly targets: Readonly<Record<'traces' | 'metrics', TargetVariables>>;
  readonly sampler: SamplerSettings;
  readonly serviceName: string | null;
  readonly resourceAttributes: Readonly<Record<string, string>>;
  readonly queueSize: number | null;
  readonly metricsInterval: number | null;
}

/**
 * The variables that every program with OpenTelemetry reads. What they say wrongly is ignored with a warning.
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export function otelVariables(environment: Environment, findings: Finding[]): OtelVariables {
  const read = (name: string): string | null => environment[`OTEL_${name}`]?.trim() || null;
  const warned = new Set<string>();
  const warn = (name: string, problem: string) => {
    if (warned.has(name)) return;
    warned.add(name);
    findings.push(valueWarning([], `The environment variable OTEL_${name} ${problem}`));
  };
  const number = (name: string): number | null => {
    const text = read(name);
    if (text === null) return null;
    if (/^\d{1,9}$/.test(text)) return Number(text);
    warn(name, 'is ignored: it should be a whole number');
    return null;
  };
  const { 'service.name': namedService, ...resourceAttributes } = pairs(read('RESOURCE_ATTRIBUTES'));
  return {
    isDisabled: read('SDK_DISABLED')?.toLowerCase() === 'true',
    targets: { traces: target('TRACES', read, number, warn), metrics: target('METRICS', read, number, warn) },
    sampler: sampler(read, warn),
    serviceName: read('SERVICE_NAME') ?? namedService ?? null,
    resourceAttributes,
    queueSize: number('BSP_MAX_QUEUE_SIZE') || null,
    metricsInterval: number('METRIC_EXPORT_INTERVAL') || null,
  };
}

type Read = (name: string) => string | null;
type Warn = (name: string, problem: string) => void;

function target(
  signal: 'TRACES' | 'METRICS',
  read: Read,
  number: (name: string) => number | null,
  warn: Warn,
): TargetVariables {
  const key = (name: string): string => {
    const own = `EXPORTER_OTLP_${signal}_${name}`;
    return read(own) === null ? `EXPORTER_OTLP_${name}` : own;
  };
  const protocol = read(key('PROTOCOL'));
  const isSpoken = protocol === null || protocol === 'http/protobuf';
  const own = read(`EXPORTER_OTLP_${signal}_ENDPOINT`);
  const base = read('EXPORTER_OTLP_ENDPOINT');
  const url = own ?? (base && `${base.replace(/\/+$/, '')}/v1/${signal.toLowerCase()}`);
  const isUrl = url !== null && URL.canParse(url) && /^https?:/.test(url);
  const exporter = read(`${signal}_EXPORTER`);
  const isExported = exporter === null || exporter === 'otlp';
  if (url !== null && !isUrl) warn(key('ENDPOINT'), 'is ignored: it should be an http or https URL');
  if (isUrl && !isSpoken)
    warn(key('PROTOCOL'), `says '${protocol}', which is not spoken here; set it to http/protobuf`);
  if (!isExported && exporter !== 'none')
    warn(`${signal}_EXPORTER`, `says '${exporter}': only otlp and none are known`);
  const compression = read(key('COMPRESSION'));
  return {
    url: isUrl && isSpoken ? url : null,
    headers: Object.entries(pairs(read(key('HEADERS')))),
    timeout: number(key('TIMEOUT')),
    compression: compression === 'gzip' || compression === 'none' ? compression : null,
    isWanted: wanted(exporter, isExported, own),
  };
}

/** A place of its own for the metrics says that they are wanted. */
function wanted(exporter: string | null, isExported: boolean, ownEndpoint: string | null): boolean | null {
  if (exporter !== null) return isExported;
  return ownEndpoint === null ? null : true;
}

const ALWAYS: SamplerSettings = { root: 1, honoursParent: true };

function sampler(read: Read, warn: Warn): SamplerSettings {
  const name = read('TRACES_SAMPLER');
  if (name === null) return ALWAYS;
  const honoursParent = name.startsWith('parentbased_');
  const kind = honoursParent ? name.slice('parentbased_'.length) : name;
  if (kind === 'always_on') return { root: 1, honoursParent };
  if (kind === 'always_off') return { root: 0, honoursParent };
  if (kind !== 'traceidratio') {
    warn('TRACES_SAMPLER', `says '${name}', which is not known here: every trace is kept`);
    return ALWAYS;
  }
  const ratio = Number(read('TRACES_SAMPLER_ARG') ?? 1);
  if (ratio >= 0 && ratio <= 1) return { root: ratio, honoursParent };
  warn('TRACES_SAMPLER_ARG', 'is ignored: it should be a number from 0 to 1');
  return { root: 1, honoursParent };
}

/** `name=value,name=value` with percent-encoded values, as in the header `baggage`. */
function pairs(text: string | null): Record<string, string> {
  const entries = (text ?? '').split(',').flatMap((pair): Array<[string, string]> => {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, equals).trim();
    return equals < 1 || name === '' ? [] : [[name, decoded(pair.slice(equals + 1).trim())]];
  });
  return Object.fromEntries(entries);
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
