import { isJsonObject, type JsonObject } from '../types.ts';

/**
 * The last event has the whole answer; of a stream that broke off, what came of it is put together.
 * https://platform.openai.com/docs/api-reference/responses-streaming
 */
export function assembleResponses(events: readonly JsonObject[]): JsonObject | null {
  let response: JsonObject | null = null;
  const items: JsonObject[] = [];
  for (const event of events) {
    const position = Number(event.output_index);
    const item = items[position];
    if (isJsonObject(event.response)) {
      response = event.response;
      if (ENDS.has(String(event.type))) return response;
    } else if (isJsonObject(event.item)) items[position] = structuredClone(event.item);
    else if (item && typeof event.delta === 'string') addDelta(item, event, event.delta);
  }
  return response && { ...response, output: items.filter(Boolean) };
}

const ENDS = new Set(['response.completed', 'response.incomplete', 'response.failed']);

function addDelta(
  item: JsonObject,
  { type, content_index: index, summary_index: summary }: JsonObject,
  delta: string,
): void {
  switch (type) {
    case 'response.output_text.delta':
      return addText(item, 'content', Number(index), 'output_text', delta);
    case 'response.refusal.delta':
      return addText(item, 'content', Number(index), 'refusal', delta);
    case 'response.reasoning_summary_text.delta':
      return addText(item, 'summary', Number(summary), 'summary_text', delta);
    case 'response.reasoning_text.delta':
      return addText(item, 'content', Number(index), 'reasoning_text', delta);
    case 'response.function_call_arguments.delta':
      item.arguments = `${item.arguments ?? ''}${delta}`;
      return;
    case 'response.custom_tool_call_input.delta':
      item.input = `${item.input ?? ''}${delta}`;
  }
}

function addText(item: JsonObject, list: 'content' | 'summary', position: number, type: string, delta: string): void {
  const parts = Array.isArray(item[list]) ? item[list] : [];
  item[list] = parts;
  const known: unknown = parts[position];
  const part: JsonObject = isJsonObject(known) ? known : { type };
  const name = type === 'refusal' ? 'refusal' : 'text';
  part[name] = `${part[name] ?? ''}${delta}`;
  parts[position] = part;
}
