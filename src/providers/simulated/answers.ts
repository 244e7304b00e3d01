import type { JsonObject, Operation } from '../../core/types.ts';
import { replyTo, tokenize } from './reply.ts';
import type { Settings } from './settings.ts';

/** A fixed time, so that the same request gets the same bytes. */
const CREATED = 1_700_000_000;

function usage(promptTokens: number, completionTokens: number): JsonObject {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
}

/** The whole answer, in OpenAI's shape. */
export function wholeAnswer(operation: Operation, model: string, request: JsonObject, settings: Settings): JsonObject {
  if (operation === 'embeddings') return embeddingsAnswer(model, request, settings);
  const reply = replyTo(request, settings);
  const count = typeof request.n === 'number' ? Math.min(request.n, 16) : 1;
  const text = reply.tokens.join('');
  const finish_reason = reply.toolCall ? 'tool_calls' : 'stop';
  const choice = (index: number): JsonObject => {
    if (operation === 'completions') return { index, text, logprobs: null, finish_reason };
    const call = reply.toolCall && toolCallObject(reply.toolCall);
    const message = {
      role: 'assistant',
      content: call ? null : text,
      refusal: null,
      ...(call && { tool_calls: [call] }),
    };
    return { index, message, logprobs: null, finish_reason };
  };
  return {
    id: operation === 'chat' ? 'chatcmpl-simulated' : 'cmpl-simulated',
    object: operation === 'chat' ? 'chat.completion' : 'text_completion',
    created: CREATED,
    model,
    choices: Array.from({ length: count }, (_, index) => choice(index)),
    usage: usage(reply.promptTokens, reply.tokens.length * count),
  };
}

function toolCallObject({ id, name, arguments: text }: { id: string; name: string; arguments: string }): JsonObject {
  return { id, type: 'function', function: { name, arguments: text } };
}

/** The events of a stream, in OpenAI's shape, the last of them `[DONE]`. */
export function streamEvents(operation: Operation, model: string, request: JsonObject, settings: Settings): string[] {
  const reply = replyTo(request, settings);
  const chat = operation === 'chat';
  const event = (choices: JsonObject[], more: JsonObject = {}): string =>
    `data: ${JSON.stringify({
      id: chat ? 'chatcmpl-simulated' : 'cmpl-simulated',
      object: chat ? 'chat.completion.chunk' : 'text_completion',
      created: CREATED,
      model,
      choices,
      ...more,
    })}\n\n`;
  const delta = (value: JsonObject, finish_reason: string | null = null) =>
    event([{ index: 0, delta: value, finish_reason }]);
  const events: string[] = [];
  if (chat) {
    events.push(delta({ role: 'assistant', content: reply.toolCall ? null : '' }));
    if (reply.toolCall) events.push(delta({ tool_calls: [{ index: 0, ...toolCallObject(reply.toolCall) }] }));
    for (const token of reply.tokens) events.push(delta({ content: token }));
    events.push(delta({}, reply.toolCall ? 'tool_calls' : 'stop'));
  } else {
    for (const token of reply.tokens) events.push(event([{ index: 0, text: token, finish_reason: null }]));
    events.push(event([{ index: 0, text: '', finish_reason: 'stop' }]));
  }
  const options = request.stream_options as JsonObject | null | undefined;
  if (options?.include_usage === true)
    events.push(event([], { usage: usage(reply.promptTokens, reply.tokens.length) }));
  events.push('data: [DONE]\n\n');
  return events;
}

function embeddingsAnswer(model: string, request: JsonObject, settings: Settings): JsonObject {
  const inputs = isTokenList(request.input) || !Array.isArray(request.input) ? [request.input] : request.input;
  const dimensions = typeof request.dimensions === 'number' ? request.dimensions : (settings.embedding_dimensions ?? 8);
  const asBase64 = request.encoding_format === 'base64';
  const promptTokens = inputs.reduce<number>((sum, input) => sum + inputTokens(input), 0);
  return {
    object: 'list',
    data: inputs.map((input, index) => {
      const vector = embeddingOf(JSON.stringify(input ?? ''), dimensions);
      return { object: 'embedding', index, embedding: asBase64 ? base64(vector) : vector };
    }),
    model,
    usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
  };
}

const isTokenList = (input: unknown): boolean =>
  Array.isArray(input) && input.every((item) => typeof item === 'number');

const inputTokens = (input: unknown): number =>
  Array.isArray(input) ? input.length : tokenize(String(input ?? '')).length;

/** A unit vector drawn from the text by a small generator (mulberry32), so that equal texts have equal embeddings. */
function embeddingOf(text: string, dimensions: number): number[] {
  let state = 0;
  for (let index = 0; index < text.length; index += 1) state = Math.imul(state ^ text.charCodeAt(index), 0x9e3779b1);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 - 0.5;
  };
  const values = Array.from({ length: Math.min(Math.max(1, dimensions), 4096) }, next);
  const length = Math.hypot(...values) || 1;
  return values.map((value) => Number((value / length).toFixed(6)));
}

function base64(vector: readonly number[]): string {
  return Buffer.from(new Float32Array(vector).buffer).toString('base64');
}
