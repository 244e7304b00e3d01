import type { Finish } from '../../core/neutral/response.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import { finishDetails } from '../openai/finish.ts';

/** The fields of the request that an answer repeats, each with what holds where the client did not say it. */
export function echoOf(body: JsonObject): JsonObject {
  const text = isJsonObject(body.text) ? body.text : {};
  const reasoning = isJsonObject(body.reasoning) ? body.reasoning : {};
  return {
    background: false,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    max_tool_calls: body.max_tool_calls ?? null,
    metadata: body.metadata ?? {},
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: null,
    prompt_cache_key: body.prompt_cache_key ?? null,
    reasoning: { effort: null, summary: null, ...reasoning },
    safety_identifier: body.safety_identifier ?? null,
    service_tier: body.service_tier ?? 'auto',
    // Nothing is: an answer cannot be had a second time.
    store: false,
    temperature: body.temperature ?? null,
    text: { ...text, format: text.format ?? { type: 'text' } },
    tool_choice: body.tool_choice ?? 'auto',
    tools: Array.isArray(body.tools) ? body.tools.map(echoedTool) : [],
    top_logprobs: body.top_logprobs ?? 0,
    top_p: body.top_p ?? null,
    truncation: body.truncation ?? 'disabled',
    ...(typeof body.user === 'string' && { user: body.user }),
  };
}

/** Clients' types have these two fields of a function, even if without a value. */
function echoedTool(tool: unknown): unknown {
  if (!isJsonObject(tool) || tool.type !== 'function') return tool;
  return { parameters: null, strict: null, ...tool };
}

export type Status = 'completed' | 'incomplete';

/** An answer that ended before it was whole says why. */
export function statusOf(finish: Finish | null): {
  readonly status: Status;
  readonly incomplete_details: JsonObject | null;
} {
  switch (finish?.reason) {
    case 'length':
      return { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } };
    case 'content_filter':
      return { status: 'incomplete', incomplete_details: { reason: 'content_filter' } };
    default:
      return { status: 'completed', incomplete_details: null };
  }
}

/**
 * The further fields of an answer: the provider's own word for why it ended and the stop sequence, under the names that
 * they have beside a choice of the chat API, and whatever else the provider says, such as `stop_details`.
 */
export function furtherFields(finish: Finish | null, ...rests: ReadonlyArray<JsonObject | undefined>): JsonObject {
  const { logprobs: _ofTheText, ...fields }: JsonObject = Object.assign({}, ...rests);
  return { ...fields, ...(finish && finishDetails(finish)) };
}

/** With the provider's own id in it where it has one, so that an answer can be found in the provider's records. */
export function responseId(id: string | null): string {
  if (id === null) return `resp_${randomId()}`;
  return id.startsWith('resp_') ? id : `resp_${id}`;
}

export function randomId(): string {
  return crypto.randomUUID().replaceAll('-', '');
}

/** Seconds since 1970. */
export function now(): number {
  return Math.floor(Date.now() / 1000);
}
