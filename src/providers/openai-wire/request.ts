import { withAllowedTools } from '../../core/neutral/allowed-tools.ts';
import { withoutDeferredTools } from '../../core/neutral/deferred-tools.ts';
import type { NeutralChatRequest, NeutralEmbeddingsRequest, ResponseFormat } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';
import type { EncodingContext } from './context.ts';
import { encodeMessages } from './messages.ts';
import { reasoningFields } from './reasoning-settings.ts';
import { restFields } from './rest.ts';
import { toolFields } from './tools.ts';

/** OpenAI's API takes no more. */
const MOST_STOP_SEQUENCES = 4;

/** The body of a chat but for the model's name. https://platform.openai.com/docs/api-reference/chat/create */
export function encodeChat(given: NeutralChatRequest, context: EncodingContext): JsonObject {
  const request = withKnownTools(given, context);
  return {
    messages: encodeMessages(request.messages, context),
    ...toolFields(request, context),
    ...(request.responseFormat && { response_format: responseFormat(request.responseFormat, context) }),
    ...reasoningFields(request, context),
    ...settingsFields(request, context),
    ...(request.stream && { stream: true }),
    ...restFields(request.rest, context),
  };
}

function withKnownTools(request: NeutralChatRequest, { takes, changes }: EncodingContext): NeutralChatRequest {
  if (takes('unknown')) return request;
  const loaded = withoutDeferredTools(request, changes);
  return takes('openai') ? loaded : withAllowedTools(loaded, changes);
}

/** What an embedding may be asked for beside its input. */
const EMBEDDING_FIELDS: ReadonlySet<string> = new Set(['dimensions', 'encoding_format', 'user']);

/** https://platform.openai.com/docs/api-reference/embeddings/create */
export function encodeEmbeddings({ input, rest }: NeutralEmbeddingsRequest, context: EncodingContext): JsonObject {
  const body: JsonObject = { input: input.length === 1 ? input[0] : input };
  for (const field in rest) {
    if (EMBEDDING_FIELDS.has(field) || context.takes('unknown')) body[field] = rest[field];
    else context.changes.dropped(field);
  }
  return body;
}

/** A schema must have a name. */
function responseFormat(format: ResponseFormat, { takes }: EncodingContext): JsonObject {
  if (format.type !== 'json_schema' || takes('unknown')) return format as JsonObject;
  return { type: format.type, json_schema: { ...format.json_schema, name: format.json_schema.name ?? 'answer' } };
}

function settingsFields({ settings }: NeutralChatRequest, { takes, changes }: EncodingContext): JsonObject {
  if (takes('unknown')) return { ...settings };
  const { top_k, max_tokens, max_completion_tokens, stop, ...common } = settings;
  const fields: JsonObject = { ...common };
  const limit = max_tokens ?? max_completion_tokens;
  // Its models that think take no other name; other servers may know the older one alone.
  if (limit !== undefined) fields[takes('openai') ? 'max_completion_tokens' : 'max_tokens'] = limit;
  if (top_k !== undefined) {
    if (takes('top_k')) fields.top_k = top_k;
    else changes.dropped('top_k');
  }
  if (stop !== undefined && stop.length > 0) {
    if (stop.length > MOST_STOP_SEQUENCES) changes.clamped('stop');
    fields.stop = stop.slice(0, MOST_STOP_SEQUENCES);
  }
  return fields;
}
