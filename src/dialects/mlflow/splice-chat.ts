import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';

const MESSAGE = '"message":{';
const FIELDS = ['id', 'created', 'model'];

/**
 * A chat answer that has all of MLflow's fields but a few nulls gets those and `provider` put into its text, which is
 * much cheaper than to build and write it anew. Null for every other answer.
 */
export function spliceChat(
  upstream: JsonObject,
  choices: readonly JsonObject[],
  text: string,
  provider: string,
): string | null {
  if (upstream.object !== 'chat.completion' || 'provider' in upstream || !FIELDS.every((field) => field in upstream))
    return null;
  if (!hasCounts(upstream.usage) || !choices.every(isRegular)) return null;
  const first = choices[0]?.message;
  const end = text.lastIndexOf('}');
  if (!isJsonObject(first) || text.slice(end + 1).trim() !== '') return null;
  const nulls = missingNulls(first);
  const tail = `,"provider":${JSON.stringify(provider)}}`;
  if (nulls === '' && choices.length === 1) return text.slice(0, end) + tail;
  // With several choices each may miss others; and a second `"message"` may stand inside a tool's or an annotation's data.
  const at = text.indexOf(MESSAGE);
  if (choices.length !== 1 || at === -1 || text.indexOf('"message"') !== at || text.indexOf('"message"', at + 1) !== -1)
    return null;
  const start = at + MESSAGE.length;
  return text.slice(0, start) + nulls + text.slice(start, end) + tail;
}

function isRegular(choice: JsonObject, index: number): boolean {
  const { message } = choice;
  return (
    choice.index === index &&
    'finish_reason' in choice &&
    isJsonObject(message) &&
    typeof message.role === 'string' &&
    'content' in message
  );
}

function hasCounts(usage: unknown): boolean {
  return isJsonObject(usage) && 'prompt_tokens' in usage && 'completion_tokens' in usage && 'total_tokens' in usage;
}

/** A message with a role is never empty, so each can be followed by a comma. */
function missingNulls(message: JsonObject): string {
  return ('tool_calls' in message ? '' : '"tool_calls":null,') + ('refusal' in message ? '' : '"refusal":null,');
}
