import { isJsonObject, type JsonObject } from '../../../src/core/types.ts';
import { base64Size, list, objectSchema, oneOf, range, Strict, text } from './checks.ts';
import {
  type OfferedTool,
  pieces,
  type Question,
  Refusal,
  type Reply,
  type SeenImage,
  SIGNATURE,
  USAGE,
} from './script.ts';

/** Anthropic's Messages API as its clients find it. https://docs.anthropic.com/en/api/messages */
const strict = new Strict((path, field) => `${path ? `${path}.` : ''}${field}: Extra inputs are not permitted`);

const COUNTED = `model messages system tools tool_choice thinking output_config cache_control mcp_servers
  context_management`;
const BODY = `${COUNTED} max_tokens metadata stop_sequences stream temperature top_k top_p service_tier container
  inference_geo speed`;

export function readMessages(given: unknown, isCount = false): Question {
  const body = strict.object(given, '', isCount ? COUNTED : BODY);
  if (!isCount && typeof body.max_tokens !== 'number') throw new Refusal(400, 'max_tokens: Field required');
  range(body.temperature, 'temperature', 0, 1);
  if (body.metadata !== undefined) strict.object(body.metadata, 'metadata', 'user_id');
  const version = versionOf(text(body.model, 'model'));
  const thinks = readThinking(body, version);
  checkSampling(body, thinks);
  const tools = body.tools === undefined ? [] : list(body.tools, 'tools').flatMap(readTool);
  if (body.tool_choice !== undefined) readChoice(body.tool_choice, tools);
  const conversation = new Conversation(version, thinks && !isAdaptive(body));
  if (body.system !== undefined) conversation.instruct(body.system);
  list(body.messages, 'messages').forEach((message, index) => {
    conversation.add(message, `messages.${index}`);
  });
  conversation.end();
  const isOff = isJsonObject(body.tool_choice) && body.tool_choice.type === 'none';
  return { ...conversation, tools: isOff ? [] : tools, schema: readFormat(body.output_config, version), thinks };
}

/** Fields that are known only to those who ask for the beta. https://docs.anthropic.com/en/api/beta-headers */
export function checkBetas({ context_management: edits }: JsonObject, betas: readonly string[]): void {
  if (edits !== undefined && !betas.includes('context-management-2025-06-27'))
    throw new Refusal(400, 'context_management: Extra inputs are not permitted');
}

/** Of `claude-sonnet-4-5`: 4.5. */
function versionOf(model: string): number {
  const [, major = '', minor = '0'] = /^claude-[a-z]+-(\d)(?:-(\d))?\b/.exec(model) ?? [];
  return Number(`${major}.${minor}`);
}

/** Claude decides by itself whether it thinks, so that nothing is wrong with a turn that has no thoughts. */
const isAdaptive = ({ thinking }: JsonObject): boolean => isJsonObject(thinking) && thinking.type === 'adaptive';

function readThinking(
  { thinking: given, max_tokens: most, tool_choice: choice }: JsonObject,
  version: number,
): boolean {
  if (given === undefined) return false;
  const thinking = strict.object(given, 'thinking', 'type budget_tokens display');
  const type = oneOf(thinking.type, 'thinking.type', 'enabled disabled adaptive');
  if (type === 'disabled') return false;
  if (type === 'adaptive' && version < 4.6) throw new Refusal(400, 'adaptive thinking is not supported on this model');
  if (type === 'enabled' && version > 4.6)
    throw new Refusal(400, '"thinking.type.enabled" is not supported for this model.');
  if (type === 'enabled') {
    range(thinking.budget_tokens ?? null, 'thinking.enabled.budget_tokens', 1024, Number.MAX_SAFE_INTEGER);
    if (typeof most === 'number' && Number(thinking.budget_tokens) >= most)
      throw new Refusal(400, '`max_tokens` must be greater than `thinking.budget_tokens`.');
  }
  if (isJsonObject(choice) && (choice.type === 'any' || choice.type === 'tool'))
    throw new Refusal(400, 'Thinking may not be enabled when tool_choice forces tool use.');
  return true;
}

