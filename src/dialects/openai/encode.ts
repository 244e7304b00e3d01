import { textOf } from '../../core/neutral/parts.ts';
import type {
  NeutralChoice,
  NeutralEmbeddingsResponse,
  NeutralResponse,
  NeutralTextResponse,
} from '../../core/neutral/response.ts';
import { NO_USAGE, promptTokens } from '../../core/neutral/usage.ts';
import type { JsonObject } from '../../core/types.ts';
import type { AnswerContext, CheckedRequest } from '../dialect.ts';
import { isLegacy } from './decode.ts';
import { encodeUsage } from './encode-usage.ts';
import { encodeFinish } from './finish.ts';
import { toFunctionCall } from './function-call.ts';
import { encodeMessage } from './message.ts';

/** A neutral answer in OpenAI's shape, with every field that its clients' types require. */
export function encode(response: NeutralResponse, context: AnswerContext, request: CheckedRequest): string {
  return JSON.stringify(
    response.operation === 'embeddings'
      ? encodeEmbeddings(response, context, request)
      : encodeText(response, context, request),
  );
}

function encodeText(response: NeutralTextResponse, context: AnswerContext, request: CheckedRequest): JsonObject {
  const chat = response.operation === 'chat';
  const legacy = chat && isLegacy(request.body);
  return {
    id: response.id ?? newId(chat),
    object: chat ? 'chat.completion' : 'text_completion',
    created: response.created ?? now(),
    model: response.model ?? context.model,
    choices: response.choices.map((choice, index) => {
      if (!chat) return completionsChoice(choice, index);
      const encoded = chatChoice(choice, index);
      return legacy ? toFunctionCall(encoded) : encoded;
    }),
    usage: encodeUsage(response.usage ?? NO_USAGE),
    ...response.rest,
  };
}

function chatChoice(choice: NeutralChoice, index: number): JsonObject {
  const message = encodeMessage(choice.parts);
  const fallback = message.tool_calls === undefined ? 'stop' : 'tool_calls';
  return { index, message, logprobs: null, ...encodeFinish(choice.finish, fallback), ...choice.rest };
}

function completionsChoice(choice: NeutralChoice, index: number): JsonObject {
  const finish = encodeFinish(choice.finish, 'stop');
  return { index, text: textOf(choice.parts), logprobs: null, ...finish, ...choice.rest };
}

function encodeEmbeddings(
  response: NeutralEmbeddingsResponse,
  context: AnswerContext,
  request: CheckedRequest,
): JsonObject {
  // OpenAI's own clients ask for base64 unless told otherwise.
  const asBase64 = request.body.encoding_format === 'base64';
  const prompt = promptTokens(response.usage ?? NO_USAGE);
  return {
    object: 'list',
    data: response.embeddings.map((embedding, index) => ({
      object: 'embedding',
      index,
      embedding: asBase64 && typeof embedding !== 'string' ? base64(embedding) : embedding,
    })),
    model: response.model ?? context.model,
    usage: { prompt_tokens: prompt, total_tokens: prompt },
    ...response.rest,
  };
}

/** Little-endian 32-bit floats, whatever the machine's own order is. */
function base64(embedding: readonly number[]): string {
  const bytes = Buffer.allocUnsafe(embedding.length * 4);
  for (const [index, value] of embedding.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString('base64');
}

export function newId(chat: boolean): string {
  return `${chat ? 'chatcmpl' : 'cmpl'}-${crypto.randomUUID().replaceAll('-', '')}`;
}

/** Seconds since 1970. */
export function now(): number {
  return Math.floor(Date.now() / 1000);
}
