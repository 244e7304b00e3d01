import { isJsonObject, type JsonObject } from '../../../src/core/types.ts';
import { base64Size, list, objectSchema, oneOf, range, Strict, text } from './checks.ts';
import {
  type OfferedTool,
  pieces,
  type Question,
  Refusal,
  type Reply,
  type SeenImage,
  USAGE,
  vectorOf,
} from './script.ts';

/** OpenAI's chat API as its clients find it. https://platform.openai.com/docs/api-reference/chat */
export const strict = new Strict((path, field) => `Unknown parameter: '${path ? `${path}.` : ''}${field}'.`);

const BODY = `model messages audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens
  max_tokens metadata modalities n parallel_tool_calls prediction presence_penalty prompt_cache_key
  prompt_cache_retention reasoning_effort response_format safety_identifier seed service_tier stop store stream
  stream_options temperature tool_choice tools top_logprobs top_p user verbosity web_search_options`;

export function readChat(given: unknown): Question {
  const body = strict.object(given, '', BODY);
  text(body.model, 'model');
  range(body.temperature, 'temperature', 0, 2);
  range(body.top_p, 'top_p', 0, 1);
  if (body.reasoning_effort !== undefined)
    oneOf(body.reasoning_effort, 'reasoning_effort', 'none minimal low medium high xhigh');
  if (body.stream_options !== undefined && body.stream !== true)
    throw new Refusal(400, "The 'stream_options' parameter is only allowed when 'stream' is enabled.");
  if (body.parallel_tool_calls !== undefined && body.tools === undefined)
    throw new Refusal(400, "'parallel_tool_calls' is only allowed when 'tools' are specified.");
  refuseWhileThinking(body);
  const conversation = new Conversation();
  const messages = list(body.messages, 'messages');
  if (messages.length === 0) throw new Refusal(400, "Invalid 'messages': empty array.");
  messages.forEach((message, index) => {
    conversation.add(message, `messages[${index}]`);
  });
  conversation.end();
  const tools = body.tools === undefined ? [] : list(body.tools, 'tools').map(readTool);
  if (body.tool_choice !== undefined && tools.length === 0)
    throw new Refusal(400, "'tool_choice' is only allowed when 'tools' are specified.");
  return {
    ...conversation,
    tools: body.tool_choice === 'none' ? [] : tools,
    schema: readFormat(body.response_format),
    thinks: false,
    kept: false,
  };
}

const SAMPLING = ['top_p', 'presence_penalty', 'frequency_penalty', 'logprobs', 'top_logprobs', 'logit_bias', 'stop'];

/** What a model of the kind of GPT-5 says to settings of sampling. https://platform.openai.com/docs/guides/reasoning */
function refuseWhileThinking(body: JsonObject): void {
  if (!/^(?:o\d|gpt-5)/.test(String(body.model)) || body.reasoning_effort === 'none') return;
  const { temperature } = body;
  if (temperature !== undefined && temperature !== null && temperature !== 1) {
    throw new Refusal(
      400,
      `Unsupported value: 'temperature' does not support ${JSON.stringify(temperature)} with this model. ` +
        'Only the default (1) value is supported.',
    );
  }
  for (const field of SAMPLING) {
    if (body[field] === undefined || body[field] === null) continue;
    throw new Refusal(400, `Unsupported parameter: '${field}' is not supported with this model.`);
  }
}

/** Checks the order of messages while it collects what they say. */
class Conversation {
  system = '';
  text = '';
  images: SeenImage[] = [];
  results: string[] = [];
  readonly #open = new Set<string>();

  add(given: unknown, path: string): void {
    const message = strict.object(
      given,
      path,
      'role content name tool_calls tool_call_id refusal audio function_call annotations parsed',
    );
    const role = oneOf(message.role, `${path}.role`, 'system developer user assistant tool');
    if (role === 'tool') return this.#result(message, path);
    this.end();
    if (role === 'user') {
      this.results = [];
      this.images = [];
      this.text = this.#content(message.content, `${path}.content`);
    } else if (role === 'assistant') this.#assistant(message, path);
    else this.system += this.#content(message.content, `${path}.content`);
  }