/** As Claude 4.5 has it. https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking#feature-compatibility */
export function checkSampling({ temperature, top_p, top_k }: JsonObject, thinks: boolean): void {
  if (temperature !== undefined && top_p !== undefined)
    throw new Refusal(400, '`temperature` and `top_p` cannot both be specified for this model. Please use only one.');
  if (thinks && top_k !== undefined) throw new Refusal(400, '`top_k` must be unset when thinking is enabled.');
  if (thinks && typeof top_p === 'number' && top_p < 0.95)
    throw new Refusal(400, '`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled.');
  if (thinks && temperature !== undefined && temperature !== 1)
    throw new Refusal(400, '`temperature` may only be set to 1 when thinking is enabled.');
}

const TOOL = `type name description input_schema cache_control strict defer_loading allowed_callers input_examples
  eager_input_streaming`;

function readTool(given: unknown, index: number): OfferedTool[] {
  const path = `tools.${index}`;
  // Tools that the vendor runs, such as `web_search_20250305`, are not called here.
  if (isJsonObject(given) && typeof given.type === 'string' && given.type !== 'custom') return [];
  const tool = strict.object(given, path, TOOL);
  const name = text(tool.name, `${path}.name`);
  if (!/^[\w-]{1,128}$/.test(name)) throw new Refusal(400, `${path}.custom.name: String should match pattern`);
  if (tool.cache_control !== undefined) readCacheMark(tool.cache_control, `${path}.cache_control`);
  return [{ name, schema: objectSchema(tool.input_schema, `${path}.custom.input_schema`) }];
}

function readChoice(given: unknown, tools: readonly OfferedTool[]): void {
  const choice = strict.object(given, 'tool_choice', 'type name disable_parallel_tool_use');
  oneOf(choice.type, 'tool_choice.type', 'auto any tool none');
  if (tools.length === 0) throw new Refusal(400, 'tool_choice: may only be specified while providing tools.');
}

function readCacheMark(given: unknown, path: string): void {
  const mark = strict.object(given, path, 'type ttl scope');
  oneOf(mark.type, `${path}.type`, 'ephemeral');
}

function readFormat(given: unknown, version: number): JsonObject | null {
  if (given === undefined) return null;
  const { format, effort } = strict.object(given, 'output_config', 'format effort task_budget');
  if (effort !== undefined && version < 4.6)
    throw new Refusal(400, 'This model does not support the effort parameter.');
  if (format === undefined || format === null) return null;
  const { schema, type } = strict.object(format, 'output_config.format', 'type schema');
  oneOf(type, 'output_config.format.type', 'json_schema');
  const object = objectSchema(schema, 'output_config.format.schema');
  if (object.additionalProperties !== false)
    throw new Refusal(
      400,
      "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false",
    );
  return object;
}

class Conversation {
  system = '';
  text = '';
  images: SeenImage[] = [];
  results: string[] = [];
  kept = false;
  readonly #version: number;
  readonly #wantsThoughts: boolean;
  readonly #open = new Set<string>();
  #thoughtless: string | null = null;
  #count = 0;
  #last = '';

  constructor(version: number, wantsThoughts: boolean) {
    this.#version = version;
    this.#wantsThoughts = wantsThoughts;
  }

  instruct(system: unknown): void {
    const blocks = typeof system === 'string' ? [{ type: 'text', text: system }] : list(system, 'system');
    for (const [index, given] of blocks.entries()) {
      const block = strict.object(given, `system.${index}`, 'type text cache_control citations');
      oneOf(block.type, `system.${index}.type`, 'text');
      this.system += this.#text(block, `system.${index}`);
    }
  }

