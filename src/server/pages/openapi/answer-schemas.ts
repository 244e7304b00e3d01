import type { JsonObject } from '../../../core/types.ts';
import { integer, list, nullable, number, object, schemaRef, string } from './schema.ts';

const usage = object(
  {
    prompt_tokens: nullable(integer()),
    completion_tokens: nullable(integer()),
    total_tokens: nullable(integer()),
  },
  [],
  { description: 'Tokens as the provider counted them, with its further counts.' },
);

const provider = string({ description: 'Who served the answer. On OpenAI’s surface only if the provider says so.' });

const answerOf = (kind: string, choice: JsonObject, more: JsonObject = {}): JsonObject =>
  object(
    {
      id: nullable(string()),
      object: { const: kind },
      created: integer({ description: 'Seconds since 1970.' }),
      model: nullable(string()),
      choices: list(choice),
      usage: schemaRef('Usage'),
      ...more,
    },
    ['object', 'choices'],
  );

const finishReason = nullable(string({ examples: ['stop', 'length', 'tool_calls', 'content_filter'] }));

const chatAnswer = answerOf(
  'chat.completion',
  object({
    index: integer(),
    message: object({
      role: string(),
      content: nullable(string()),
      tool_calls: nullable(list(schemaRef('ToolCall'))),
      refusal: nullable(string()),
    }),
    finish_reason: finishReason,
  }),
  { provider },
);

const chatChunk = answerOf(
  'chat.completion.chunk',
  object({
    index: integer(),
    delta: object({
      role: nullable(string()),
      content: nullable(string({ description: 'The next piece of text.' })),
      tool_calls: nullable(list(object({ index: integer(), id: nullable(string()), function: { type: 'object' } }))),
    }),
    finish_reason: finishReason,
  }),
  { usage: { anyOf: [schemaRef('Usage'), { type: 'null' }] }, provider },
);

const completionsAnswer = answerOf(
  'text_completion',
  object({ index: integer(), text: string(), finish_reason: finishReason }),
);

const completionsChunk = answerOf(
  'text_completion_chunk',
  object({ index: integer(), text: string({ description: 'The next piece of text.' }), finish_reason: finishReason }),
  {
    object: string({ enum: ['text_completion_chunk', 'text_completion'], description: 'The second is OpenAI’s.' }),
    usage: { anyOf: [schemaRef('Usage'), { type: 'null' }] },
  },
);

const embeddingsAnswer = object(
  {
    object: { const: 'list' },
    data: list(
      object({
        object: { const: 'embedding' },
        index: integer(),
        embedding: { anyOf: [list(number()), string({ description: 'Base64 of 32-bit floats.' })] },
      }),
    ),
    model: nullable(string()),
    usage: object({ prompt_tokens: nullable(integer()), total_tokens: nullable(integer()) }),
  },
  ['object', 'data'],
);

const fieldError = object(
  {
    type: string({ examples: ['missing', 'greater_than_equal'] }),
    loc: list({ type: ['string', 'integer'] }, { description: 'Where in the request, from `body` on.' }),
    msg: string(),
    input: { description: 'The value that was found.' },
    ctx: { type: 'object' },
  },
  ['type', 'loc', 'msg'],
);

const mlflowError = object(
  {
    detail: {
      description: 'What went wrong: a text, a list of fields, or the provider’s own JSON.',
      anyOf: [string(), list(schemaRef('FieldError')), { type: 'object' }],
    },
  },
  ['detail'],
);

const openaiError = object(
  {
    error: object(
      {
        message: string(),
        type: string({ examples: ['invalid_request_error', 'rate_limit_error', 'server_error'] }),
        param: nullable(string()),
        code: { type: ['string', 'integer', 'null'] },
      },
      ['message'],
    ),
  },
  ['error'],
  { description: 'OpenAI’s shape. The error of a provider that speaks it is passed on whole.' },
);

export const answerSchemas: JsonObject = {
  ChatAnswer: chatAnswer,
  ChatChunk: chatChunk,
  CompletionsAnswer: completionsAnswer,
  CompletionsChunk: completionsChunk,
  EmbeddingsAnswer: embeddingsAnswer,
  Usage: usage,
  FieldError: fieldError,
  MlflowError: mlflowError,
  MlflowRateLimit: object({ error: string({ examples: ['Rate limit exceeded: 2 per 1 minute'] }) }, ['error']),
  OpenAIError: openaiError,
};
