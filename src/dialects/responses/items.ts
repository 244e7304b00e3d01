import type { NeutralPart, ToolCallPart } from '../../core/neutral/parts.ts';
import type { NeutralMessage } from '../../core/neutral/request.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import { invalid, invalidType, missing, optionalString, otherFields } from '../openai/fields.ts';
import { marked, type Places } from '../places.ts';
import { decodeContent, requiredText } from './content.ts';
import { Conversation } from './conversation.ts';
import { CallSignatures, decodeReasoning } from './reasoning.ts';
import { argumentsOfInput, ToolNames } from './tool-names.ts';

/**
 * The messages of `instructions` and `input`. `provider` is the one who will read them, if known.
 * https://platform.openai.com/docs/api-reference/responses/create#responses-create-input
 */
export function decodeInput(
  instructions: unknown,
  input: unknown,
  provider: string | null,
  places: Places | null = null,
): NeutralMessage[] {
  const conversation = new Conversation(places);
  const instruction = optionalString(instructions, 'instructions');
  if (instruction !== undefined) conversation.message('instructions', 'system', [{ type: 'text', text: instruction }]);
  if (typeof input === 'string') conversation.message('input', 'user', [{ type: 'text', text: input }]);
  else if (!Array.isArray(input)) throw invalidType('input', 'a string or an array of objects', input);
  else new InputReader(conversation, new CallSignatures(input, provider), provider, places).read(input);
  return conversation.messages();
}

/** Ids and states belong to the list of items that the provider keeps; a model is not shown them. */
const BOOKKEEPING = ['type', 'id', 'status'] as const;
const MESSAGE = new Set([...BOOKKEEPING, 'role', 'content']);
const CALL = new Set([...BOOKKEEPING, 'call_id', 'name', 'arguments', 'input', 'namespace']);
const OUTPUT = new Set([...BOOKKEEPING, 'call_id', 'output']);
const IMAGE = new Set([...BOOKKEEPING, 'result', 'output_format']);

class InputReader {
  readonly #conversation: Conversation;
  readonly #signatures: CallSignatures;
  readonly #provider: string | null;
  readonly #places: Places | null;

  constructor(conversation: Conversation, signatures: CallSignatures, provider: string | null, places: Places | null) {
    this.#places = places;
    this.#conversation = conversation;
    this.#signatures = signatures;
    this.#provider = provider;
  }

  read(items: readonly unknown[]): void {
    for (const [index, item] of items.entries()) {
      const path = `input[${index}]`;
      if (!isJsonObject(item)) throw invalidType(path, 'an object', item);
      this.#item(item, path);
    }
  }

  #item(item: JsonObject, path: string): void {
    switch (item.type ?? (item.role === undefined ? 'item_reference' : 'message')) {
      case 'message':
        return this.#message(item, path);
      case 'reasoning': {
        const part = decodeReasoning(item, path, this.#provider);
        if (part) this.#answer(part, path);
        return;
      }
      case 'function_call':
        return this.#call(item, optionalString(item.arguments, `${path}.arguments`) ?? '', path);
      case 'custom_tool_call':
        return this.#call(item, argumentsOfInput(requiredText(item, 'input', path)), path);
      case 'function_call_output':
      case 'custom_tool_call_output':
        return this.#output(item, path);
      case 'image_generation_call':
        return this.#answer(generatedImage(item), path);
      case 'item_reference':
        throw invalid(
          `'${path}' refers to an item that the provider of this endpoint has not kept: send the item itself.`,
          path,
        );
      default:
        return this.#other(item, path);
    }
  }

  #message(item: JsonObject, path: string): void {
    const { role } = item;
    if (typeof role !== 'string') throw missing(`${path}.role`);
    const parts = decodeContent(item.content, `${path}.content`, this.#places);
    const rest = otherFields(item, MESSAGE) ?? {};
    if (role === 'assistant') this.#conversation.answer(path, parts, rest);
    else this.#conversation.message(path, role, parts, rest);
  }

  #answer(part: NeutralPart, path: string): void {
    this.#conversation.answer(path, [marked(part, path, this.#places)]);
  }

  #call(item: JsonObject, text: string, path: string): void {
    const id = requiredText(item, 'call_id', path);
    const name = requiredText(item, 'name', path);
    const namespace = optionalString(item.namespace, `${path}.namespace`);
    const signature = this.#signatures.find(id);
    const rest = otherFields(item, CALL);
    const call: ToolCallPart = {
      type: 'tool-call',
      id,
      name: namespace === undefined ? name : ToolNames.joined(namespace, name),
      arguments: text,
      ...(signature !== null && { signature }),
      ...(rest && { rest }),
    };
    this.#answer(call, path);
  }

  #output(item: JsonObject, path: string): void {
    const rest = otherFields(item, OUTPUT);
    const parts = decodeContent(item.output, `${path}.output`, this.#places);
    const toolCallId = requiredText(item, 'call_id', path);
    const result: NeutralPart = { type: 'tool-result', toolCallId, parts, ...(rest && { rest }) };
    this.#conversation.message(path, 'tool', [marked(result, path, this.#places)]);
  }

  /** What hosted tools did and were answered; only their own provider can read it. */
  #other(item: JsonObject, path: string): void {
    const part: NeutralPart = marked({ type: 'other', value: item }, path, this.#places);
    const type = String(item.type);
    const isOfClient = type.endsWith('_output') || type.endsWith('_response');
    if (isOfClient) this.#conversation.message(path, 'user', [part]);
    else this.#conversation.answer(path, [part]);
  }
}

function generatedImage(item: JsonObject): NeutralPart {
  if (typeof item.result !== 'string') return { type: 'other', value: item };
  const format = typeof item.output_format === 'string' ? item.output_format : 'png';
  const rest = otherFields(item, IMAGE);
  return {
    type: 'image',
    source: { kind: 'base64', mediaType: `image/${format}`, data: item.result },
    ...(rest && { rest }),
  };
}