  end(): void {
    if (this.#open.size === 0) return;
    throw new Refusal(
      400,
      "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. " +
        `The following tool_call_ids did not have response messages: ${[...this.#open].join(', ')}`,
    );
  }

  #result(message: JsonObject, path: string): void {
    if (!this.#open.delete(text(message.tool_call_id, `${path}.tool_call_id`))) {
      throw new Refusal(
        400,
        "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
      );
    }
    this.results.push(this.#content(message.content, `${path}.content`));
  }

  #assistant(message: JsonObject, path: string): void {
    if (message.content === undefined && message.tool_calls === undefined)
      throw new Refusal(400, `Missing required parameter: '${path}.content'.`);
    if (message.content !== undefined && message.content !== null) this.#content(message.content, `${path}.content`);
    const calls = message.tool_calls === undefined ? [] : list(message.tool_calls, `${path}.tool_calls`);
    for (const [index, given] of calls.entries()) {
      const at = `${path}.tool_calls[${index}]`;
      const call = strict.object(given, at, 'id type function index');
      oneOf(call.type, `${at}.type`, 'function custom');
      const definition = strict.object(call.function, `${at}.function`, 'name arguments parsed_arguments');
      JSON.parse(text(definition.arguments, `${at}.function.arguments`));
      this.#open.add(text(call.id, `${at}.id`));
    }
  }

  #content(content: unknown, path: string): string {
    if (typeof content === 'string') return content;
    return list(content, path)
      .map((part, index) => this.#part(part, `${path}[${index}]`))
      .join('');
  }

  #part(given: unknown, path: string): string {
    const part = strict.object(given, path, 'type text image_url input_audio file refusal');
    switch (oneOf(part.type, `${path}.type`, 'text image_url input_audio file refusal')) {
      case 'text':
        return text(part.text, `${path}.text`);
      case 'image_url': {
        const { url } = strict.object(part.image_url, `${path}.image_url`, 'url detail');
        this.images.push(readDataUrl(text(url, `${path}.image_url.url`), path));
        return '';
      }
      default:
        return '';
    }
  }
}

export function readDataUrl(url: string, path: string): SeenImage {
  const [, mediaType = '', data = ''] = /^data:([^;,]+);base64,(.*)$/.exec(url) ?? [];
  if (mediaType === '') throw new Refusal(400, `Invalid image URL at '${path}'.`);
  return { mediaType, size: base64Size(data, path) };
}

function readTool(given: unknown, index: number): OfferedTool {
  const path = `tools[${index}]`;
  const tool = strict.object(given, path, 'type function custom');
  oneOf(tool.type, `${path}.type`, 'function custom');
  const definition = strict.object(tool.function, `${path}.function`, 'name description parameters strict');
  const name = text(definition.name, `${path}.function.name`);
  if (!/^[\w-]{1,64}$/.test(name)) throw new Refusal(400, `Invalid '${path}.function.name': '${name}'.`);
  const { parameters } = definition;
  return { name, schema: parameters === undefined ? {} : objectSchema(parameters, `${path}.function.parameters`) };
}

function readFormat(format: unknown): JsonObject | null {
  if (!isJsonObject(format)) return null;
  const type = oneOf(format.type, 'response_format.type', 'text json_object json_schema');
  if (type === 'json_object') return { type: 'object', properties: {} };
  if (type === 'text') return null;
  const at = 'response_format.json_schema';
  const definition = strict.object(format.json_schema, at, 'name description schema strict');
  if (!/^[\w-]{1,64}$/.test(text(definition.name, `${at}.name`))) throw new Refusal(400, `Invalid '${at}.name'.`);
  const schema = objectSchema(definition.schema, `${at}.schema`);
  if (definition.strict === true && schema.additionalProperties !== false)
    throw new Refusal(400, "Invalid schema: 'additionalProperties' is required to be supplied and to be false.");
  return schema;
}

