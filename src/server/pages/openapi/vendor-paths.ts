import type { JsonObject } from '../../../core/types.ts';
import { json, responseRef } from './operations.ts';
import { schemaRef } from './schema.ts';

/** The tags of these paths. */
export const VENDOR_TAGS = [
  { name: 'Anthropic', description: 'Anthropic’s API. `model` names the endpoint.' },
  { name: 'Gemini', description: 'Google’s Gemini API. The path names the endpoint.' },
  { name: 'Tracking server', description: 'The paths of MLflow’s tracking server.' },
];

interface Call {
  /** Below each base; `{model}` is the endpoint's name. */
  readonly path: string;
  readonly summary: string;
  /** Where the vendor describes the request and its answer. */
  readonly reference: string;
  readonly example: JsonObject;
  readonly streams?: true;
}

const OPENAI = 'https://platform.openai.com/docs/api-reference';
const ANTHROPIC = 'https://docs.anthropic.com/en/api';
const GEMINI = 'https://ai.google.dev/api';

const MESSAGES = [{ role: 'user', content: 'Why is the sky blue?' }];
const CONTENTS = { contents: [{ role: 'user', parts: [{ text: 'Why is the sky blue?' }] }] };
const EMBED = { content: { parts: [{ text: 'The sky is blue.' }] } };

const OPENAI_CALLS: readonly Call[] = [
  {
    path: '/responses',
    summary: 'The next part of a conversation.',
    reference: `${OPENAI}/responses/create`,
    example: { model: 'my-endpoint', input: 'Why is the sky blue?' },
    streams: true,
  },
  {
    path: '/responses/input_tokens',
    summary: 'How many tokens a request has.',
    reference: `${OPENAI}/responses/input-tokens`,
    example: { model: 'my-endpoint', input: 'Why is the sky blue?' },
  },
];

/** What has a path with schemas of its own at `/v1`. */
const OPENAI_TWINS: readonly Call[] = [
  {
    path: '/chat/completions',
    summary: 'The next message of a conversation.',
    reference: `${OPENAI}/chat/create`,
    example: { model: 'my-endpoint', messages: MESSAGES },
    streams: true,
  },
  {
    path: '/completions',
    summary: 'The continuation of a text.',
    reference: `${OPENAI}/completions/create`,
    example: { model: 'my-endpoint', prompt: 'Once upon a time' },
    streams: true,
  },
  {
    path: '/embeddings',
    summary: 'Texts as vectors.',
    reference: `${OPENAI}/embeddings/create`,
    example: { model: 'my-endpoint', input: 'The sky is blue.' },
  },
];

const ANTHROPIC_CALLS: readonly Call[] = [
  {
    path: '/messages',
    summary: 'The next message of a conversation.',
    reference: `${ANTHROPIC}/messages`,
    example: { model: 'my-endpoint', max_tokens: 256, messages: MESSAGES },
    streams: true,
  },
  {
    path: '/messages/count_tokens',
    summary: 'How many tokens a request has.',
    reference: `${ANTHROPIC}/messages-count-tokens`,
    example: { model: 'my-endpoint', messages: MESSAGES },
  },
];

const GEMINI_CALLS: readonly Call[] = [
  ['generateContent', 'The next message of a conversation.', 'generate-content', CONTENTS],
  [
    'streamGenerateContent',
    'The same as a stream: events with `?alt=sse`, else one JSON list.',
    'generate-content',
    CONTENTS,
  ],
  ['countTokens', 'How many tokens a request has.', 'tokens', CONTENTS],
  ['embedContent', 'A text as a vector.', 'embeddings', EMBED],
  ['batchEmbedContents', 'Texts as vectors.', 'embeddings', { requests: [EMBED] }],
].map(([method, summary, page, example]) => ({
  path: `/models/{model}:${method}`,
  summary: String(summary),
  reference: `${GEMINI}/${page}`,
  example: example as JsonObject,
  ...(method === 'streamGenerateContent' && { streams: true }),
}));

const UNIFIED_CALLS: readonly Call[] = OPENAI_TWINS.filter(({ path }) => path !== '/completions');

