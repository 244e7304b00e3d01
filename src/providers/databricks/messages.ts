import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import type { AdjustedRequest } from '../provider.ts';

/**
 * Gives reasoning back as Databricks sent it, in front of the text of its message: a model that reasons between tool
 * calls needs it, with its signature, on the next turn. Reasoning without a signature is of no use to it.
 */
export function adjustMessages(
  body: JsonObject,
  { surface, changes }: AdjustedRequest,
): ReadonlyMap<string, unknown> | null {
  if (surface === 'mlflow' || !Array.isArray(body.messages) || !body.messages.some(hasReasoning)) return null;
  const messages = body.messages.map((message: unknown, index) => {
    if (!hasReasoning(message)) return message;
    const { reasoning_content, reasoning_details, ...others } = message;
    const summary = readSummary(reasoning_details);
    if (summary.length === 0) {
      if (isGiven(reasoning_content)) changes.dropped(`messages.${index}.reasoning_content`);
      if (isGiven(reasoning_details)) changes.dropped(`messages.${index}.reasoning_details`);
      return others;
    }
    return { ...others, content: [{ type: 'reasoning', summary }, ...contentParts(others.content)] };
  });
  return new Map([['messages', messages]]);
}

function hasReasoning(message: unknown): message is JsonObject {
  return isJsonObject(message) && (message.reasoning_content !== undefined || message.reasoning_details !== undefined);
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** Whoever did not join the pieces of a stream has the text in several entries, and its signature in the last. */
function readSummary(details: unknown): JsonObject[] {
  const summary: JsonObject[] = [];
  let pending = '';
  for (const detail of Array.isArray(details) ? details.filter(isJsonObject) : []) {
    const { text, signature, data } = detail;
    if (typeof text === 'string') pending += text;
    if (typeof signature === 'string') {
      summary.push({ type: 'summary_text', text: pending, signature });
      pending = '';
    }
    if (typeof data === 'string') summary.push({ type: 'summary_encrypted_text', data });
  }
  return summary;
}

function contentParts(content: unknown): unknown[] {
  if (Array.isArray(content)) return content;
  return typeof content === 'string' && content !== '' ? [{ type: 'text', text: content }] : [];
}
