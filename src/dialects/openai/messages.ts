import type { NeutralPart, ToolCallPart } from '../../core/neutral/parts.ts';
import type { NeutralMessage } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import { invalidType, missing, optionalBoolean, optionalObject, optionalString, otherFields } from './fields.ts';
import { decodeContent } from './parts.ts';
import { REASONING_FIELDS, readReasoning } from './reasoning.ts';
import { decodeToolCall } from './tool-calls.ts';

/** The messages of a chat. With `lenient`, ids and names may be missing, as MLflow's server has it. */
export function decodeMessages(messages: readonly unknown[], lenient: boolean): NeutralMessage[] {
  const functionCalls = new FunctionCalls();
  return messages.map((message, index) => {
    const path = `messages[${index}]`;
    if (!isJsonObject(message)) throw invalidType(path, 'an object', message);
    const { role } = message;
    if (typeof role !== 'string') throw missing(`${path}.role`);
    if (role === 'tool') return toolMessage(message, path, toolCallId(message, path, lenient), TOOL);
    if (role === 'function') {
      return toolMessage(
        message,
        path,
        functionCalls.idFor(optionalString(message.name, `${path}.name`) ?? ''),
        FUNCTION,
      );
    }
    return plainMessage(role, message, path, lenient, functionCalls);
  });
}

const PLAIN = new Set<string>([
  'role',
  'content',
  'refusal',
  'tool_calls',
  'function_call',
  'cache_control',
  'images',
  'other_content',
  ...REASONING_FIELDS,
]);

function plainMessage(
  role: string,
  message: JsonObject,
  path: string,
  lenient: boolean,
  functionCalls: FunctionCalls,
): NeutralMessage {
  const rest = otherFields(message, PLAIN) ?? {};
  const parts: NeutralPart[] = [];
  if (REASONING_FIELDS.some((field) => message[field] !== undefined)) readReasoning(message, parts, rest);
  const content = decodeContent(message.content, `${path}.content`);
  const calls = toolCalls(message.tool_calls, `${path}.tool_calls`, lenient);
  const functionCall = optionalObject(message.function_call, `${path}.function_call`);
  if (functionCall) calls.push(functionCalls.call(functionCall, `${path}.function_call`, lenient));
  // An empty text beside a call says as little as null, and some providers refuse it.
  if (calls.length === 0 || message.content !== '') parts.push(...content);
  takeList('images', message, rest, (item) => parts.push(...decodeContent([item], `${path}.images`)));
  takeList('other_content', message, rest, (item) => parts.push({ type: 'other', value: withoutPosition(item) }));
  const refusal = optionalString(message.refusal, `${path}.refusal`);
  if (refusal !== undefined) parts.push({ type: 'refusal', text: refusal });
  parts.push(...calls);
  markLast(message, parts, rest, path);
  return { role, parts, rest };
}

/** A streamed part came with the `index` by which clients join deltas; its provider knows no such field. */
function withoutPosition(item: JsonObject): JsonObject {
  if (typeof item.index !== 'number' || typeof item.type !== 'string') return item;
  const { index: _position, ...value } = item;
  return value;
}

function toolCalls(calls: unknown, path: string, lenient: boolean): NeutralPart[] {
  if (calls === undefined || calls === null) return [];
  if (!Array.isArray(calls)) throw invalidType(path, 'an array of objects', calls);
  return calls.map((call: unknown, index) => {
    const at = `${path}[${index}]`;
    if (!isJsonObject(call)) throw invalidType(at, 'an object', call);
    return decodeToolCall(call, at, lenient);
  });
}

/** A list in which an earlier answer had what is beyond OpenAI's shapes, see `message.ts`; `index` is only for streams. */
function takeList(field: string, message: JsonObject, rest: JsonObject, take: (item: JsonObject) => void): void {
  const list = message[field];
  if (list === undefined || list === null) return;
  if (!Array.isArray(list) || !list.every(isJsonObject)) {
    rest[field] = list;
    return;
  }
  for (const { index: _, ...item } of list) take(item);
}

/** `cache_control` beside the content means the prompt up to the end of this message. */
function markLast(message: JsonObject, parts: NeutralPart[], rest: JsonObject, path: string): void {
  const cacheControl = optionalObject(message.cache_control, `${path}.cache_control`);
  if (!cacheControl) return;
  const last = parts.at(-1);
  if (!last || last.type === 'other' || last.cacheControl) rest.cache_control = cacheControl;
  else parts[parts.length - 1] = { ...last, cacheControl };
}

const TOOL = new Set(['role', 'content', 'tool_call_id', 'is_error', 'cache_control']);
const FUNCTION = new Set(['role', 'content', 'name', 'is_error', 'cache_control']);

function toolCallId(message: JsonObject, path: string, lenient: boolean): string {
  const id = optionalString(message.tool_call_id, `${path}.tool_call_id`);
  if (id === undefined && !lenient) throw missing(`${path}.tool_call_id`);
  return id ?? '';
}

function toolMessage(message: JsonObject, path: string, id: string, known: ReadonlySet<string>): NeutralMessage {
  const isError = optionalBoolean(message.is_error, `${path}.is_error`);
  const parts: NeutralPart[] = [
    {
      type: 'tool-result',
      toolCallId: id,
      parts: decodeContent(message.content, `${path}.content`),
      ...(isError !== undefined && { isError }),
    },
  ];
  const rest = otherFields(message, known) ?? {};
  markLast(message, parts, rest, path);
  return { role: 'tool', parts, rest };
}

/**
 * The deprecated `function_call`, which knew no ids: a `function` message answers the last call of its name.
 * https://platform.openai.com/docs/api-reference/chat/create#chat_create-functions
 */
class FunctionCalls {
  readonly #ids = new Map<string, string>();
  #count = 0;

  call(value: JsonObject, path: string, lenient: boolean): ToolCallPart {
    const name = optionalString(value.name, `${path}.name`);
    if (name === undefined && !lenient) throw missing(`${path}.name`);
    const text = optionalString(value.arguments, `${path}.arguments`) ?? '';
    const id = `call_${this.#count}`;
    this.#count += 1;
    this.#ids.set(name ?? '', id);
    const rest = otherFields(value, NAME_AND_ARGUMENTS);
    return { type: 'tool-call', id, name: name ?? '', arguments: text, ...(rest && { rest }) };
  }

  idFor(name: string): string {
    return this.#ids.get(name) ?? `call_${name}`;
  }
}

const NAME_AND_ARGUMENTS = new Set(['name', 'arguments']);
