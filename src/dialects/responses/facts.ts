import { isJsonObject, type JsonObject } from '../../core/types.ts';
import type { AnswerFacts } from '../dialect.ts';

/** Of a response object: https://platform.openai.com/docs/api-reference/responses/object */
export function readFacts(response: JsonObject, facts: AnswerFacts): void {
  if (typeof response.model === 'string') facts.servedModel = response.model;
  facts.finishReason = reasonOf(response) ?? facts.finishReason;
}

function reasonOf({ status, incomplete_details: details, output }: JsonObject): string | null {
  if (status === 'incomplete') {
    return isJsonObject(details) && details.reason === 'content_filter' ? 'content_filter' : 'length';
  }
  if (status !== 'completed') return null;
  const callsTools = Array.isArray(output) && output.some((item) => isJsonObject(item) && CALLS.has(String(item.type)));
  return callsTools ? 'tool_calls' : 'stop';
}

/** What the client has to answer. */
const CALLS: ReadonlySet<string> = new Set(['function_call', 'custom_tool_call', 'local_shell_call', 'computer_call']);
