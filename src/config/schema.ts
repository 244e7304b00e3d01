import { z } from 'zod';
import type { EndpointType } from '../core/types.ts';
import { adminSchema } from './admin-schema.ts';
import { ledgerSchema } from './ledger-schema.ts';
import { parseLimit } from './limits.ts';
import { pricesSchema } from './price-schema.ts';
import { addressBlock, byteSize, duration, hostPattern, wholeNumber } from './quantities.ts';
import { redactionSchema } from './redaction-schema.ts';
import { mostSimilar } from './similar.ts';
import { telemetrySchema } from './telemetry-schema.ts';

const ENDPOINT_TYPES: readonly EndpointType[] = ['llm/v1/chat', 'llm/v1/completions', 'llm/v1/embeddings'];

export function isEndpointType(value: unknown): value is EndpointType {
  return ENDPOINT_TYPES.some((type) => type === value);
}

const NAME = /^[a-zA-Z0-9_\-.]+$/;

function rule(context: z.RefinementCtx, message: string, hint: string): void {
  context.addIssue({ code: 'custom', message, params: { hint } });
}

const endpointName = z
  .string()
  .superRefine((name, context) => {
    if (NAME.test(name)) return;
    const suggestion = name.trim().replaceAll(/[^a-zA-Z0-9_\-.]+/g, '-');
    rule(
      context,
      `The route name provided contains disallowed characters for a url endpoint. '${name}' is invalid. Names cannot ` +
        'contain spaces or any non alphanumeric characters other than hyphen and underscore.',
      /\w/.test(suggestion) ? `for example '${suggestion}'; dots are allowed too` : 'for example my-endpoint',
    );
  })
  .meta({ pattern: NAME.source, description: 'Part of the URL, and the `model` of OpenAI-compatible requests.' });

const endpointType = z
  .string({
    error: ({ input }) => (input === undefined ? undefined : `The route_type '${String(input)}' is not supported.`),
  })
  .superRefine((type, context) => {
    if (isEndpointType(type)) return;
    const similar = mostSimilar(type, ENDPOINT_TYPES);
    const hint = similar ? `did you mean '${similar}'?` : `use one of: ${ENDPOINT_TYPES.join(', ')}`;
    rule(context, `The route_type '${type}' is not supported.`, hint);
  })
  .meta({ enum: [...ENDPOINT_TYPES], description: 'What the endpoint does.' });

/** The provider and what its own schema makes of `config` are checked where the registry is known. */
const model = z
  .object({
    provider: z.string().nullish().meta({ description: 'Who serves the model.' }),
    name: z.string().nullish().meta({ description: 'What the provider calls the model.' }),
    config: z.unknown().optional().meta({ description: 'How to reach the provider.' }),
  })
  .meta({ description: 'The model behind the endpoint.' });

const limit = z
  .object({
    calls: wholeNumber().meta({ description: 'Calls per period. 0 blocks the endpoint.' }),
    renewal_period: z.string().meta({
      description: 'second, minute, hour, day, month or year; also in multiples, such as `5 minutes`.',
      examples: ['minute', '5 minutes', 'hour', 'day'],
    }),
    key: z
      .string()
      .nullish()
      .meta({
        description: 'What calls are counted by: null or `ip`, the client’s address; `global`; or `header:<name>`.',
        examples: ['ip', 'global', 'header:authorization'],
      }),
  })
  .transform((input, context) => {
    const parsed = parseLimit(input.calls, input.renewal_period, input.key ?? null);
    if (parsed) return parsed;
    rule(
      context,
      'Failed to parse the rate limit configuration.Please make sure limit.calls is a positive number and' +
        'limit.renewal_period is a right granularity',
      "for example calls: 10 and renewal_period: minute; also second, hour, day, month, year, or '5 minutes'",
    );
    return z.NEVER;
  });

export const endpointSchema = z.object({
  name: endpointName,
  endpoint_type: endpointType,
  model,
  limit: limit.nullish().meta({ description: 'How many calls the endpoint takes in a period.' }),
  strict: z.boolean().nullish().meta({
    description: 'Refuse a request of which the provider cannot take everything. MLflow ignores this.',
  }),
  logging: z.enum(['off', 'metadata', 'full']).nullish().meta({
    description:
      'What is kept of its requests: `off` counts them and leaves out who asks, `metadata` keeps all but their texts, `full` their redacted texts too. Default: metadata. MLflow ignores this.',
  }),
});

