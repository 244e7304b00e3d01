import { isJsonObject, type JsonObject } from '../../src/core/types.ts';

/** What a client makes of a stream. How the text is cut into events does not matter to it. */
export interface AssembledStream {
  text: string;
  toolCalls: Record<string, { id: unknown; name: string; arguments: string }>;
  finishReason: unknown;
  usage: JsonObject | null;
  object: unknown;
  model: unknown;
  failed: boolean;
}

/** The JSON objects of a server-sent event stream, without the closing `[DONE]`. */
export function readEvents(stream: string): JsonObject[] {
  const events: JsonObject[] = [];
  for (const block of stream.split(/\r?\n\r?\n/)) {
    const lines = block.split(/\r?\n/).filter((line) => line.startsWith('data:'));
    const data = lines.map((line) => line.slice(5).trimStart()).join('\n');
    if (data === '' || data === '[DONE]') continue;
    const event: unknown = JSON.parse(data);
    if (isJsonObject(event)) events.push(event);
  }
  return events;
}

export function assemble(events: readonly JsonObject[]): AssembledStream {
  const stream: AssembledStream = {
    text: '',
    toolCalls: {},
    finishReason: null,
    usage: null,
    object: null,
    model: null,
    failed: false,
  };
  for (const event of events) {
    stream.object = event.object ?? stream.object;
    stream.model = event.model ?? stream.model;
    stream.failed ||= 'error' in event;
    if (isJsonObject(event.usage)) stream.usage = tokenCounts(event.usage);
    for (const choice of objects(event.choices)) addChoice(stream, choice);
  }
  return stream;
}

function addChoice(stream: AssembledStream, choice: JsonObject): void {
  const delta = isJsonObject(choice.delta) ? choice.delta : {};
  stream.text += text(delta.content) || text(choice.text);
  stream.finishReason = choice.finish_reason ?? stream.finishReason;
  for (const call of objects(delta.tool_calls)) {
    const index = String(call.index ?? 0);
    stream.toolCalls[index] ??= { id: null, name: '', arguments: '' };
    const whole = stream.toolCalls[index];
    const part = isJsonObject(call.function) ? call.function : {};
    whole.id = call.id ?? whole.id;
    whole.name += text(part.name);
    whole.arguments += text(part.arguments);
  }
}

function tokenCounts(usage: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(usage).filter(([name]) => name.endsWith('_tokens')));
}

function objects(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
