import type { JsonObject } from '../../src/core/types.ts';
import { utf8FromLatin1 } from '../../src/dialects/latin1.ts';
import { eachEventData } from '../../src/dialects/sse.ts';

/** What a client understood of an answer. */
export interface Understood {
  readonly text: string;
  readonly calls: ReadonlyArray<{ readonly name: string; readonly arguments: unknown; readonly hasId: boolean }>;
  readonly finish: string | null | undefined;
  /** Tokens read and written. */
  readonly usage: ReadonlyArray<number | undefined>;
}

/** A vendor's client, as far as a test needs one. What comes over the wire is taken to be of the vendor's shape. */
export interface VendorClient {
  path(endpoint: string, stream: boolean): string;
  body(endpoint: string, stream: boolean, tools: boolean): JsonObject;
  whole(answer: unknown): Understood;
  /** The events of a stream that came to its end. */
  stream(events: readonly unknown[]): Understood;
  /** The finish that means that a tool is called. */
  readonly callFinish: string;
  readonly stopFinish: string;
  /** The message of an error answer, or undefined where it is in another shape. */
  errorMessage(body: unknown): unknown;
  isEnd(event: unknown): boolean;
  /** The message of an error within a stream. */
  streamError(event: unknown): unknown;
}

/** The JSON of each event; `[DONE]` is a text. */
export function eventsOf(bytes: Uint8Array): unknown[] {
  const events: unknown[] = [];
  eachEventData(Buffer.from(bytes).toString('latin1'), (data) => {
    events.push(data === '[DONE]' ? data : JSON.parse(utf8FromLatin1(data)));
  });
  return events;
}

const SCHEMA = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const TOOL = { name: 'get_weather', description: 'The weather of a city' };

interface ErrorBody {
  readonly type?: string;
  readonly message?: string;
  readonly error?: { readonly message?: string; readonly status?: unknown };
  readonly response?: { readonly error?: { readonly message?: string } };
}

const errorOf = (body: unknown) => (body as ErrorBody).error;

interface OpenAICall {
  readonly index: number;
  readonly id?: string;
  readonly function: { readonly name: string; arguments: string };
}

interface OpenAIMessage {
  readonly content?: string | null;
  readonly tool_calls?: OpenAICall[];
}

interface OpenAIAnswer {
  readonly choices: ReadonlyArray<{ message?: OpenAIMessage; delta?: OpenAIMessage; finish_reason: string | null }>;
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number } | null;
}

const openaiUsage = (usage: OpenAIAnswer['usage']) => [usage?.prompt_tokens, usage?.completion_tokens];

const openaiCall = ({ id = '', function: { name, arguments: text } }: OpenAICall) => ({
  name,
  arguments: JSON.parse(text),
  hasId: id !== '',
});

const openai: VendorClient = {
  path: () => '/v1/chat/completions',
  body: (model, stream, tools) => ({
    model,
    messages: [{ role: 'user', content: 'hello' }],
    ...(stream && { stream, stream_options: { include_usage: true } }),
    ...(tools && { tools: [{ type: 'function', function: { ...TOOL, parameters: SCHEMA } }] }),
  }),
  whole: (answer) => {
    const { choices, usage } = answer as OpenAIAnswer;
    const [choice] = choices;
    return {
      text: choice?.message?.content ?? '',
      calls: (choice?.message?.tool_calls ?? []).map(openaiCall),
      finish: choice?.finish_reason,
      usage: openaiUsage(usage),
    };
  },
  stream: (events) => {
    const chunks = events.filter((event) => event !== '[DONE]') as OpenAIAnswer[];
    const choices = chunks.flatMap((chunk) => chunk.choices[0] ?? []);
    const calls = new Map<number, OpenAICall>();
    for (const call of choices.flatMap(({ delta }) => delta?.tool_calls ?? [])) {
      const known = calls.get(call.index);
      if (known) known.function.arguments += call.function.arguments;
      else calls.set(call.index, structuredClone(call));
    }
    return {
      text: choices.map(({ delta }) => delta?.content ?? '').join(''),
      calls: [...calls.values()].map(openaiCall),
      finish: choices.findLast((choice) => choice.finish_reason)?.finish_reason,
      usage: openaiUsage(chunks.findLast((chunk) => chunk.usage)?.usage),
    };
  },
  callFinish: 'tool_calls',
  stopFinish: 'stop',
  errorMessage: (body) => errorOf(body)?.message,
  isEnd: (event) => event === '[DONE]',
  streamError: (event) => errorOf(event)?.message,
};