  add(given: unknown, path: string): void {
    const message = strict.object(given, path, 'role content');
    const role = oneOf(message.role, `${path}.role`, 'user assistant system');
    const after = this.#last;
    this.#last = role;
    this.#count += 1;
    if (role === 'system') return this.#instructBetween(message.content, after, path);
    if (this.#count === 1 && role !== 'user')
      throw new Refusal(400, 'messages: first message must use the "user" role');
    const { content } = message;
    const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : list(content, `${path}.content`);
    if (role === 'assistant') this.#assistant(blocks, path);
    else this.#user(blocks, path);
  }

  /** https://platform.claude.com/docs/en/build-with-claude/mid-conversation-system-messages */
  #instructBetween(content: unknown, after: string, path: string): void {
    if (this.#version < 4.8) {
      const allowed = 'The Messages API accepts a top-level `system` parameter, not "system" as an input message role.';
      throw new Refusal(400, `messages: Unexpected role "system". ${allowed}`);
    }
    if (after !== 'user') throw new Refusal(400, `${path}: role 'system' must directly follow a user turn`);
    this.instruct(content);
  }

  end(): void {
    if (this.#open.size > 0) throw this.#unanswered('messages');
    if (this.#wantsThoughts && this.#thoughtless !== null)
      throw new Refusal(400, `${this.#thoughtless}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`.`);
    if (this.#count === 0) throw new Refusal(400, 'messages: at least one message is required');
  }

  #unanswered(path: string): Refusal {
    const ids = [...this.#open].join(', ');
    return new Refusal(
      400,
      `${path}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${ids}.`,
    );
  }

  #assistant(blocks: unknown[], path: string): void {
    if (this.#open.size > 0) throw this.#unanswered(path);
    const types = blocks.map((block) => (isJsonObject(block) ? block.type : null));
    const calls = types.includes('tool_use');
    // Asked of the turn that is still going on alone: what was thought before may be left out.
    if (calls && types[0] !== 'thinking' && types[0] !== 'redacted_thinking') this.#thoughtless ??= path;
    this.kept = types[0] === 'thinking';
    blocks.forEach((block, index) => {
      this.#block(block, `${path}.content.${index}`);
    });
  }

  #user(blocks: unknown[], path: string): void {
    const results = blocks.filter((block) => isJsonObject(block) && block.type === 'tool_result');
    if (results.length === 0) {
      this.#thoughtless = null;
      this.results = [];
      this.images = [];
      this.text = '';
    }
    const open = this.#open;
    blocks.forEach((block, index) => {
      const at = `${path}.content.${index}`;
      const said = this.#block(block, at);
      if (isJsonObject(block) && block.type === 'tool_result') this.results.push(said);
      else this.text += said;
    });
    if (open.size > 0) throw this.#unanswered(path);
  }

  #block(given: unknown, path: string): string {
    const { type } = isJsonObject(given) ? given : {};
    switch (
      oneOf(type, `${path}.type`, 'text image document thinking redacted_thinking tool_use tool_result tool_reference')
    ) {
      case 'text':
        return this.#text(strict.object(given, path, 'type text cache_control citations'), path);
      case 'image':
        this.images.push(readImage(strict.object(given, path, 'type source cache_control'), path));
        return '';
      case 'thinking':
        if (strict.object(given, path, 'type thinking signature').signature !== SIGNATURE)
          throw new Refusal(400, `${path}: Invalid \`signature\` in \`thinking\` block`);
        return '';
      case 'tool_use': {
        const call = strict.object(given, path, 'type id name input cache_control caller');
        if (!isJsonObject(call.input)) throw new Refusal(400, `${path}.tool_use.input: Input should be an object`);
        if (!/^[\w-]+$/.test(text(call.id, `${path}.id`)))
          throw new Refusal(400, `${path}.id: String should match pattern`);
        this.#open.add(String(call.id));
        return '';
      }
      case 'tool_result':
        return this.#result(strict.object(given, path, 'type tool_use_id content is_error cache_control'), path);
      case 'tool_reference':
        return text(strict.object(given, path, 'type tool_name cache_control').tool_name, path);
      default:
        return '';
    }
  }

  #text(block: JsonObject, path: string): string {
    const said = text(block.text, `${path}.text`);
    if (said === '') throw new Refusal(400, `${path}: text content blocks must be non-empty`);
    if (block.cache_control !== undefined) readCacheMark(block.cache_control, `${path}.cache_control`);
    return said;
  }

