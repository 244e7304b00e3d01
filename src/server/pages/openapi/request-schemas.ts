import type { JsonObject } from '../../../core/types.ts';
import { integer, list, nullable, number, object, schemaRef, string } from './schema.ts';

/** The bounds are those of `dialects/mlflow/check.ts`. */
const GENERATION: JsonObject = {
  n: integer({ minimum: 1, default: 1, description: 'How many answers to write.' }),
  stop: {
    description: 'Texts that end the answer.',
    anyOf: [string(), list(string(), { minItems: 1 }), { type: 'null' }],
  },
  max_tokens: nullable(integer({ minimum: 1, description: 'The longest answer, in tokens.' })),
  max_completion_tokens: nullable(integer({ minimum: 1, description: 'As `max_tokens`, reasoning included.' })),
  stream: nullable({ type: 'boolean', description: 'Answer with server-sent events as the text is written.' }),
  stream_options: nullable(
    object(
      { include_usage: { type: 'boolean', description: 'End the stream with an event that counts the tokens.' } },
      [],
      { description: 'The gateway asks for `include_usage` unless it is set here.' },
    ),
  ),
  temperature: nullable(number({ minimum: 0, maximum: 2 })),
  top_p: nullable(number({ minimum: 0, maximum: 1 })),
  presence_penalty: nullable(number({ minimum: -2, maximum: 2 })),
  frequency_penalty: nullable(number({ minimum: -2, maximum: 2 })),
  top_k: nullable(integer({ minimum: 1 })),
};

const PASSED_ON = 'Further fields go to the provider as they are.';

const message = object(
  {
    role: string({ examples: ['system', 'user', 'assistant', 'tool'] }),
    content: { anyOf: [string(), list(schemaRef('ContentPart')), { type: 'null' }] },
    tool_calls: nullable(list(schemaRef('ToolCall'))),
    tool_call_id: nullable(string({ description: 'In a message of role `tool`: the call that it answers.' })),
    refusal: nullable(string()),
  },
  ['role'],
  { description: PASSED_ON },
);

const contentPart = {
  description: 'A part of a message.',
  anyOf: [
    object({ type: { const: 'text' }, text: string() }, ['type', 'text']),
    object(
      {
        type: { const: 'image_url' },
        image_url: object({ url: string(), detail: nullable(string({ enum: ['auto', 'low', 'high'] })) }, ['url']),
      },
      ['type', 'image_url'],
    ),
    object(
      {
        type: { const: 'input_audio' },
        input_audio: object({ data: string(), format: string({ enum: ['wav', 'mp3'] }) }, ['data', 'format']),
      },
      ['type', 'input_audio'],
    ),
    object({ type: string({ enum: ['reasoning', 'file', 'refusal'] }) }, ['type']),
  ],
};

const toolCall = object(
  {
    id: string(),
    type: string({ default: 'function' }),
    function: object({ name: string(), arguments: string({ description: 'JSON, as the model wrote it.' }) }),
  },
  ['id'],
);

const tool = object(
  {
    type: string({ examples: ['function'] }),
    function: object({
      name: string(),
      description: string(),
      parameters: { type: 'object', description: 'A JSON Schema. It goes to the provider unchanged.' },
      strict: nullable({ type: 'boolean' }),
    }),
  },
  ['type'],
);

const responseFormat = object(
  {
    type: string({ enum: ['text', 'json_object', 'json_schema'] }),
    json_schema: object({ name: string(), schema: { type: 'object' }, strict: nullable({ type: 'boolean' }) }),
  },
  ['type'],
);

const chat = object(
  {
    messages: list(schemaRef('Message'), { minItems: 1 }),
    ...GENERATION,
    tools: nullable(list(schemaRef('Tool'))),
    tool_choice: {
      anyOf: [string({ enum: ['none', 'auto', 'required'] }), { type: 'object' }, { type: 'null' }],
    },
    response_format: { anyOf: [schemaRef('ResponseFormat'), { type: 'null' }] },
  },
  ['messages'],
  { description: PASSED_ON },
);

const completions = object({ prompt: string(), ...GENERATION }, ['prompt'], { description: PASSED_ON });

const embeddings = object(
  {
    input: {
      description: 'A text, several texts, or their tokens.',
      anyOf: [string(), list(string()), list(integer()), list(list(integer()))],
    },
    dimensions: integer({ minimum: 1 }),
    encoding_format: string({ enum: ['float', 'base64'] }),
  },
  ['input'],
  { description: PASSED_ON },
);

/** OpenAI's surface names the endpoint in the body. */
const withModel = (schema: string): JsonObject => ({
  allOf: [
    object({ model: string({ description: 'The name of an endpoint or traffic route.' }) }, ['model']),
    schemaRef(schema),
  ],
});

export const requestSchemas: JsonObject = {
  ChatRequest: chat,
  CompletionsRequest: completions,
  EmbeddingsRequest: embeddings,
  OpenAIChatRequest: withModel('ChatRequest'),
  OpenAICompletionsRequest: withModel('CompletionsRequest'),
  OpenAIEmbeddingsRequest: withModel('EmbeddingsRequest'),
  Message: message,
  ContentPart: contentPart,
  ToolCall: toolCall,
  Tool: tool,
  ResponseFormat: responseFormat,
};
