import type { NeutralPart, ReasoningPart } from '../../core/neutral/parts.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import { otherFields } from './fields.ts';

/**
 * OpenAI's chat API shows no reasoning, so the field has grown two fields of its own on assistant messages:
 * `reasoning_content`, the text to show, and `reasoning_details`, the list to send back unchanged on the next turn, since
 * some providers refuse a tool's result without it. Both are written here and read back.
 * https://api-docs.deepseek.com/guides/reasoning_model, https://openrouter.ai/docs/use-cases/reasoning-tokens
 */
export function writeReasoning(message: JsonObject, parts: readonly NeutralPart[]): void {
  const reasoning = parts.filter((part) => part.type === 'reasoning');
  if (reasoning.length === 0) return;
  const text = reasoning.map((part) => part.text).join('');
  if (text !== '') message.reasoning_content = text;
  if (reasoning.some((part) => part.signature !== undefined || part.encrypted !== undefined)) {
    message.reasoning_details = reasoning.map(reasoningDetail);
  }
}

/** One entry of `reasoning_details`. */
export function reasoningDetail(part: Omit<ReasoningPart, 'type'>): JsonObject {
  if (part.encrypted !== undefined) {
    return { type: 'reasoning.encrypted', data: part.encrypted, ...(part.text !== '' && { text: part.text }) };
  }
  return {
    type: 'reasoning.text',
    text: part.text,
    ...(part.signature !== undefined && { signature: part.signature }),
  };
}

/** The fields of a message that `readReasoning` answers for. */
export const REASONING_FIELDS = ['reasoning_content', 'reasoning', 'reasoning_details'] as const;

/** The reasoning of a message, in front of everything else; what is no reasoning in these fields goes to `rest`. */
export function readReasoning(message: JsonObject, parts: NeutralPart[], rest: JsonObject): void {
  const shown: string[] = [];
  for (const field of ['reasoning_content', 'reasoning'] as const) {
    const value = message[field];
    if (typeof value === 'string') shown.push(value);
    else if (value !== undefined && value !== null) rest[field] = value;
  }
  const [text = '', sameText] = shown;
  if (sameText !== undefined && sameText !== text) rest.reasoning = sameText;
  const details = readDetails(message.reasoning_details, rest);
  // The details say the same text again, with its signature.
  if (text !== '' && !details.some((part) => part.text !== '')) parts.push({ type: 'reasoning', text });
  parts.push(...details);
}

const KNOWN = new Set(['type', 'text', 'summary', 'signature', 'data', 'index']);

function readDetails(details: unknown, rest: JsonObject): ReasoningPart[] {
  if (details === undefined || details === null) return [];
  const parts = Array.isArray(details) ? details.map(readDetail) : [null];
  const read = parts.filter((part) => part !== null);
  if (read.length < parts.length) {
    rest.reasoning_details = Array.isArray(details) ? details.filter((_, index) => parts[index] === null) : details;
  }
  return read;
}

function readDetail(detail: unknown): ReasoningPart | null {
  if (!isJsonObject(detail)) return null;
  const { text, summary, signature, data } = detail;
  const others = otherFields(detail, KNOWN);
  const rest = others && { rest: others };
  if (typeof data === 'string') {
    return { type: 'reasoning', text: typeof text === 'string' ? text : '', encrypted: data, ...rest };
  }
  const shown = typeof text === 'string' ? text : summary;
  const isSigned = typeof signature === 'string';
  if (typeof shown !== 'string' && !isSigned) return null;
  return {
    type: 'reasoning',
    text: typeof shown === 'string' ? shown : '',
    ...(isSigned && { signature }),
    ...rest,
  };
}
