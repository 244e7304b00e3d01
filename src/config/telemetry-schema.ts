import { z } from 'zod';
import { apiKey, expandable } from './keys.ts';
import { duration, wholeNumber } from './quantities.ts';

const url = () =>
  expandable().superRefine((text, context) => {
    if (/^https?:\/\/[^/?#\s]+/.test(text) && URL.canParse(text)) return;
    const hint = 'for example http://localhost:4318';
    context.addIssue({ code: 'custom', message: 'Input should be an http or https URL', params: { hint } });
  });

const otlp = z.object({
  endpoint: url()
    .nullish()
    .meta({
      description: 'The collector: `/v1/traces` and `/v1/metrics` are added. Default: `OTEL_EXPORTER_OTLP_ENDPOINT`.',
      examples: ['http://localhost:4318'],
    }),
  headers: z.record(z.string(), apiKey()).nullish().meta({
    description: 'Headers of each call, for example an API key; `$NAME` is an environment variable.',
  }),
  compression: z.enum(['gzip', 'none']).nullish().meta({ description: 'How calls are compressed. Default: none.' }),
  timeout: duration().nullish().meta({ description: 'How long one call may take, with its retries. Default: 10s.' }),
  traces: z.boolean().nullish().meta({ description: 'Whether spans are sent. Default: true.' }),
  metrics: z.boolean().nullish().meta({
    description: 'Whether the metrics of the GenAI conventions are sent too. Default: false; `/metrics` has more.',
  }),
  sample_ratio: z.number().min(0).max(1).nullish().meta({
    description:
      'The share of the traces that begin here which is kept, from 0 to 1. A caller’s trace is kept as the caller says. Default: 1.',
  }),
  service_name: expandable().nullish().meta({ description: 'The `service.name` of what is sent. Default: sluice.' }),
  resource_attributes: z.record(z.string(), z.string()).nullish().meta({
    description: 'Further attributes of the resource, for example `deployment.environment.name`.',
  }),
  queue_size: wholeNumber().pipe(z.int().min(1).max(1_000_000)).nullish().meta({
    description: 'How many requests wait to be sent at most; what comes then is dropped and counted. Default: 8192.',
  }),
});

export const telemetrySchema = z.object({
  request_log: z
    .union([z.literal(false), z.string().min(1)])
    .nullish()
    .meta({
      description:
        'Where a line about each request goes: `off`, `stdout`, `stderr`, or a file beside this one. Default: off.',
      examples: ['off', 'stdout', 'requests.log'],
    }),
  request_log_format: z.enum(['json', 'text']).nullish().meta({
    description: '`json`: an object a line; `text`: `name=value` pairs. Default: json.',
  }),
  otlp: otlp.nullish().meta({ description: 'Where OpenTelemetry’s spans are sent. The `OTEL_*` variables count too.' }),
});
