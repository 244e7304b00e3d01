import type { MediaSource, NeutralPart, ReasoningPart, TextPart } from '../../core/neutral/parts.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';

/** The parts of an answer's message, in the order in which a model makes them: thoughts, content, calls. */
export function readMessage(message: JsonObject): NeutralPart[] {
  const parts: NeutralPart[] = [...readReasoning(message), ...readContent(message)];
  for (const image of listOf(message.images)) parts.push(readImage(image) ?? { type: 'other', value: image });
  for (const value of listOf(message.other_content)) parts.push({ type: 'other', value });
  if (isJsonObject(message.audio)) parts.push(readAudio(message.audio));
  if (typeof message.refusal === 'string' && message.refusal !== '') {
    parts.push({ type: 'refusal', text: message.refusal });
  }
  for (const [index, call] of listOf(message.tool_calls).entries()) parts.push(readToolCall(call, index));
  return parts;
}

export function listOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

const CITED = ['annotations', 'citations'] as const;

function readContent(message: JsonObject): NeutralPart[] {
  const { content } = message;
  if (Array.isArray(content)) return content.filter(isJsonObject).map(readContentPart);
  if (typeof content !== 'string' || content === '') return [];
  const rest: JsonObject = {};
  for (const field of CITED) if (listOf(message[field]).length > 0) rest[field] = message[field];
  const part: TextPart = { type: 'text', text: content };
  return [Object.keys(rest).length > 0 ? { ...part, rest } : part];
}

function readContentPart(part: JsonObject): NeutralPart {
  if (part.type === 'text' && typeof part.text === 'string') return { type: 'text', text: part.text };
  if (part.type === 'refusal' && typeof part.refusal === 'string') return { type: 'refusal', text: part.refusal };
  return readImage(part) ?? { type: 'other', value: part };
}

function readImage(part: JsonObject): NeutralPart | null {
  const url = isJsonObject(part.image_url) ? part.image_url.url : part.image_url;
  return typeof url === 'string' ? { type: 'image', source: sourceOf(url) } : null;
}

function sourceOf(url: string): MediaSource {
  const match = url.startsWith('data:') ? DATA_URL.exec(url) : null;
  if (match === null) return { kind: 'url', url };
  return { kind: 'base64', mediaType: match[1] ?? '', data: url.slice(match[0].length) };
}

/** https://www.rfc-editor.org/rfc/rfc2397 */
const DATA_URL = /^data:([^;,]+);base64,/;

/** https://platform.openai.com/docs/guides/audio */
function readAudio(audio: JsonObject): NeutralPart {
  const { data, format, ...rest } = audio;
  if (typeof data !== 'string') return { type: 'other', value: { type: 'audio', audio } };
  const mediaType = `audio/${typeof format === 'string' ? format : 'wav'}`;
  return { type: 'audio', source: { kind: 'base64', mediaType, data }, rest };
}

const CALL_FIELDS: ReadonlySet<string> = new Set([
  'id',
  'type',
  'function',
  'index',
  'thought_signature',
  'extra_content',
]);

function readToolCall(call: JsonObject, index: number): NeutralPart {
  if (!isJsonObject(call.function)) return { type: 'other', value: call };
  const { name, arguments: given } = call.function;
  const signature = signatureOf(call);
  const rest = Object.entries(call).filter(([field, value]) => !CALL_FIELDS.has(field) && value !== null);
  return {
    type: 'tool-call',
    id: typeof call.id === 'string' && call.id !== '' ? call.id : `call_${index}`,
    name: typeof name === 'string' ? name : '',
    arguments: argumentsText(given),
    ...(signature !== undefined && { signature }),
    ...(rest.length > 0 && { rest: Object.fromEntries(rest) }),
  };
}

/** Some servers give them parsed. */
export function argumentsText(given: unknown): string {
  if (typeof given === 'string') return given;
  return isJsonObject(given) ? JSON.stringify(given) : '';
}

/** Where servers in front of Gemini have it: https://ai.google.dev/gemini-api/docs/thought-signatures */
export function signatureOf({ thought_signature: own, extra_content: extra }: JsonObject): string | undefined {
  if (typeof own === 'string') return own;
  const google = isJsonObject(extra) ? extra.google : undefined;
  const signature = isJsonObject(google) ? google.thought_signature : undefined;
  return typeof signature === 'string' ? signature : undefined;
}

/** The text that servers show as `reasoning_content` or `reasoning`. */
export function reasoningText({ reasoning_content, reasoning }: JsonObject): string | undefined {
  if (typeof reasoning_content === 'string' && reasoning_content !== '') return reasoning_content;
  return typeof reasoning === 'string' && reasoning !== '' ? reasoning : undefined;
}

/** One entry of `reasoning_details`: https://openrouter.ai/docs/use-cases/reasoning-tokens */
export function readDetail({ text, summary, signature, data }: JsonObject): Omit<ReasoningPart, 'type'> | null {
  const shown = typeof text === 'string' ? text : typeof summary === 'string' ? summary : '';
  if (typeof data === 'string') return { text: shown, encrypted: data };
  if (typeof signature === 'string') return { text: shown, signature };
  return shown === '' ? null : { text: shown };
}

function readReasoning(message: JsonObject): NeutralPart[] {
  const text = reasoningText(message);
  const details = listOf(message.reasoning_details).flatMap((detail) => readDetail(detail) ?? []);
  const parts = details.map((detail): NeutralPart => ({ type: 'reasoning', ...detail }));
  // The details say the same text again, with its signature.
  if (text === undefined || details.some((detail) => detail.text !== '')) return parts;
  return [{ type: 'reasoning', text }, ...parts];
}
