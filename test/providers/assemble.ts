import { isJsonObject, type JsonObject } from '../../src/core/types.ts';

interface AssembledCall {
  id?: unknown;
  name: string;
  arguments: string;
}

/** What a client makes of the events of a stream; what never came is absent. */
export interface Assembled {
  content?: string;
  reasoning?: string;
  refusal?: string;
  tool_calls?: AssembledCall[];
  finish_reason?: unknown;
  usage?: JsonObject;
  error?: unknown;
}

/** Assembles a stream of OpenAI's or MLflow's chunks, chat or completions; of the choices, the first. */
export function assemble(stream: string): Assembled {
  const whole: Assembled = {};
  for (const event of events(stream)) {
    if (isJsonObject(event.usage)) whole.usage = event.usage;
    if (event.error !== undefined) whole.error = event.error;
    if (event.detail !== undefined) whole.error = event.detail;
    for (const choice of objects(event.choices)) if ((choice.index ?? 0) === 0) addChoice(whole, choice);
  }
  return whole;
}

function addChoice(whole: Assembled, choice: JsonObject): void {
  const delta = isJsonObject(choice.delta) ? choice.delta : choice;
  const append = (field: 'content' | 'reasoning' | 'refusal', value: unknown) => {
    if (typeof value === 'string' && value !== '') whole[field] = (whole[field] ?? '') + value;
  };
  append('content', delta.content ?? delta.text);
  append('reasoning', delta.reasoning_content);
  append('refusal', delta.refusal);
  if (choice.finish_reason !== null && choice.finish_reason !== undefined) whole.finish_reason = choice.finish_reason;
  for (const call of objects(delta.tool_calls)) addCall(whole, call);
}

function addCall(whole: Assembled, piece: JsonObject): void {
  whole.tool_calls ??= [];
  const index = Number(piece.index ?? 0);
  const call = whole.tool_calls[index] ?? { name: '', arguments: '' };
  whole.tool_calls[index] = call;
  const called = isJsonObject(piece.function) ? piece.function : {};
  if (piece.id !== null && piece.id !== undefined) call.id = piece.id;
  call.name += typeof called.name === 'string' ? called.name : '';
  call.arguments += typeof called.arguments === 'string' ? called.arguments : '';
}

/** Throws for an event that is not JSON: a client would too. */
function events(stream: string): JsonObject[] {
  const lines = stream.split(/\r?\n/).filter((line) => line.startsWith('data:'));
  const data = lines.map((line) => line.slice('data:'.length).trim());
  return objects(data.filter((text) => text !== '[DONE]').map((text): unknown => JSON.parse(text)));
}

function objects(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}
