import type { NeutralChatRequest } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';
import type { AnswerContext, CheckedRequest } from '../dialect.ts';
import { invalid, missing, optionalBoolean, setField } from '../openai/fields.ts';
import type { Places } from '../places.ts';
import { decodeInput } from './items.ts';
import { type Draft, saysNothing, takeIncluded, takeReasoning, takeSetting, takeText } from './settings.ts';
import { decodeToolChoice, decodeTools, otherToolChoice } from './tools.ts';

/**
 * The neutral shape of a request, for upstreams that keep no state. Fields that are null count as absent; those that the
 * shape does not know are kept under the chat API's names where it has them.
 * https://platform.openai.com/docs/api-reference/responses/create
 */
export function decodeRequest(
  { body, streams }: CheckedRequest,
  context: AnswerContext | null,
  places: Places | null = null,
): NeutralChatRequest {
  refuseState(body);
  if (body.input === undefined || body.input === null) throw missing('input');
  const settings: Draft<NeutralChatRequest['settings']> = {};
  const request: Draft<NeutralChatRequest> = {
    operation: 'chat',
    surface: 'standard',
    messages: decodeInput(body.instructions, body.input, context?.provider ?? null, places),
    tools: [],
    settings,
    stream: streams,
    rest: {},
  };
  takeIncluded(request.rest, body);
  for (const field in body) {
    const value = body[field];
    if (value === null || value === undefined || OWN_FIELDS.has(field) || saysNothing(field, value)) continue;
    if (!takeSetting(settings, field, value) && !takeField(request, field, value, places))
      setField(request.rest, field, value);
  }
  return request;
}

/** What is read on its own, or meant for the gateway, where `model` named the endpoint. */
const OWN_FIELDS = new Set(['model', 'input', 'instructions', 'stream', 'stream_options', 'include', 'top_logprobs']);

/** False when the field stays among the other fields. */
function takeField(request: Draft<NeutralChatRequest>, field: string, value: unknown, places: Places | null): boolean {
  switch (field) {
    case 'tools':
      request.tools = decodeTools(value, places);
      return true;
    case 'tool_choice': {
      const choice = decodeToolChoice(value);
      if (choice === null) request.rest.tool_choice = otherToolChoice(value);
      else request.toolChoice = choice;
      return true;
    }
    case 'parallel_tool_calls': {
      const parallel = optionalBoolean(value, field);
      if (parallel !== undefined) request.parallelToolCalls = parallel;
      return true;
    }
    case 'text':
      takeText(request, value);
      return true;
    case 'reasoning':
      takeReasoning(request, value);
      return true;
    default:
      return false;
  }
}

const STATE: Readonly<Record<string, string>> = {
  previous_response_id: 'send the whole input instead, with the items of the earlier answers',
  conversation: 'send the whole input instead, with the items of the earlier answers',
  prompt: 'send its text as `instructions` and `input` instead',
  background: 'wait for the answer, or stream it, instead',
};

function refuseState(body: JsonObject): void {
  for (const field in STATE) {
    const value = body[field];
    if (value === undefined || value === null || value === false) continue;
    throw invalid(`The provider of this endpoint keeps no state, which '${field}' needs: ${STATE[field]}.`, field);
  }
}