const MODEL_PARAMETER = { name: 'model', in: 'path', required: true, schema: { type: 'string' } };

const operationId = (method: string, path: string): string =>
  `${method}_${path
    .slice(1)
    .replaceAll(/[{}]/g, '')
    .replaceAll(/[^a-zA-Z0-9]+/g, '_')}`;

const answerTo = (reference: string, streams = false): JsonObject => {
  const schema = { type: 'object', externalDocs: { url: reference } };
  return {
    200: {
      description: 'The answer.',
      content: { ...json(schema), ...(streams && { 'text/event-stream': { schema } }) },
    },
    default: { description: 'An error, in the shape of this API.' },
  };
};

function callPaths(tag: string, bases: readonly string[], calls: readonly Call[]): JsonObject {
  const paths: JsonObject = {};
  for (const base of bases) {
    for (const { path, summary, reference, example, streams } of calls) {
      paths[base + path] = {
        post: {
          operationId: operationId('post', base + path),
          tags: [tag],
          summary,
          externalDocs: { url: reference },
          ...(path.includes('{model}') && { parameters: [MODEL_PARAMETER] }),
          requestBody: { required: true, content: json({ type: 'object', externalDocs: { url: reference } }, example) },
          responses: answerTo(reference, streams),
        },
      };
    }
  }
  return paths;
}

function listingPaths(tag: string, bases: readonly string[], reference: string): JsonObject {
  const paths: JsonObject = {};
  const get = (path: string, summary: string): JsonObject => ({
    get: {
      operationId: operationId('get', path),
      tags: [tag],
      summary,
      ...(path.includes('{model}') && { parameters: [MODEL_PARAMETER] }),
      responses: answerTo(reference),
    },
  });
  for (const base of bases) {
    paths[`${base}/models`] = get(`${base}/models`, 'The endpoints and traffic routes, as this API lists models.');
    paths[`${base}/models/{model}`] = get(`${base}/models/{model}`, 'One endpoint or traffic route.');
  }
  return paths;
}

const unifiedModels: JsonObject = {
  get: {
    operationId: 'list_unified_models',
    tags: ['Tracking server'],
    summary: 'The endpoints and traffic routes by name.',
    responses: { 200: { description: 'Found.', content: json(schemaRef('ModelList')) } },
  },
};

/** An endpoint's own path at MLflow's tracking server, which takes what its operation takes. */
export function trackingPath(example: JsonObject, operation: string, name: string): JsonObject {
  return {
    post: {
      operationId: `tracking_${name}`,
      tags: ['Tracking server'],
      summary: operation,
      requestBody: { required: true, content: json({ type: 'object' }, example) },
      responses: { ...answerTo(`${OPENAI}/chat/object`, true), 404: responseRef('MlflowNotFound') },
    },
  };
}

const GEMINI_BASES = ['/v1beta', '/gemini/v1beta', '/gemini/v1', '/gateway/gemini/v1beta'];
const ANTHROPIC_BASES = ['/anthropic/v1', '/gateway/anthropic/v1'];

/** The paths of the vendors' own APIs. What they take and answer, the vendors describe. */
export const vendorPaths: JsonObject = {
  ...callPaths('OpenAI', ['/v1', '/gateway/openai/v1'], OPENAI_CALLS),
  ...callPaths('OpenAI', ['/gateway/openai/v1'], OPENAI_TWINS),
  ...listingPaths('OpenAI', ['/gateway/openai/v1'], `${OPENAI}/models`),
  ...callPaths('Anthropic', ['/v1', ...ANTHROPIC_BASES], ANTHROPIC_CALLS),
  ...listingPaths('Anthropic', ANTHROPIC_BASES, `${ANTHROPIC}/models-list`),
  ...callPaths('Gemini', [...GEMINI_BASES, '/v1'], GEMINI_CALLS),
  ...listingPaths('Gemini', GEMINI_BASES, `${GEMINI}/models`),
  ...callPaths('Tracking server', ['/gateway/mlflow/v1'], UNIFIED_CALLS),
  '/gateway/mlflow/v1/models': unifiedModels,
};
