import type { JsonObject } from '../../src/core/types.ts';
import { endpoint } from './gateway.ts';

/** What a model says in each vendor's words: a text of several alphabets, or the call of a tool. */
export const TEXT = 'Grüße, 世界 😀';
export const CALL = { id: 'call_1', name: 'get_weather', arguments: { city: 'Zürich' } };

export interface Vendor {
  /** The endpoint of a gateway that has this vendor behind it at a base URL. */
  endpoint(name: string, base: string, more?: JsonObject): JsonObject;
  readonly text: JsonObject;
  readonly call: JsonObject;
  /** Whole streams, with their terminal event last. */
  readonly textEvents: readonly string[];
  readonly callEvents: readonly string[];
  readonly error: JsonObject;
}

const USAGE = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 };
const ARGUMENTS = JSON.stringify(CALL.arguments);

const data = (...objects: unknown[]): string[] => objects.map((object) => `data: ${JSON.stringify(object)}\n\n`);

function openaiAnswer(message: JsonObject, finish_reason: string): JsonObject {
  const choices = [{ index: 0, message: { role: 'assistant', content: null, ...message }, finish_reason }];
  return { id: 'c-1', object: 'chat.completion', created: 1, model: 'm-up', choices, usage: USAGE };
}

function openaiEvents(deltas: readonly JsonObject[], finish_reason: string): string[] {
  const head = { id: 'c-1', object: 'chat.completion.chunk', created: 1, model: 'm-up' };
  const chunk = (delta: JsonObject, finish: string | null) => ({
    ...head,
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  const chunks = deltas.map((delta) => chunk(delta, null));
  return [...data(...chunks, chunk({}, finish_reason), { ...head, choices: [], usage: USAGE }), 'data: [DONE]\n\n'];
}

function openaiCall(definition: JsonObject): JsonObject {
  return { tool_calls: [{ index: 0, id: CALL.id, type: 'function', function: definition }] };
}

const openai: Vendor = {
  endpoint: (name, base, more) =>
    endpoint(name, 'chat', 'openai', { openai_api_key: 'sk-canary', openai_api_base: base }, more),
  text: openaiAnswer({ content: TEXT }, 'stop'),
  call: openaiAnswer(openaiCall({ name: CALL.name, arguments: ARGUMENTS }), 'tool_calls'),
  textEvents: openaiEvents(
    [{ role: 'assistant', content: '' }, ...[TEXT.slice(0, 4), TEXT.slice(4)].map((content) => ({ content }))],
    'stop',
  ),
  callEvents: openaiEvents(
    [
      { role: 'assistant', content: null, ...openaiCall({ name: CALL.name, arguments: '' }) },
      ...[ARGUMENTS.slice(0, 5), ARGUMENTS.slice(5)].map((piece) => ({
        tool_calls: [{ index: 0, function: { arguments: piece } }],
      })),
    ],
    'tool_calls',
  ),
  error: { error: { message: 'Slow down.', type: 'rate_limit_error', param: null, code: 'rate_limit_exceeded' } },
};

function anthropicAnswer(block: JsonObject, stop_reason: string): JsonObject {
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm-up',
    content: [block],
    stop_reason,
    stop_sequence: null,
    usage: { input_tokens: 7, output_tokens: 5 },
  };
}

function anthropicEvents(block: JsonObject, deltas: readonly JsonObject[], stop_reason: string): string[] {
  const { content: _none, ...message } = anthropicAnswer(block, stop_reason);
  const events: JsonObject[] = [
    {
      type: 'message_start',
      message: { ...message, content: [], stop_reason: null, usage: { input_tokens: 7, output_tokens: 1 } },
    },
    { type: 'content_block_start', index: 0, content_block: block },
    { type: 'ping' },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index: 0, delta })),
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 5 } },
    { type: 'message_stop' },
  ];
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
}

const anthropicUse = (input: JsonObject) => ({ type: 'tool_use', id: CALL.id, name: CALL.name, input });

const anthropic: Vendor = {
  endpoint: (name, base, more) =>
    endpoint(name, 'chat', 'anthropic', { anthropic_api_key: 'sk-canary', anthropic_api_base: base }, more),
  text: anthropicAnswer({ type: 'text', text: TEXT }, 'end_turn'),
  call: anthropicAnswer(anthropicUse(CALL.arguments), 'tool_use'),
  textEvents: anthropicEvents(
    { type: 'text', text: '' },
    [TEXT.slice(0, 4), TEXT.slice(4)].map((text) => ({ type: 'text_delta', text })),
    'end_turn',
  ),
  callEvents: anthropicEvents(
    anthropicUse({}),
    ['', ARGUMENTS.slice(0, 5), ARGUMENTS.slice(5)].map((partial_json) => ({ type: 'input_json_delta', partial_json })),
    'tool_use',
  ),
  error: { type: 'error', error: { type: 'rate_limit_error', message: 'Slow down.' }, request_id: 'req_1' },
};

const GEMINI_USAGE = { promptTokenCount: 7, candidatesTokenCount: 5, totalTokenCount: 12 };

function geminiAnswer(part: JsonObject, finishReason: string | null): JsonObject {
  return {
    candidates: [
      { index: 0, content: { role: 'model', parts: [part] }, ...(finishReason !== null && { finishReason }) },
    ],
    ...(finishReason !== null && { usageMetadata: GEMINI_USAGE }),
    modelVersion: 'm-up',
    responseId: 'r-1',
  };
}

const geminiCall = { functionCall: { id: CALL.id, name: CALL.name, args: CALL.arguments } };

const gemini: Vendor = {
  endpoint: (name, base, more) =>
    endpoint(name, 'chat', 'gemini', { gemini_api_key: 'sk-canary', gemini_api_base: base }, more),
  text: geminiAnswer({ text: TEXT }, 'STOP'),
  call: geminiAnswer(geminiCall, 'STOP'),
  textEvents: data(geminiAnswer({ text: TEXT.slice(0, 4) }, null), geminiAnswer({ text: TEXT.slice(4) }, 'STOP')),
  callEvents: data(geminiAnswer(geminiCall, 'STOP')),
  error: { error: { code: 429, message: 'Slow down.', status: 'RESOURCE_EXHAUSTED' } },
};

export const VENDORS = { openai, anthropic, gemini } as const;
export type VendorName = keyof typeof VENDORS;
