import { textOf } from '../../core/neutral/parts.ts';
import type {
  Finish,
  NeutralChoice,
  NeutralEmbeddingsResponse,
  NeutralResponse,
  NeutralTextResponse,
} from '../../core/neutral/response.ts';
import { promptTokens } from '../../core/neutral/usage.ts';
import type { JsonObject } from '../../core/types.ts';
import type { AnswerContext } from '../dialect.ts';
import { now } from '../openai/encode.ts';
import { finishDetails } from '../openai/finish.ts';
import { encodeMessage } from '../openai/message.ts';
import { encodeUsage } from './encode-usage.ts';

/** A neutral answer in MLflow's shape: its fields are always there, null where the provider says nothing. */
export function encode(response: NeutralResponse, context: AnswerContext): string {
  return JSON.stringify(
    response.operation === 'embeddings' ? encodeEmbeddings(response, context) : encodeText(response, context),
  );
}

function encodeText(response: NeutralTextResponse, context: AnswerContext): JsonObject {
  const chat = response.operation === 'chat';
  const choices = response.choices.filter((choice) => !choice.mlflowOmits);
  return {
    ...response.rest,
    id: response.id,
    object: chat ? 'chat.completion' : 'text_completion',
    created: response.created ?? now(),
    model: response.model ?? context.model,
    choices: choices.map(chat ? chatChoice : completionsChoice),
    usage: encodeUsage(response.usage),
    ...(chat && { provider: context.provider }),
  };
}

function chatChoice(choice: NeutralChoice, index: number): JsonObject {
  const message = { tool_calls: null, ...encodeMessage(choice.parts), role: choice.role ?? 'assistant' };
  return { ...choice.rest, index, message, ...encodeFinish(choice.finish) };
}

function completionsChoice(choice: NeutralChoice, index: number): JsonObject {
  return { ...choice.rest, index, text: textOf(choice.parts), ...encodeFinish(choice.finish) };
}

/** MLflow has words of its own for why some providers stopped. */
export function encodeFinish(finish: Finish | null | undefined): JsonObject {
  if (!finish) return { finish_reason: null };
  return { finish_reason: finish.mlflow === undefined ? finish.reason : finish.mlflow, ...finishDetails(finish) };
}

function encodeEmbeddings(response: NeutralEmbeddingsResponse, context: AnswerContext): JsonObject {
  const prompt = response.usage && promptTokens(response.usage);
  return {
    ...response.rest,
    object: 'list',
    data: response.embeddings.map((embedding, index) => ({ object: 'embedding', embedding, index })),
    model: response.model ?? context.model,
    usage: { prompt_tokens: prompt, total_tokens: prompt },
  };
}