  #result({ tool_use_id: id, content }: JsonObject, path: string): string {
    if (!this.#open.delete(text(id, `${path}.tool_use_id`)))
      throw new Refusal(400, `${path}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${String(id)}.`);
    if (content === undefined || typeof content === 'string') return content ?? '';
    return list(content, `${path}.content`)
      .map((block, index) => this.#block(block, `${path}.content.${index}`))
      .join('');
  }
}

function readImage({ source: given }: JsonObject, path: string): SeenImage {
  const source = strict.object(given, `${path}.source`, 'type media_type data url file_id');
  oneOf(source.type, `${path}.source.type`, 'base64');
  const mediaType = oneOf(source.media_type, `${path}.source.media_type`, 'image/jpeg image/png image/gif image/webp');
  return { mediaType, size: base64Size(text(source.data, path), `${path}.source.data`) };
}

const inputUsage = {
  input_tokens: USAGE.input - USAGE.cached,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: USAGE.cached,
  cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
  service_tier: 'standard',
};

const HEAD = { id: 'msg_mock', type: 'message', role: 'assistant', model: 'claude-mock-2026' };
const STOPS = { stop: 'end_turn', tool_calls: 'tool_use' } as const;

export function messageAnswer(reply: Reply): JsonObject {
  const { thought, text: said, calls, finish } = reply;
  const content = [
    ...(thought === null ? [] : [{ type: 'thinking', thinking: thought, signature: SIGNATURE }]),
    ...(said === '' ? [] : [{ type: 'text', text: said }]),
    ...calls.map(({ id, name, input }) => ({ type: 'tool_use', id: `toolu_${id}`, name, input })),
  ];
  const usage = { ...inputUsage, output_tokens: USAGE.output };
  return { ...HEAD, content, stop_reason: STOPS[finish], stop_sequence: null, usage };
}

export function* messageEvents(reply: Reply): Generator<string> {
  const event = (type: string, fields: JsonObject): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
  const usage = { ...inputUsage, output_tokens: 1 };
  yield event('message_start', { message: { ...HEAD, content: [], stop_reason: null, stop_sequence: null, usage } });
  yield event('ping', {});
  let index = 0;
  function* block(start: JsonObject, deltas: JsonObject[]): Generator<string> {
    yield event('content_block_start', { index, content_block: start });
    for (const delta of deltas) yield event('content_block_delta', { index, delta });
    yield event('content_block_stop', { index });
    index += 1;
  }
  if (reply.thought !== null) {
    yield* block({ type: 'thinking', thinking: '', signature: '' }, [
      ...pieces(reply.thought).map((thinking) => ({ type: 'thinking_delta', thinking })),
      { type: 'signature_delta', signature: SIGNATURE },
    ]);
  }
  if (reply.text !== '') {
    const deltas = pieces(reply.text).map((said) => ({ type: 'text_delta', text: said }));
    yield* block({ type: 'text', text: '' }, deltas);
  }
  for (const { id, name, input } of reply.calls) {
    const deltas = pieces(JSON.stringify(input), 3).map((json) => ({ type: 'input_json_delta', partial_json: json }));
    yield* block({ type: 'tool_use', id: `toolu_${id}`, name, input: {} }, deltas);
  }
  yield event('message_delta', {
    delta: { stop_reason: STOPS[reply.finish], stop_sequence: null },
    usage: { ...inputUsage, output_tokens: USAGE.output },
  });
  yield event('message_stop', {});
}

const TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};

export function anthropicError({ status, message }: Refusal): JsonObject {
  return { type: 'error', error: { type: TYPES[status] ?? 'api_error', message }, request_id: 'req_mock' };
}
