import { GatewayError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import type { AnswerContext } from '../dialect.ts';
import { spliceChat } from './splice-chat.ts';

/**
 * Turns an OpenAI answer into MLflow's shape: its fields are always there, null where the upstream says nothing, and
 * the upstream's further fields (`system_fingerprint`, `logprobs`, `reasoning_content`…) follow them. `text` is the
 * answer as it came.
 */
export function answer(upstream: JsonObject, text: string, context: AnswerContext): string {
  if (context.operation === 'embeddings') return embeddings(upstream, text);
  const choices = list(upstream.choices, 'choices');
  const chat = context.operation === 'chat';
  const spliced = chat ? spliceChat(upstream, choices, text, context.provider) : null;
  if (spliced !== null) return spliced;
  return JSON.stringify({
    ...upstream,
    id: upstream.id ?? null,
    object: chat ? 'chat.completion' : 'text_completion',
    created: upstream.created ?? Math.floor(Date.now() / 1000),
    model: upstream.model ?? context.model,
    choices: choices.map(chat ? chatChoice : completionsChoice),
    usage: usage(upstream.usage),
    ...(chat && { provider: context.provider }),
  });
}

function chatChoice(choice: JsonObject, index: number): JsonObject {
  const message = isJsonObject(choice.message) ? choice.message : {};
  return {
    ...choice,
    index,
    message: {
      ...message,
      role: message.role ?? 'assistant',
      content: message.content ?? null,
      tool_calls: message.tool_calls ?? null,
      refusal: message.refusal ?? null,
    },
    finish_reason: choice.finish_reason ?? null,
  };
}

/** Some servers answer a completion request in the shape of a chat. */
function completionsChoice(choice: JsonObject, index: number): JsonObject {
  const { message, ...rest } = choice;
  const text = isJsonObject(message) ? message.content : choice.text;
  return { ...rest, index, text: text ?? '', finish_reason: choice.finish_reason ?? null };
}

export function usage(value: unknown): JsonObject {
  const counts = isJsonObject(value) ? value : {};
  return {
    ...counts,
    prompt_tokens: counts.prompt_tokens ?? null,
    completion_tokens: counts.completion_tokens ?? null,
    total_tokens: counts.total_tokens ?? null,
  };
}

/** Long lists of numbers are expensive to write again, so a well-formed answer keeps its text. */
function embeddings(upstream: JsonObject, text: string): string {
  const data = list(upstream.data, 'data');
  const counts = isJsonObject(upstream.usage) ? upstream.usage : null;
  const ordered = data.every((item, index) => item.index === index && item.object === 'embedding');
  if (
    ordered &&
    upstream.object === 'list' &&
    counts !== null &&
    'prompt_tokens' in counts &&
    'total_tokens' in counts
  ) {
    return text;
  }
  return JSON.stringify({
    ...upstream,
    object: 'list',
    data: data.map((item, index) => ({ ...item, object: 'embedding', index })),
    usage: { ...counts, prompt_tokens: counts?.prompt_tokens ?? null, total_tokens: counts?.total_tokens ?? null },
  });
}

function list(value: unknown, field: string): JsonObject[] {
  if (!Array.isArray(value) || !value.every(isJsonObject)) {
    throw new GatewayError('upstream_invalid', `The upstream's answer has no list '${field}'.`);
  }
  return value;
}
