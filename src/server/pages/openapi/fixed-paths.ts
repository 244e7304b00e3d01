import type { JsonObject } from '../../../core/types.ts';
import { json, responseRef } from './operations.ts';
import { schemaRef } from './schema.ts';

type Parameter = 'name' | 'endpoint_name' | 'endpoint' | 'page_token';

const PARAMETERS: Readonly<Record<Parameter, JsonObject>> = {
  name: inPath('name'),
  // MLflow's names, which clients generated from its description use.
  endpoint_name: inPath('endpoint_name'),
  endpoint: inPath('endpoint'),
  page_token: {
    name: 'page_token',
    in: 'query',
    description: 'The `next_page_token` of the page before.',
    schema: { type: 'string' },
  },
};

function inPath(name: string): JsonObject {
  return { name, in: 'path', required: true, schema: { type: 'string' } };
}

interface Read {
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly answer: string;
  readonly parameter?: Parameter;
  readonly more?: JsonObject;
}

/** A GET that answers with JSON. */
function read({ operationId, tag, summary, answer, parameter, more = {} }: Read): JsonObject {
  const surface = tag === 'OpenAI' ? 'OpenAI' : 'Mlflow';
  return {
    get: {
      operationId,
      tags: [tag],
      summary,
      ...(parameter && { parameters: [PARAMETERS[parameter]] }),
      responses: {
        200: { description: 'Found.', content: json(schemaRef(answer)) },
        ...(parameter && parameter !== 'page_token' && { 404: responseRef(`${surface}NotFound`) }),
        ...(parameter === 'page_token' && { 400: responseRef('MlflowOther') }),
        ...more,
      },
    },
  };
}

const listing = (options: Omit<Read, 'tag'>): JsonObject => read({ tag: 'Listings', ...options });

/** MLflow declares these and answers 501; limits are set in the configuration file. */
const limits = (path: string, ids: readonly [set: string, get: string]): JsonObject => ({
  [path]: {
    post: {
      operationId: ids[0],
      tags: ['Listings'],
      summary: 'Declared by MLflow and not available; limits are set in the configuration file.',
      requestBody: { required: true, content: json(schemaRef('Limits'), { route: 'chat', limits: [{ calls: 10 }] }) },
      responses: { 422: responseRef('MlflowInvalidBody'), 501: responseRef('MlflowNotImplemented') },
    },
  },
  [`${path}{endpoint}`]: {
    get: {
      operationId: ids[1],
      tags: ['Listings'],
      summary: 'Declared by MLflow and not available; the limit is part of the endpoint.',
      parameters: [PARAMETERS.endpoint],
      responses: { 404: responseRef('MlflowNotFound'), 501: responseRef('MlflowNotImplemented') },
    },
  },
});

const METRICS: JsonObject = {
  get: {
    operationId: 'get_metrics',
    tags: ['Operation'],
    summary: 'Metrics of all workers, for Prometheus.',
    responses: { 200: { description: 'The exposition.', content: { 'text/plain': { schema: { type: 'string' } } } } },
  },
};

/** The paths that do not depend on the configuration. */
export const fixedPaths: JsonObject = {
  '/v1/models': read({
    operationId: 'list_models',
    tag: 'OpenAI',
    summary: 'The endpoints and traffic routes, as OpenAI lists models.',
    answer: 'ModelList',
  }),
  '/v1/models/{name}': read({
    operationId: 'get_model',
    tag: 'OpenAI',
    summary: 'One endpoint or traffic route.',
    answer: 'Model',
    parameter: 'name',
  }),
  '/api/2.0/endpoints/': listing({
    operationId: 'list_endpoints',
    summary: 'The endpoints, in the order of the configuration file.',
    answer: 'EndpointList',
    parameter: 'page_token',
  }),
  '/api/2.0/endpoints/{endpoint_name}': listing({
    operationId: 'get_endpoint',
    summary: 'One endpoint.',
    answer: 'Endpoint',
    parameter: 'endpoint_name',
  }),
  '/api/3.0/gateway/endpoint/{endpoint_name}': listing({
    operationId: 'get_endpoint_v3',
    summary: 'One endpoint.',
    answer: 'Endpoint',
    parameter: 'endpoint_name',
  }),
  '/api/3.0/gateway/route/{name}': listing({
    operationId: 'get_traffic_route',
    summary: 'One traffic route.',
    answer: 'TrafficRoute',
    parameter: 'name',
  }),
  '/api/2.0/gateway/routes/': listing({
    operationId: 'list_routes',
    summary: 'The endpoints in the shape of MLflow before 2.9.',
    answer: 'LegacyRouteList',
    parameter: 'page_token',
  }),
  '/api/2.0/gateway/routes/{name}': listing({
    operationId: 'get_route',
    summary: 'One endpoint in that shape.',
    answer: 'LegacyRoute',
    parameter: 'name',
  }),
  ...limits('/api/2.0/endpoints/limits/', ['set_limits', 'get_limits']),
  ...limits('/api/2.0/gateway/limits/', ['set_route_limits', 'get_route_limits']),
  '/health': read({
    operationId: 'get_health',
    tag: 'Operation',
    summary: 'Whether the gateway takes requests.',
    answer: 'Health',
    more: { 503: { description: 'It is about to stop.', content: json(schemaRef('Health')) } },
  }),
  '/metrics': METRICS,
};
