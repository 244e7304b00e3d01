import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';

/** What Mistral's content says: text, and what the model thought before. */
export interface Content {
  readonly text: string;
  readonly reasoning: string;
}

/** Content is text, or a list of parts with `thinking` among them. */
export function readContent(content: unknown): Content {
  if (typeof content === 'string') return { text: content, reasoning: '' };
  let text = '';
  let reasoning = '';
  for (const part of Array.isArray(content) ? content : []) {
    if (!isJsonObject(part)) continue;
    if (part.type === 'thinking') reasoning += readContent(part.thinking).text;
    else if (typeof part.text === 'string') text += part.text;
  }
  return { text, reasoning };
}

/** `model_length` is the end of the context. */
export function finishReason(native: string): string {
  return native === 'model_length' ? 'length' : native;
}

/** Gives an answer OpenAI's shape, in place; true when something changed. */
export function mend(answer: JsonObject): boolean {
  return mendChoices(answer, 'message');
}

/** The same for a chunk of a stream. */
export function mendChunk(chunk: JsonObject): boolean {
  return mendChoices(chunk, 'delta');
}

function mendChoices(answer: JsonObject, field: 'message' | 'delta'): boolean {
  let changed = false;
  for (const choice of Array.isArray(answer.choices) ? answer.choices : []) {
    if (!isJsonObject(choice)) continue;
    if (choice.finish_reason === 'model_length') {
      choice.finish_reason = 'length';
      changed = true;
    }
    const message = choice[field];
    if (!isJsonObject(message)) continue;
    if (mendContent(message, field === 'message')) changed = true;
    if (mendCalls(message)) changed = true;
  }
  return changed;
}

function mendContent(message: JsonObject, isWhole: boolean): boolean {
  if (!Array.isArray(message.content)) return false;
  const references = message.content.filter((part) => isJsonObject(part) && part.type === 'reference');
  const { text, reasoning } = readContent(message.content);
  message.content = text === '' && reasoning !== '' ? null : text;
  if (reasoning !== '') message.reasoning_content = reasoning;
  if (reasoning !== '' && isWhole) message.reasoning_details = [{ type: 'reasoning.text', text: reasoning }];
  if (references.length > 0) message.references = references;
  return true;
}

/** A call may come without its type, and its arguments as an object. */
function mendCalls(message: JsonObject): boolean {
  let changed = false;
  for (const call of Array.isArray(message.tool_calls) ? message.tool_calls : []) {
    if (!isJsonObject(call)) continue;
    if (call.type === undefined) {
      call.type = 'function';
      changed = true;
    }
    if (isJsonObject(call.function) && isJsonObject(call.function.arguments)) {
      call.function.arguments = JSON.stringify(call.function.arguments);
      changed = true;
    }
  }
  return changed;
}

/** The model of embeddings is the configured one, as MLflow answers it. */
export function mendModel(answer: JsonObject, model: string | null): boolean {
  if (model === null || answer.model === model) return false;
  answer.model = model;
  return true;
}
