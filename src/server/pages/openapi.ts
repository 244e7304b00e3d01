import type { JsonObject, Operation } from '../../core/types.ts';
import type { Snapshot } from '../../gateway/snapshot.ts';

const EXAMPLES: Readonly<Record<Operation, JsonObject>> = {
  chat: { messages: [{ role: 'user', content: 'Hello' }] },
  completions: { prompt: 'Once upon a time' },
  embeddings: { input: 'Hello' },
};

/** A description of this gateway's routes, one path for each endpoint: https://spec.openapis.org/oas/v3.1.0 */
export function openapiDocument(snapshot: Snapshot, version: string): JsonObject {
  const paths: JsonObject = {};
  for (const { name, operation } of snapshot.callables.values()) {
    const path = `${encodeURIComponent(name)}/invocations`;
    paths[`/gateway/${path}`] = { post: invocation(operation, `Call '${name}'.`, 'Endpoints', EXAMPLES[operation], 'MlflowError') };
    paths[`/endpoints/${path}`] = {
      post: invocation(operation, `Call '${name}' by the path of MLflow's deployments client.`, 'Endpoints', EXAMPLES[operation], 'MlflowError'),
    };
  }
  for (const [path, operation] of OPENAI_PATHS) {
    const named = [...snapshot.callables.values()].find((callable) => callable.operation === operation);
    const example = { model: named?.name ?? 'endpoint', ...EXAMPLES[operation] };
    paths[path] = { post: invocation(operation, "OpenAI's API; 'model' names the endpoint.", 'OpenAI', example, 'OpenAIError') };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Sluice', version, description: 'A self-hosted LLM gateway.' },
    paths: { ...paths, ...LISTINGS },
    components: { schemas: SCHEMAS },
  };
}

const OPENAI_PATHS: ReadonlyArray<readonly [string, Operation]> = [
  ['/v1/chat/completions', 'chat'],
  ['/v1/completions', 'completions'],
  ['/v1/embeddings', 'embeddings'],
];

function invocation(operation: Operation, summary: string, tag: string, example: JsonObject, error: string): JsonObject {
  const schema = { $ref: `#/components/schemas/${operation}Request` };
  const answer = { $ref: `#/components/schemas/${operation}Response` };
  const failure = (description: string) => ({
    description,
    content: { 'application/json': { schema: { $ref: `#/components/schemas/${error}` } } },
  });
  return {
    summary,
    tags: [tag],
    requestBody: { required: true, content: { 'application/json': { schema, example } } },
    responses: {
      200: {
        description: 'The answer; events when the request asks to stream.',
        content: {
          'application/json': { schema: answer },
          ...(operation !== 'embeddings' && { 'text/event-stream': { schema: { type: 'string' } } }),
        },
      },
      ...(error === 'MlflowError' ? { 422: failure('The request is not valid.') } : { 400: failure('The request is not valid.') }),
      429: failure('The limit of the endpoint is reached.'),
      502: failure('The upstream could not be reached or answered in an unusable way.'),
      504: failure('The upstream took too long.'),
    },
  };
}

function listing(summary: string, parameters: readonly string[] = []): JsonObject {
  return {
    get: {
      summary,
      tags: ['Gateway'],
      parameters: parameters.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
      responses: { 200: { description: 'Success.' }, ...(parameters.length > 0 && { 404: { description: 'No such name.' } }) },
    },
  };
}

const LISTINGS: JsonObject = {
  '/health': listing('Whether the gateway serves.'),
  '/metrics': listing('Prometheus metrics.'),
  '/v1/models': listing('The endpoints and routes, as OpenAI lists models.'),
  '/v1/models/{name}': listing('One of them.', ['name']),
  '/api/2.0/endpoints/': listing('The endpoints.'),
  '/api/2.0/endpoints/{name}': listing('One endpoint.', ['name']),
  '/api/2.0/gateway/routes/': listing('The endpoints in the shape of MLflow before 2.9.'),
  '/api/2.0/gateway/routes/{name}': listing('One endpoint in that shape.', ['name']),
  '/api/3.0/gateway/endpoint/{name}': listing('One endpoint.', ['name']),
  '/api/3.0/gateway/route/{name}': listing('One traffic route.', ['name']),
};

const generation: JsonObject = {
  n: { type: 'integer', minimum: 1 },
  temperature: { type: 'number', minimum: 0, maximum: 2 },
  top_p: { type: 'number', minimum: 0, maximum: 1 },
  max_tokens: { type: 'integer', minimum: 1 },
  stop: { oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' }, minItems: 1 }] },
  stream: { type: 'boolean' },
};

const request = (required: string, properties: JsonObject): JsonObject => ({ type: 'object', required: [required], properties });

const usage: JsonObject = {
  type: 'object',
  properties: Object.fromEntries(
    ['prompt_tokens', 'completion_tokens', 'total_tokens'].map((name) => [name, { type: ['integer', 'null'] }]),
  ),
};

const response = (properties: JsonObject): JsonObject => ({ type: 'object', properties: { ...properties, usage } });

const SCHEMAS: JsonObject = {
  chatRequest: request('messages', {
    messages: {
      type: 'array',
      minItems: 1,
      items: { type: 'object', required: ['role'], properties: { role: { type: 'string' }, content: {} } },
    },
    tools: { type: 'array', items: { type: 'object' } },
    tool_choice: {},
    response_format: { type: 'object' },
    ...generation,
  }),
  completionsRequest: request('prompt', { prompt: { type: 'string' }, ...generation }),
  embeddingsRequest: request('input', { input: { oneOf: [{ type: 'string' }, { type: 'array' }] } }),
  chatResponse: response({ id: { type: ['string', 'null'] }, model: { type: 'string' }, choices: { type: 'array' } }),
  completionsResponse: response({ id: { type: ['string', 'null'] }, model: { type: 'string' }, choices: { type: 'array' } }),
  embeddingsResponse: response({ model: { type: 'string' }, data: { type: 'array' } }),
  MlflowError: { type: 'object', properties: { detail: {}, error: { type: 'string' } } },
  OpenAIError: {
    type: 'object',
    properties: {
      error: {
        type: 'object',
        properties: { message: { type: 'string' }, type: { type: 'string' }, param: {}, code: {} },
      },
    },
  },
};