interface AnthropicBlock {
  readonly type: string;
  readonly id?: string;
  readonly name?: string;
  text?: string;
  input?: unknown;
}

interface AnthropicUsage {
  readonly input_tokens?: number;
  readonly output_tokens?: number;
}

interface AnthropicMessage {
  readonly content: readonly AnthropicBlock[];
  readonly stop_reason: string | null;
  readonly usage: AnthropicUsage;
}

interface AnthropicEvent {
  readonly type: string;
  readonly index: number;
  readonly message: AnthropicMessage;
  readonly content_block: AnthropicBlock;
  readonly delta: { readonly text?: string; readonly partial_json?: string; readonly stop_reason: string | null };
  readonly usage?: AnthropicUsage;
}

/** The message that a stream's events make up. */
function anthropicMessage(events: readonly AnthropicEvent[]): AnthropicMessage {
  const blocks: Array<AnthropicBlock & { json: string }> = [];
  let stop_reason: string | null = null;
  let usage: AnthropicUsage = {};
  for (const { type, index, message, content_block, delta, usage: counted } of events) {
    const block = blocks[index];
    if (type === 'message_start') usage = message.usage;
    if (type === 'content_block_start') blocks[index] = { ...content_block, json: '' };
    if (type === 'content_block_delta' && block) {
      if (delta.text !== undefined) block.text = (block.text ?? '') + delta.text;
      block.json += delta.partial_json ?? '';
    }
    if (type === 'message_delta') {
      stop_reason = delta.stop_reason;
      usage = { ...usage, ...counted };
    }
  }
  const content = blocks.map(({ json, ...block }) => (json === '' ? block : { ...block, input: JSON.parse(json) }));
  return { content, stop_reason, usage };
}

const anthropic: VendorClient = {
  path: () => '/v1/messages',
  body: (model, stream, tools) => ({
    model,
    max_tokens: 100,
    messages: [{ role: 'user', content: 'hello' }],
    ...(stream && { stream }),
    ...(tools && { tools: [{ ...TOOL, input_schema: SCHEMA }] }),
  }),
  whole: (answer) => {
    const { content, stop_reason, usage } = answer as AnthropicMessage;
    const calls = content.filter(({ type }) => type === 'tool_use');
    return {
      text: content.map(({ text = '' }) => text).join(''),
      calls: calls.map(({ id = '', name = '', input }) => ({ name, arguments: input, hasId: id !== '' })),
      finish: stop_reason,
      usage: [usage.input_tokens, usage.output_tokens],
    };
  },
  stream: (events) => anthropic.whole(anthropicMessage(events as AnthropicEvent[])),
  callFinish: 'tool_use',
  stopFinish: 'end_turn',
  errorMessage: (body) => ((body as ErrorBody).type === 'error' ? errorOf(body)?.message : undefined),
  isEnd: (event) => (event as AnthropicEvent).type === 'message_stop',
  streamError: (event) => anthropic.errorMessage(event),
};

interface GeminiPart {
  readonly text?: string;
  readonly functionCall?: { readonly name: string; readonly args: unknown };
}

interface GeminiAnswer {
  readonly candidates?: ReadonlyArray<{ content?: { parts?: readonly GeminiPart[] }; finishReason?: string }>;
  readonly usageMetadata?: { readonly promptTokenCount: number; readonly candidatesTokenCount: number };
}

