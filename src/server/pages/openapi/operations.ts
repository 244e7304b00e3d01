import type { JsonObject, Operation } from '../../../core/types.ts';
import { schemaRef } from './schema.ts';

export const json = (schema: JsonObject, example?: JsonObject): JsonObject => ({
  'application/json': { schema, ...(example && { example }) },
});

/** A response that `components.responses` describes. */
export const responseRef = (name: string): JsonObject => ({ $ref: `#/components/responses/${name}` });

const SCHEMA_NAMES: Readonly<Record<Operation, string>> = {
  chat: 'Chat',
  completions: 'Completions',
  embeddings: 'Embeddings',
};

/** Bodies that work as they are with the simulated provider, and with most models. */
export const EXAMPLES: Readonly<Record<Operation, JsonObject>> = {
  chat: { messages: [{ role: 'user', content: 'Why is the sky blue?' }] },
  completions: { prompt: 'Once upon a time', max_tokens: 64 },
  embeddings: { input: ['The sky is blue.', 'Grass is green.'] },
};

const COMMON_HEADERS = ['server-timing', 'x-mlflow-gateway-duration-ms'];
const LIMIT_HEADERS = ['ratelimit-policy', 'ratelimit'];
const REFUSAL_HEADERS = [...LIMIT_HEADERS, 'ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset', 'retry-after'];

const headersOf = (names: readonly string[]): JsonObject =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

export interface InvocationOptions {
  readonly surface: 'mlflow' | 'openai';
  readonly operation: Operation;
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly description: string;
  readonly example: JsonObject;
  readonly streams: boolean;
  readonly limited: boolean;
}

/** The POST that calls a model. */
export function invocation(options: InvocationOptions): JsonObject {
  const { surface, operation, operationId, tag, summary, description, example, streams, limited } = options;
  const name = SCHEMA_NAMES[operation];
  const request = schemaRef(surface === 'openai' ? `OpenAI${name}Request` : `${name}Request`);
  const headers = [...COMMON_HEADERS, ...(limited ? LIMIT_HEADERS : [])];
  return {
    operationId,
    tags: [tag],
    summary,
    description,
    requestBody: { required: true, content: json(request, example) },
    responses: {
      200: {
        description: streams ? 'The answer. With `"stream": true` events, `data: <chunk>` each.' : 'The answer.',
        headers: headersOf(headers),
        content: {
          ...json(schemaRef(`${name}Answer`)),
          ...(streams && { 'text/event-stream': { schema: schemaRef(`${name}Chunk`) } }),
        },
      },
      ...(surface === 'openai' ? openaiErrors(limited) : mlflowErrors(limited)),
    },
  };
}

const mlflowErrors = (limited: boolean): JsonObject => ({
  422: responseRef('MlflowInvalidBody'),
  ...(limited && { 429: responseRef('MlflowRateLimited') }),
  501: responseRef('MlflowNotImplemented'),
  502: responseRef('MlflowUpstreamFailed'),
  504: responseRef('MlflowUpstreamTimeout'),
  default: responseRef('MlflowOther'),
});

const openaiErrors = (limited: boolean): JsonObject => ({
  400: responseRef('OpenAIInvalidRequest'),
  404: responseRef('OpenAIUnknownModel'),
  ...(limited && { 429: responseRef('OpenAIRateLimited') }),
  501: responseRef('OpenAINotImplemented'),
  502: responseRef('OpenAIUpstreamFailed'),
  504: responseRef('OpenAIUpstreamTimeout'),
  default: responseRef('OpenAIOther'),
});

const header = (description: string): JsonObject => ({ description, schema: { type: 'string' } });

export const components: { readonly headers: JsonObject; readonly responses: JsonObject } = {
  headers: {
    'server-timing': header('Milliseconds spent in the gateway and waiting for the provider.'),
    'x-mlflow-gateway-duration-ms': header('Milliseconds from the request to these headers.'),
    'ratelimit-policy': header('The limit: calls (`q`) in a window of seconds (`w`).'),
    ratelimit: header('Calls that remain (`r`) and seconds until the window ends (`t`).'),
    'ratelimit-limit': header('Calls in a window.'),
    'ratelimit-remaining': header('Calls that remain in it.'),
    'ratelimit-reset': header('Seconds until it ends.'),
    'retry-after': header('Seconds to wait.'),
  },
  responses: {
    ...errorResponses('Mlflow', 'MlflowError'),
    ...errorResponses('OpenAI', 'OpenAIError'),
    MlflowInvalidBody: failure('The body does not fit; `detail` lists the fields.', 'MlflowError'),
    OpenAIInvalidRequest: failure('The body does not fit; `param` names the field.', 'OpenAIError'),
    OpenAIUnknownModel: failure('No endpoint or traffic route has the name in `model`.', 'OpenAIError'),
    MlflowRateLimited: rateLimited('MlflowRateLimit'),
    OpenAIRateLimited: rateLimited('OpenAIError'),
    MlflowNotFound: failure('No such name.', 'MlflowError'),
    OpenAINotFound: failure('No such name.', 'OpenAIError'),
  },
};

function errorResponses(prefix: string, schema: string): JsonObject {
  return {
    [`${prefix}NotImplemented`]: failure('The provider cannot do this, or not yet.', schema),
    [`${prefix}UpstreamFailed`]: failure('The provider could not be reached, or its answer is unusable.', schema),
    [`${prefix}UpstreamTimeout`]: failure('The provider took too long.', schema),
    [`${prefix}Other`]: failure('Any other error. An error of the provider keeps its status.', schema),
  };
}

function failure(description: string, schema: string): JsonObject {
  return { description, content: json(schemaRef(schema)) };
}

function rateLimited(schema: string): JsonObject {
  return { ...failure('The limit of the endpoint is reached.', schema), headers: headersOf(REFUSAL_HEADERS) };
}
