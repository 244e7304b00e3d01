import type { Changes } from '../../core/neutral/changes.ts';
import { textOf } from '../../core/neutral/parts.ts';
import type { NeutralChatRequest, NeutralMessage } from '../../core/neutral/request.ts';
import type { NeutralChunk, NeutralResponse } from '../../core/neutral/response.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import { clamped, given, keepKnown } from '../request-fields.ts';
import type { ChunkReader, Wire } from '../wire.ts';
import { withCitations } from './citations.ts';
import { invalidAnswer, invalidParameter } from './errors.ts';
import { finishOf } from './finish.ts';
import { readTokenCount, readUsage } from './usage.ts';
import { needsVersion2 } from './version.ts';

/** Fields beyond OpenAI's settings: https://docs.cohere.com/v1/reference/chat */
const FIELDS: ReadonlySet<string> = new Set([
  'citation_quality',
  'connectors',
  'conversation_id',
  'documents',
  'max_input_tokens',
  'preamble',
  'prompt_truncation',
  'raw_prompting',
  'safety_mode',
  'search_queries_only',
  'seed',
]);

/** Version 1 of the chat, as MLflow's gateway speaks it. */
export function chat(model: string | null): Wire {
  return {
    encode: (request, changes) => (request.operation === 'chat' ? encode(model, request, changes) : {}),
    decode,
    stream: { framing: 'ndjson', read: () => new ChatReader() },
  };
}

function encode(model: string | null, request: NeutralChatRequest, changes: Changes): JsonObject {
  const onMlflow = request.surface === 'mlflow';
  const { n = 1, stop } = request.settings;
  if (n !== 1) throw invalidParameter(`Parameter n must be 1 for Cohere chat, got ${n}.`, 'n');
  if (onMlflow && stop !== undefined)
    throw invalidParameter('Parameter stop is not supported for Cohere chat.', 'stop');
  if (needsVersion2(request)) {
    throw invalidParameter(
      "Tools, media, reasoning and 'response_format' need version 2 of Cohere's API; cohere_api_version holds this endpoint to version 1.",
      'messages',
    );
  }
  return given({
    model,
    ...conversation(request.messages, onMlflow ? 'preamble_override' : 'preamble', changes),
    ...(onMlflow ? mlflowSettings(request) : standardSettings(request, changes)),
    stream: request.stream || undefined,
  });
}

function conversation(messages: readonly NeutralMessage[], preamble: string, changes: Changes): JsonObject {
  const last = messages.at(-1);
  if (last?.role !== 'user') throw invalidParameter(`Last message must be from user, got ${last?.role}.`, 'messages');
  const system: string[] = [];
  const history: JsonObject[] = [];
  for (const [index, { role, parts, rest }] of messages.entries()) {
    for (const field of Object.keys(rest)) changes.dropped(`messages.${index}.${field}`);
    if (index === messages.length - 1) continue;
    const message = textOf(parts, '\n');
    if (role === 'system' || role === 'developer') system.push(message);
    else if (role === 'user') history.push({ role: 'USER', message });
    else if (role === 'assistant') history.push({ role: 'CHATBOT', message });
    else changes.dropped(`messages.${index}`);
  }
  return {
    message: textOf(last.parts, '\n'),
    ...(system.length > 0 && { [preamble]: system.join('\n') }),
    ...(history.length > 0 && { chat_history: history }),
  };
}

/** MLflow stretches its range of temperatures over Cohere's former one, 0 to 5, and passes all else on. */
function mlflowSettings({ settings, rest, parallelToolCalls }: NeutralChatRequest): JsonObject {
  const { n: _one, temperature, ...others } = settings;
  return {
    ...others,
    temperature: temperature === undefined ? undefined : 2.5 * temperature,
    parallel_tool_calls: parallelToolCalls,
    ...rest,
  };
}

function standardSettings({ settings, rest, parallelToolCalls }: NeutralChatRequest, changes: Changes): JsonObject {
  if (parallelToolCalls !== undefined) changes.dropped('parallel_tool_calls');
  return { ...sampling(settings, changes), ...keepKnown(rest, FIELDS, changes) };
}

/** OpenAI's settings under Cohere's names and within its ranges, the same for both versions. */
export function sampling(settings: NeutralChatRequest['settings'], changes: Changes): JsonObject {
  const within = (
    field: 'temperature' | 'top_p' | 'top_k' | 'presence_penalty' | 'frequency_penalty',
    low: number,
    high: number,
  ) => {
    const value = settings[field];
    return value === undefined ? undefined : clamped(value, low, high, field, changes);
  };
  return {
    max_tokens: settings.max_tokens ?? settings.max_completion_tokens,
    stop_sequences: settings.stop,
    temperature: within('temperature', 0, 1),
    p: within('top_p', 0.01, 0.99),
    k: within('top_k', 0, 500),
    presence_penalty: within('presence_penalty', 0, 1),
    frequency_penalty: within('frequency_penalty', 0, 1),
  };
}

function decode(body: unknown): NeutralResponse {
  if (!isJsonObject(body) || typeof body.text !== 'string') throw invalidAnswer("it has no 'text'");
  return {
    operation: 'chat',
    id: idOf(body),
    model: null,
    choices: [
      {
        parts: [withCitations(body.text, body.citations)],
        finish: finishOf(body.finish_reason, 'none'),
      },
    ],
    usage: usageOf(body),
  };
}

const idOf = ({ response_id: id, generation_id: other }: JsonObject): string | null =>
  typeof id === 'string' ? id : typeof other === 'string' ? other : null;

const usageOf = (answer: JsonObject) => readTokenCount(answer.token_count) ?? readUsage(answer.meta);

class ChatReader implements ChunkReader {
  complete = false;

  event(data: JsonObject): NeutralChunk | null {
    if (data.event_type === 'text-generation' && typeof data.text === 'string') {
      return { choices: [{ index: 0, text: data.text }] };
    }
    if (data.event_type === 'citation-generation' && Array.isArray(data.citations)) {
      return { choices: [{ index: 0, parts: [withCitations('', data.citations)] }] };
    }
    return data.event_type === 'stream-end' ? this.#end(data) : null;
  }

  #end(data: JsonObject): NeutralChunk {
    const finish = finishOf(data.finish_reason, 'native');
    const response = isJsonObject(data.response) ? data.response : {};
    const id = idOf(response);
    const usage = usageOf(response);
    this.complete = true;
    return {
      ...(id !== null && { id }),
      choices: [{ index: 0, ...(finish && { finish }) }],
      ...(usage && { usage }),
    };
  }
}
