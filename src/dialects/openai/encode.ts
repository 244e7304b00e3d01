import type { NeutralResponse, NeutralTextResponse } from '../../core/neutral.ts';
import type { JsonObject } from '../../core/types.ts';
import type { AnswerContext } from '../dialect.ts';

/** A neutral answer in OpenAI's shape. `created` is the gateway's clock, in seconds. */
export function encode(response: NeutralResponse, context: AnswerContext): string {
  const model = response.model ?? context.model;
  const { usage } = response;
  if (response.operation === 'embeddings') {
    return JSON.stringify({
      object: 'list',
      data: response.embeddings.map((embedding, index) => ({ object: 'embedding', embedding, index })),
      model,
      usage: { prompt_tokens: usage.prompt ?? 0, total_tokens: usage.total ?? 0 },
    });
  }
  const chat = response.operation === 'chat';
  return JSON.stringify({
    id: response.id ?? `${chat ? 'chatcmpl' : 'cmpl'}-${crypto.randomUUID()}`,
    object: chat ? 'chat.completion' : 'text_completion',
    created: Math.floor(Date.now() / 1000),
    model,
    choices: response.choices.map((choice, index) => encodeChoice(choice, index, chat)),
    usage: { prompt_tokens: usage.prompt, completion_tokens: usage.completion, total_tokens: usage.total },
  });
}

function encodeChoice(choice: NeutralTextResponse['choices'][number], index: number, chat: boolean): JsonObject {
  const finish = { logprobs: null, finish_reason: choice.finishReason ?? 'stop' };
  if (!chat) return { index, text: choice.text ?? '', ...finish };
  return { index, message: { role: 'assistant', content: choice.text, refusal: null }, ...finish };
}