const destination = z.object({
  name: z.string().meta({ description: 'The name of an endpoint in this file.' }),
  // MLflow adds the raw values up before it looks at their types, so text is no number here.
  traffic_percentage: z.int().meta({
    description: 'Its share of the requests, in whole percent. Those of a route add up to 100.',
    minimum: 0,
    maximum: 100,
  }),
});

export const routeSchema = z.object({
  name: z.string().meta({ description: 'Part of the URL, and the `model` of OpenAI-compatible requests.' }),
  task_type: z.enum(ENDPOINT_TYPES as [EndpointType]).meta({ description: 'The type of every destination.' }),
  destinations: z.array(destination).meta({ description: 'The endpoints that share the requests.' }),
  routing_strategy: z.literal('TRAFFIC_SPLIT').default('TRAFFIC_SPLIT').meta({
    description: 'How a destination is chosen: at random, by the percentages.',
  }),
});

export const DEFAULT_TOTAL_TIMEOUT = 300_000;

export const serverSchema = z.object({
  max_request_body: byteSize()
    .default(32 * 2 ** 20)
    .meta({
      description: 'The largest request body as sent, for example `32MiB` or a number of bytes.',
    }),
  max_inflated_request_body: byteSize()
    .default(100 * 2 ** 20)
    .meta({
      description: 'The largest request body after its compression is undone.',
    }),
  max_upload: byteSize()
    .default(512 * 2 ** 20)
    .meta({
      description: 'The largest body that is streamed: a form, a file, or any other below `/gateway/proxy`.',
    }),
  drain_timeout: duration().default(30_000).meta({
    description: 'How long running requests may go on when the gateway is told to stop.',
  }),
  drain_delay: duration().default(0).meta({
    description:
      'How long requests are still served when the gateway is told to stop, while `/health` already answers 503, for load balancers to notice.',
  }),
  trusted_proxies: z.array(addressBlock()).default([]).meta({
    description:
      'Addresses and CIDR blocks of the proxies whose `X-Forwarded-For` is believed. Nobody’s by default: any client can send it.',
  }),
  allowed_hosts: z.array(hostPattern()).default([]).meta({
    description:
      'Public names of the gateway by which web pages may call it, for example `gateway.example.com` or `*.example.com`. Addresses and private names need no mention.',
  }),
});

export const upstreamSchema = z.object({
  connect_timeout: duration().default(10_000).meta({ description: 'Until the connection to a provider stands.' }),
  first_byte_timeout: duration().default(0).meta({
    description: 'From the request being sent to the response head. 0: only the total counts.',
  }),
  idle_timeout: duration().default(300_000).meta({ description: 'Between two reads of a response.' }),
  total_timeout: duration().optional().meta({
    description: 'The whole exchange with a provider, streams included. By default 300s, and no limit for streams.',
  }),
  remote_media: z.boolean().default(true).meta({
    description: 'Whether images, recordings and documents given by URL are fetched for providers that fetch none.',
  }),
});

/** The whole file, for its types, its JSON Schema and the names of its keys. Each part is checked on its own. */
export const fileSchema = z.object({
  endpoints: z.array(endpointSchema).meta({ description: 'The models that are served, in the order of listings.' }),
  routes: z.array(routeSchema).nullish().meta({ description: 'Names that share their requests among endpoints.' }),
  server: serverSchema.nullish().meta({ description: 'How the gateway serves. MLflow ignores this.' }),
  upstream: upstreamSchema.nullish().meta({ description: 'How the gateway calls providers. MLflow ignores this.' }),
  ledger: ledgerSchema.nullish().meta({ description: 'Where requests are accounted for. MLflow ignores this.' }),
  prices: pricesSchema
    .nullish()
    .meta({ description: 'Prices that take the place of the catalog’s. MLflow ignores this.' }),
  redaction: redactionSchema.nullish().meta({
    description: 'What is taken out of texts before they are kept. MLflow ignores this.',
  }),
  admin: adminSchema.nullish().meta({ description: 'Who may use the management API. MLflow ignores this.' }),
  telemetry: telemetrySchema.nullish().meta({ description: 'What is told of requests. MLflow ignores this.' }),
});