const HEAD = { id: 'chatcmpl-mock', created: 1_790_000_000, model: 'gpt-mock-2026', service_tier: 'default' };

const usage = {
  prompt_tokens: USAGE.input,
  completion_tokens: USAGE.output,
  total_tokens: USAGE.input + USAGE.output,
  prompt_tokens_details: { cached_tokens: USAGE.cached, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: USAGE.thinking, audio_tokens: 0 },
};

const toolCalls = ({ calls }: Reply) =>
  calls.map(({ id, name, input }) => ({ id, type: 'function', function: { name, arguments: JSON.stringify(input) } }));

export function chatAnswer(reply: Reply): JsonObject {
  const message = {
    role: 'assistant',
    content: reply.calls.length > 0 ? null : reply.text,
    refusal: null,
    annotations: [],
    ...(reply.calls.length > 0 && { tool_calls: toolCalls(reply) }),
  };
  const choice = { index: 0, message, logprobs: null, finish_reason: reply.finish };
  return { ...HEAD, object: 'chat.completion', choices: [choice], usage, system_fingerprint: 'fp_mock' };
}

/** Parallel calls come interleaved, which the API allows. */
export function* chatEvents(reply: Reply, body: JsonObject): Generator<string> {
  const wantsUsage = isJsonObject(body.stream_options) && body.stream_options.include_usage === true;
  const event = (choices: unknown[], more: JsonObject = wantsUsage ? { usage: null } : {}): string =>
    `data: ${JSON.stringify({ ...HEAD, object: 'chat.completion.chunk', choices, ...more })}\n\n`;
  const delta = (value: JsonObject, finish: string | null = null): string =>
    event([{ index: 0, delta: value, logprobs: null, finish_reason: finish }]);
  yield delta({ role: 'assistant', content: reply.calls.length > 0 ? null : '', refusal: null });
  for (const content of pieces(reply.text)) yield delta({ content });
  const calls = toolCalls(reply);
  for (const [index, call] of calls.entries())
    yield delta({ tool_calls: [{ index, ...call, function: { name: call.function.name, arguments: '' } }] });
  const parts = calls.map((call) => pieces(call.function.arguments, 3));
  for (let at = 0; parts.some((list) => at < list.length); at += 1) {
    for (const [index, list] of parts.entries()) {
      const piece = list[at];
      if (piece !== undefined) yield delta({ tool_calls: [{ index, function: { arguments: piece } }] });
    }
  }
  yield delta({}, reply.finish);
  if (wantsUsage) yield event([], { usage });
  yield 'data: [DONE]\n\n';
}

export function embeddings(given: unknown): JsonObject {
  const body = strict.object(given, '', 'input model encoding_format dimensions user');
  const inputs = typeof body.input === 'string' ? [body.input] : list(body.input, 'input');
  const data = inputs.map((input, index) => {
    const vector = vectorOf(text(input, `input[${index}]`));
    const isBase64 = body.encoding_format === 'base64';
    const embedding = isBase64 ? Buffer.from(new Float32Array(vector).buffer).toString('base64') : vector;
    return { object: 'embedding', index, embedding };
  });
  return { object: 'list', data, model: 'text-embedding-mock', usage: { prompt_tokens: 8, total_tokens: 8 } };
}

const TYPES: Readonly<Record<number, string>> = { 400: 'invalid_request_error', 429: 'rate_limit_error' };

export function openaiError({ status, message }: Refusal): JsonObject {
  const code = status === 401 ? 'invalid_api_key' : status === 429 ? 'rate_limit_exceeded' : null;
  return { error: { message, type: TYPES[status] ?? 'server_error', param: null, code } };
}
