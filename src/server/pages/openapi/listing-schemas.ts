import type { JsonObject } from '../../../core/types.ts';
import { integer, list, nullable, object, schemaRef, string } from './schema.ts';

const ENDPOINT_TYPE = string({ enum: ['llm/v1/chat', 'llm/v1/completions', 'llm/v1/embeddings'] });

const limit = object({ calls: integer(), key: nullable(string()), renewal_period: string() });

const model = object({ name: nullable(string()), provider: string() });

const endpoint = object({
  name: string(),
  endpoint_type: ENDPOINT_TYPE,
  model,
  endpoint_url: string({ examples: ['/gateway/chat/invocations'] }),
  limit: nullable(limit),
});

const legacyRoute = object({
  name: string(),
  route_type: ENDPOINT_TYPE,
  model,
  route_url: string(),
  limit: nullable(limit),
});

const trafficRoute = object({
  name: string(),
  task_type: ENDPOINT_TYPE,
  destinations: list(object({ name: string(), traffic_percentage: integer({ minimum: 0, maximum: 100 }) })),
  routing_strategy: { const: 'TRAFFIC_SPLIT' },
});

const pageOf = (field: string, schema: string): JsonObject =>
  object({
    [field]: list(schemaRef(schema)),
    next_page_token: nullable(string({ description: 'Ask for the next page with it; null on the last one.' })),
  });

const openaiModel = object({
  id: string({ description: 'The name of an endpoint or traffic route.' }),
  object: { const: 'model' },
  created: integer(),
  owned_by: string(),
});

const health = object(
  {
    status: string({ enum: ['OK', 'DRAINING'] }),
    config: object({ status: { const: 'REJECTED' }, error: string(), serving: string() }, [], {
      description: 'Only when the newest configuration was refused.',
    }),
  },
  ['status'],
);

export const listingSchemas: JsonObject = {
  Endpoint: endpoint,
  EndpointList: pageOf('endpoints', 'Endpoint'),
  LegacyRoute: legacyRoute,
  LegacyRouteList: pageOf('routes', 'LegacyRoute'),
  TrafficRoute: trafficRoute,
  Model: openaiModel,
  ModelList: object({ object: { const: 'list' }, data: list(schemaRef('Model')) }),
  Limits: object({ route: string(), limits: list({ type: 'object' }) }, ['route', 'limits']),
  Health: health,
};
