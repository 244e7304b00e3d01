import type { NeutralResponse } from '../../core/neutral.ts';
import type { JsonObject } from '../../core/types.ts';
import type { AnswerContext } from '../dialect.ts';

/** A neutral answer in MLflow's shape. `created` is the gateway's clock, in seconds. */
export function encode(response: NeutralResponse, context: AnswerContext): string {
  return JSON.stringify(mlflowAnswer(response, context));
}

function mlflowAnswer(response: NeutralResponse, context: AnswerContext): JsonObject {
  const { usage } = response;
  const model = response.model ?? context.model;
  if (response.operation === 'embeddings') {
    return {
      object: 'list',
      data: response.embeddings.map((embedding, index) => ({ object: 'embedding', embedding, index })),
      model,
      usage: { prompt_tokens: usage.prompt, total_tokens: usage.total },
    };
  }
  const chat = response.operation === 'chat';
  return {
    id: response.id,
    object: chat ? 'chat.completion' : 'text_completion',
    created: Math.floor(Date.now() / 1000),
    model,
    choices: response.choices.map(({ text, finishReason }, index) =>
      chat
        ? {
            index,
            message: { role: 'assistant', content: text, tool_calls: null, refusal: null },
            finish_reason: finishReason,
          }
        : { index, text: text ?? '', finish_reason: finishReason },
    ),
    usage: { prompt_tokens: usage.prompt, completion_tokens: usage.completion, total_tokens: usage.total },
    ...(chat && { provider: context.provider }),
  };
}
