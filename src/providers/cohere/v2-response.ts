import type { NeutralPart } from '../../core/neutral/parts.ts';
import type { NeutralTextResponse } from '../../core/neutral/response.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import { withCitations } from './citations.ts';
import { invalidAnswer } from './errors.ts';
import { finishOf } from './finish.ts';
import { readUsage } from './usage.ts';

/** https://docs.cohere.com/reference/chat */
export function decodeAnswer(operation: 'chat' | 'completions', body: unknown): NeutralTextResponse {
  if (!isJsonObject(body) || !isJsonObject(body.message)) throw invalidAnswer("it has no 'message'");
  const { logprobs } = body;
  const content = Array.isArray(logprobs) ? logprobs.filter(isJsonObject).map(probability) : null;
  return {
    operation,
    id: typeof body.id === 'string' ? body.id : null,
    model: null,
    choices: [
      {
        parts: partsOf(body.message),
        finish: finishOf(body.finish_reason),
        ...(content && { rest: { logprobs: { content, refusal: null } } }),
      },
    ],
    usage: readUsage(body.usage),
  };
}

function partsOf({ content, citations, tool_plan: plan, tool_calls: calls }: JsonObject): NeutralPart[] {
  const parts: NeutralPart[] = [];
  if (typeof plan === 'string' && plan !== '') parts.push({ type: 'reasoning', text: plan });
  for (const part of Array.isArray(content) ? content : []) {
    if (!isJsonObject(part)) continue;
    if (typeof part.thinking === 'string') parts.push({ type: 'reasoning', text: part.thinking });
    else if (typeof part.text === 'string') parts.push({ type: 'text', text: part.text });
  }
  // They belong to the whole message; of several texts the last one carries them.
  const last = parts.at(-1);
  if (last?.type === 'text') parts[parts.length - 1] = withCitations(last.text, citations);
  for (const call of Array.isArray(calls) ? calls : []) parts.push(toolCall(call));
  return parts;
}

function toolCall(call: unknown): NeutralPart {
  const called = isJsonObject(call) ? call.function : null;
  if (!isJsonObject(call) || typeof call.id !== 'string' || !isJsonObject(called) || typeof called.name !== 'string') {
    throw invalidAnswer('a tool call has no id or name');
  }
  const text = typeof called.arguments === 'string' ? called.arguments : '';
  return { type: 'tool-call', id: call.id, name: called.name, arguments: text };
}

/** A probability in OpenAI's shape. Several tokens may make one piece of text; their probabilities multiply. */
export function probability({ text, logprobs }: JsonObject): JsonObject {
  const values = Array.isArray(logprobs) ? logprobs.filter((value) => typeof value === 'number') : [];
  return {
    token: typeof text === 'string' ? text : '',
    logprob: values.reduce((sum, value) => sum + value, 0),
    bytes: null,
    top_logprobs: [],
  };
}
