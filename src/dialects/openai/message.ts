import { type NeutralPart, type TextPart, textOf } from '../../core/neutral/parts.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import { audioFormat, urlOfSource } from './media.ts';
import { writeReasoning } from './reasoning.ts';
import { encodeToolCall } from './tool-calls.ts';

/**
 * The message of a whole answer: https://platform.openai.com/docs/api-reference/chat/object. What OpenAI's shape has no
 * place for follows in further fields: `reasoning_content`, `reasoning_details`, `images`, and `other_content` for parts
 * of other kinds, which the client may send back.
 */
export function encodeMessage(parts: readonly NeutralPart[]): JsonObject {
  const message: JsonObject = { role: 'assistant', content: null, refusal: null };
  const only = parts[0];
  if (parts.length === 1 && only?.type === 'text') message.content = only.text;
  else if (parts.length > 0) writeContent(message, parts);
  writeAnnotations(message, parts);
  return message;
}

function writeContent(message: JsonObject, parts: readonly NeutralPart[]): void {
  const calls: JsonObject[] = [];
  const images: JsonObject[] = [];
  const others: JsonObject[] = [];
  const refusals: string[] = [];
  let hasText = false;
  for (const part of parts) {
    if (part.type === 'text') hasText = true;
    else if (part.type === 'tool-call') calls.push(encodeToolCall(part));
    else if (part.type === 'refusal') refusals.push(part.text);
    else if (part.type === 'image') images.push(encodePart(part));
    else if (part.type === 'audio') message.audio = encodeAudio(part);
    else if (part.type === 'other' && part.value.type === 'custom' && isJsonObject(part.value.custom))
      calls.push(part.value);
    else if (part.type !== 'reasoning') others.push(encodePart(part));
  }
  if (hasText) message.content = textOf(parts);
  if (refusals.length > 0) message.refusal = refusals.join('');
  writeReasoning(message, parts);
  if (calls.length > 0) message.tool_calls = calls;
  if (images.length > 0) message.images = images;
  if (others.length > 0) message.other_content = others;
}

/** A part of an answer in the notation of a request, so that a client can send it back. */
function encodePart(part: NeutralPart): JsonObject {
  switch (part.type) {
    case 'other':
      return part.value;
    case 'image':
      return { type: 'image_url', image_url: { url: urlOfSource(part.source), ...part.rest } };
    case 'document':
      return {
        type: 'file',
        file: {
          ...(part.source.kind === 'file' ? { file_id: part.source.id } : { file_data: urlOfSource(part.source) }),
          ...(part.name !== undefined && { filename: part.name }),
          ...part.rest,
        },
      };
    case 'audio':
      return { type: 'input_audio', input_audio: encodeAudio(part) };
    case 'tool-result':
      return { type: 'tool_result', tool_call_id: part.toolCallId, content: part.parts.map(encodePart), ...part.rest };
    default:
      return { ...part };
  }
}

/** https://platform.openai.com/docs/guides/audio; the API's further fields come in `rest` where the provider has them. */
function encodeAudio(part: Extract<NeutralPart, { type: 'audio' }>): JsonObject {
  const { source } = part;
  const data = source.kind === 'base64' ? { data: source.data, format: audioFormat(source.mediaType) } : null;
  return { id: '', expires_at: 0, transcript: '', ...(data ?? { data: '', url: urlOfSource(source) }), ...part.rest };
}

/** `annotations` are in OpenAI's shape; `citations` are in the provider's own. */
function writeAnnotations(message: JsonObject, parts: readonly NeutralPart[]): void {
  for (const part of parts) {
    if (part.type !== 'text' || !part.rest) continue;
    append(message, 'annotations', part);
    append(message, 'citations', part);
  }
}

function append(message: JsonObject, field: string, part: TextPart): void {
  const list = part.rest?.[field];
  if (!Array.isArray(list) || list.length === 0) return;
  const before = message[field];
  message[field] = Array.isArray(before) ? [...before, ...list] : list;
}
