import { readUsage } from '../../core/anthropic/usage.ts';
import type { NeutralPart } from '../../core/neutral/parts.ts';
import type { NeutralChoice, NeutralTextResponse } from '../../core/neutral/response.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import { citationFields } from './citations.ts';
import { errorOf, invalid } from './errors.ts';
import { finishOf } from './finish.ts';

/** Reads a whole message. https://docs.anthropic.com/en/api/messages#response-content */
export function decodeMessage(body: unknown, operation: NeutralTextResponse['operation']): NeutralTextResponse {
  if (!isJsonObject(body)) throw invalid('it is not a JSON object');
  if (body.type === 'error') throw errorOf(body);
  if (!Array.isArray(body.content)) throw invalid("it has no list under 'content'");
  const usage = readUsage(body.usage);
  const rest = { ...containerOf(body), ...serviceTierOf(body.usage) };
  return {
    operation,
    id: typeof body.id === 'string' ? body.id : null,
    model: typeof body.model === 'string' ? body.model : null,
    choices: [choiceOf(body, body.content)],
    usage,
    ...(Object.keys(rest).length > 0 && { rest }),
  };
}

function choiceOf(body: JsonObject, content: readonly unknown[]): NeutralChoice {
  const parts: NeutralPart[] = [];
  let length = 0;
  for (const block of content) {
    if (!isJsonObject(block)) throw invalid("something in 'content' is not an object");
    const part = partOf(block, length);
    if (part.type === 'text') length += part.text.length;
    parts.push(part);
  }
  const refusal = refusalOf(body.stop_details);
  if (refusal !== null) parts.push({ type: 'refusal', text: refusal });
  return { parts, finish: finishOf(body), ...stopDetails(body) };
}

/** `start` is the length of the answer's text before this block. */
function partOf(block: JsonObject, start: number): NeutralPart {
  switch (block.type) {
    case 'text': {
      const text = textField(block, 'text');
      const { citations } = block;
      const isCited = Array.isArray(citations) && citations.length > 0;
      return { type: 'text', text, ...(isCited && { rest: citationFields(citations, start, start + text.length) }) };
    }
    case 'thinking':
      return {
        type: 'reasoning',
        text: textField(block, 'thinking'),
        ...(typeof block.signature === 'string' && { signature: block.signature }),
      };
    case 'redacted_thinking':
      return { type: 'reasoning', text: '', encrypted: textField(block, 'data') };
    case 'tool_use':
      return {
        type: 'tool-call',
        id: textField(block, 'id'),
        name: textField(block, 'name'),
        arguments: JSON.stringify(block.input ?? {}),
      };
    default:
      return { type: 'other', value: block };
  }
}

function textField(block: JsonObject, field: string): string {
  const value = block[field];
  if (typeof value !== 'string') throw invalid(`a block of type '${String(block.type)}' has no '${field}'`);
  return value;
}

/** Why the model would not answer, in words, where the API says it. */
export function refusalOf(details: unknown): string | null {
  return isJsonObject(details) && typeof details.explanation === 'string' ? details.explanation : null;
}

/** The category of a refusal, as a further field of the choice. */
export function stopDetails({ stop_details: details }: JsonObject): { readonly rest?: JsonObject } {
  return isJsonObject(details) ? { rest: { stop_details: details } } : {};
}

/** The id under which code execution can go on in the next turn. */
export function containerOf({ container }: JsonObject): JsonObject {
  return isJsonObject(container) ? { container } : {};
}

/** OpenAI calls the standard tier the default one. */
export function serviceTierOf(usage: unknown): JsonObject {
  const tier = isJsonObject(usage) ? usage.service_tier : null;
  return typeof tier === 'string' ? { service_tier: tier === 'standard' ? 'default' : tier } : {};
}
