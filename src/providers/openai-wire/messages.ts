import { documentText, type NeutralPart, type ReasoningPart, type ToolResultPart } from '../../core/neutral/parts.ts';
import type { NeutralMessage } from '../../core/neutral/request.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import { contentOf, contentPart } from './content.ts';
import { type EncodingContext, extras, saysNothing } from './context.ts';
import { toolCallId } from './tool-ids.ts';

/** https://platform.openai.com/docs/api-reference/chat/create#chat-create-messages */
export function encodeMessages(messages: readonly NeutralMessage[], context: EncodingContext): JsonObject[] {
  const encoded: JsonObject[] = [];
  // What tools returned beside text waits for the end of their messages, which must follow the calls at once.
  let media: JsonObject[] = [];
  const showMedia = (): void => {
    if (media.length > 0) encoded.push({ role: 'user', content: media });
    media = [];
  };
  for (const [index, message] of messages.entries()) {
    const path = `messages.${index}`;
    if (message.role !== 'tool') showMedia();
    const results = message.parts.filter((part) => part.type === 'tool-result');
    if (results.length > 0) {
      for (const result of results) encoded.push(toolMessage(message, result, path, media, context));
    } else {
      encoded.push(plainMessage(message, path, context));
    }
  }
  showMedia();
  notePrefill(messages, context);
  return encoded;
}

/** Elsewhere a model goes on with what stands last in its own words; here it answers anew. */
function notePrefill(messages: readonly NeutralMessage[], { takes, changes }: EncodingContext): void {
  const last = messages.at(-1);
  if (last?.role !== 'assistant' || takes('unknown') || last.parts.some(({ type }) => type === 'tool-call')) return;
  changes.approximated(`messages.${messages.length - 1}`);
}

function restOf({ rest }: NeutralMessage, path: string, { takes, changes }: EncodingContext): JsonObject {
  const fields: JsonObject = {};
  for (const field in rest) {
    if (takes('unknown') || field === 'name') fields[field] = rest[field];
    else if (!saysNothing(rest[field])) changes.dropped(`${path}.${field}`);
  }
  return fields;
}

/** A tool's message takes text alone; what else it returned is put into `media`, for the user's next message. */
function toolMessage(
  message: NeutralMessage,
  result: ToolResultPart,
  path: string,
  media: JsonObject[],
  context: EncodingContext,
): JsonObject {
  const { takes, changes } = context;
  const texts: NeutralPart[] = [];
  for (const [index, part] of result.parts.entries()) {
    if (takes('unknown') || !isMedia(part)) {
      texts.push(part);
      continue;
    }
    const at = `${path}.content.${index}`;
    changes.approximated(at);
    const shown = contentPart(part, at, context);
    if (shown !== null) media.push(shown);
  }
  if (result.isError === true && !takes('unknown')) changes.dropped(`${path}.is_error`);
  return {
    role: 'tool',
    tool_call_id: toolCallId(result.toolCallId),
    content: texts.length < result.parts.length ? SEE_BELOW : '',
    ...contentOf(texts, path, context),
    ...(result.isError !== undefined && takes('unknown') && { is_error: result.isError }),
    ...extras(result, path, context),
    ...restOf(message, path, context),
  };
}

const SEE_BELOW = 'The result is in the next message.';

function isMedia(part: NeutralPart): boolean {
  if (part.type === 'document') return documentText(part) === null;
  return part.type === 'image' || part.type === 'audio';
}

function plainMessage(message: NeutralMessage, path: string, context: EncodingContext): JsonObject {
  const { role, parts } = message;
  const calls: JsonObject[] = [];
  const reasoning: ReasoningPart[] = [];
  const shown: NeutralPart[] = [];
  for (const part of parts) {
    if (part.type === 'reasoning') reasoning.push(part);
    else if (part.type === 'tool-call' || isCustomCall(part))
      calls.push(toolCall(part, `${path}.tool_calls.${calls.length}`, context));
    else shown.push(part);
  }
  return {
    role: role === 'developer' && !context.takes('openai') ? 'system' : role,
    ...emptyContent(role, shown, calls, context),
    ...contentOf(shown, path, context),
    ...reasoningFields(reasoning, path, context),
    ...(calls.length > 0 && { tool_calls: calls }),
    ...restOf(message, path, context),
  };
}

/** Every message must have content, but for a call of tools. */
function emptyContent(
  role: string,
  shown: readonly NeutralPart[],
  calls: readonly JsonObject[],
  { takes }: EncodingContext,
): JsonObject {
  if (takes('unknown') && shown.length === 0) return {};
  return { content: role === 'assistant' && calls.length > 0 ? null : '' };
}

const isCustomCall = (part: NeutralPart): boolean =>
  part.type === 'other' && part.value.type === 'custom' && isJsonObject(part.value.custom);

function toolCall(part: NeutralPart, path: string, context: EncodingContext): JsonObject {
  if (part.type === 'other') return part.value;
  if (part.type !== 'tool-call') throw new Error('no call of a tool');
  const { takes, changes } = context;
  const isSigned = part.signature !== undefined && takes('thought_signature');
  if (part.signature !== undefined && !isSigned) changes.dropped(`${path}.thought_signature`);
  const text = part.arguments === '' && !takes('unknown') ? '{}' : part.arguments;
  return {
    id: toolCallId(part.id),
    type: 'function',
    function: { name: part.name, arguments: text },
    ...(isSigned && { thought_signature: part.signature }),
    ...extras(part, path, context),
  };
}

/** What the model thought before, as the fields in which servers of this API gave it. */
function reasoningFields(parts: readonly ReasoningPart[], path: string, context: EncodingContext): JsonObject {
  if (parts.length === 0) return {};
  const { takes, changes } = context;
  if (takes('reasoning_details')) {
    return {
      ...(takes('reasoning_content') && !takes('unknown') && textField(parts)),
      reasoning_details: parts.map((part) => ({ ...detail(part), ...extras(part, path, context) })),
    };
  }
  if (!takes('reasoning_content')) {
    changes.dropped(`${path}.reasoning`);
    return {};
  }
  if (parts.some(({ signature }) => signature !== undefined && signature !== ''))
    changes.dropped(`${path}.reasoning.signature`);
  if (parts.some(({ encrypted }) => encrypted !== undefined)) changes.dropped(`${path}.reasoning.encrypted`);
  return textField(parts);
}

function textField(parts: readonly ReasoningPart[]): JsonObject {
  const text = parts.map((part) => part.text).join('');
  return text === '' ? {} : { reasoning_content: text };
}

function detail({ text, signature, encrypted }: ReasoningPart): JsonObject {
  if (encrypted !== undefined) return { type: 'reasoning.encrypted', data: encrypted, ...(text !== '' && { text }) };
  return { type: 'reasoning.text', text, signature };
}