const gemini: VendorClient = {
  path: (name, stream) => `/v1beta/models/${name}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
  body: (_name, _stream, tools) => ({
    contents: [{ role: 'user', parts: [{ text: 'hello' }] }],
    ...(tools && { tools: [{ functionDeclarations: [{ ...TOOL, parametersJsonSchema: SCHEMA }] }] }),
  }),
  whole: (answer) => gemini.stream([answer]),
  stream: (events) => {
    const answers = events as GeminiAnswer[];
    const candidates = answers.flatMap((answer) => answer.candidates?.[0] ?? []);
    const parts = candidates.flatMap(({ content }) => content?.parts ?? []);
    const usage = answers.findLast(({ usageMetadata }) => usageMetadata)?.usageMetadata;
    const calls = parts.flatMap(({ functionCall }) => functionCall ?? []);
    return {
      text: parts.map(({ text = '' }) => text).join(''),
      calls: calls.map(({ name, args }) => ({ name, arguments: args, hasId: true })),
      finish: candidates.findLast(({ finishReason }) => finishReason)?.finishReason,
      usage: [usage?.promptTokenCount, usage?.candidatesTokenCount],
    };
  },
  callFinish: 'STOP',
  stopFinish: 'STOP',
  errorMessage: (body) => (typeof errorOf(body)?.status === 'string' ? errorOf(body)?.message : undefined),
  isEnd: (event) => (event as GeminiAnswer).candidates?.[0]?.finishReason !== undefined,
  streamError: (event) => errorOf(event)?.message,
};

interface ResponsesItem {
  readonly type: string;
  readonly content?: ReadonlyArray<{ readonly text?: string }>;
  readonly call_id?: string;
  readonly name?: string;
  readonly arguments?: string;
}

interface ResponsesAnswer {
  readonly output: readonly ResponsesItem[];
  readonly status: string;
  readonly usage: { readonly input_tokens: number; readonly output_tokens: number };
}

interface ResponsesEvent {
  readonly type: string;
  readonly delta: string;
  readonly response: ResponsesAnswer;
}

const responses: VendorClient = {
  path: () => '/v1/responses',
  body: (model, stream, tools) => ({
    model,
    input: 'hello',
    ...(stream && { stream }),
    ...(tools && { tools: [{ type: 'function', ...TOOL, parameters: SCHEMA, strict: false }] }),
  }),
  whole: (answer) => {
    const { output, status, usage } = answer as ResponsesAnswer;
    const texts = output.flatMap(({ content = [] }) => content).map(({ text = '' }) => text);
    const calls = output.filter(({ type }) => type === 'function_call');
    return {
      text: texts.join(''),
      calls: calls.map(({ call_id = '', name = '', arguments: text = '' }) => ({
        name,
        arguments: JSON.parse(text),
        hasId: call_id !== '',
      })),
      finish: status,
      usage: [usage.input_tokens, usage.output_tokens],
    };
  },
  stream: (given) => {
    const events = given as ResponsesEvent[];
    const deltas = events.filter(({ type }) => type === 'response.output_text.delta').map(({ delta }) => delta);
    const completed = events.findLast(({ type }) => type === 'response.completed');
    return { ...responses.whole(completed?.response), text: deltas.join('') };
  },
  callFinish: 'completed',
  stopFinish: 'completed',
  errorMessage: (body) => errorOf(body)?.message,
  isEnd: (event) => (event as ResponsesEvent).type === 'response.completed',
  streamError: (event) => {
    const { type, message, response } = event as ErrorBody;
    return type === 'error' ? (message ?? errorOf(event)?.message) : response?.error?.message;
  },
};

export const CLIENTS = { openai, anthropic, gemini, responses } as const;
export type ClientName = keyof typeof CLIENTS;
