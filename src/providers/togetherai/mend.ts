import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';

const OBJECTS: Readonly<Record<string, string>> = {
  'text.completion': 'text_completion',
  'completion.chunk': 'text_completion',
};

/**
 * Gives an answer, or a chunk of one, the names that OpenAI's clients look for. The model is the configured one, as
 * MLflow answers it. True when something changed.
 */
export function mend(answer: JsonObject, model: string | null): boolean {
  let changed = false;
  if (model !== null && answer.model !== model) {
    answer.model = model;
    changed = true;
  }
  const object = OBJECTS[String(answer.object)];
  if (object) {
    answer.object = object;
    changed = true;
  }
  for (const choice of Array.isArray(answer.choices) ? answer.choices : []) {
    if (isJsonObject(choice) && mendChoice(choice, answer.object)) changed = true;
  }
  return changed;
}

function mendChoice(choice: JsonObject, object: unknown): boolean {
  let changed = false;
  if (choice.finish_reason === 'eos') {
    choice.finish_reason = 'stop';
    changed = true;
  }
  // Some models stream a chat as text alone.
  if (object === 'chat.completion.chunk' && typeof choice.text === 'string' && !hasContent(choice.delta)) {
    choice.delta = { ...(isJsonObject(choice.delta) && choice.delta), content: choice.text };
    changed = true;
  }
  const message = choice.message ?? choice.delta;
  if (isJsonObject(message) && typeof message.reasoning === 'string' && message.reasoning_content === undefined) {
    message.reasoning_content = message.reasoning;
    changed = true;
  }
  return changed;
}

/** A delta with tool calls or reasoning says what it has to say. */
function hasContent(delta: unknown): boolean {
  if (!isJsonObject(delta)) return false;
  return [delta.content, delta.tool_calls, delta.reasoning].some((value) => value !== undefined && value !== null);
}
