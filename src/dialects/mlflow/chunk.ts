import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import type { AnswerContext } from '../dialect.ts';
import { usage } from './answer.ts';

/** An OpenAI chunk in MLflow's shape. */
export function chatChunk(chunk: JsonObject, context: AnswerContext): JsonObject {
  return {
    ...common(chunk, context, 'chat.completion.chunk'),
    choices: choicesOf(chunk).map(chatChunkChoice),
    usage: isJsonObject(chunk.usage) ? usage(chunk.usage) : null,
    provider: context.provider,
  };
}

/** A choice in which every field that MLflow's clients know is there, null where nothing is said. */
export function chatChunkChoice(choice: JsonObject, index: number): JsonObject {
  return {
    ...choice,
    index: choice.index ?? index,
    finish_reason: choice.finish_reason ?? null,
    delta: delta(isJsonObject(choice.delta) ? choice.delta : {}),
  };
}

function delta(value: JsonObject): JsonObject {
  return {
    ...value,
    role: value.role ?? null,
    content: value.content ?? null,
    tool_calls: Array.isArray(value.tool_calls) ? value.tool_calls.filter(isJsonObject).map(toolCall) : null,
  };
}

function toolCall(call: JsonObject): JsonObject {
  const definition = isJsonObject(call.function) ? call.function : {};
  return {
    ...call,
    index: call.index ?? 0,
    id: call.id ?? null,
    type: call.type ?? null,
    function: { ...definition, name: definition.name ?? null, arguments: definition.arguments ?? null },
  };
}

export function completionsChunk(chunk: JsonObject, context: AnswerContext): JsonObject {
  return {
    ...common(chunk, context, 'text_completion_chunk'),
    choices: choicesOf(chunk).map((choice, index) => {
      const { delta: chatDelta, ...rest } = choice;
      const text = choice.text ?? (isJsonObject(chatDelta) ? chatDelta.content : null);
      return { ...rest, index: choice.index ?? index, finish_reason: choice.finish_reason ?? null, text: text ?? '' };
    }),
    usage: isJsonObject(chunk.usage) ? usage(chunk.usage) : null,
  };
}

function common(chunk: JsonObject, context: AnswerContext, object: string): JsonObject {
  return {
    ...chunk,
    id: chunk.id ?? null,
    object,
    created: chunk.created ?? Math.floor(Date.now() / 1000),
    model: chunk.model ?? context.model,
  };
}

function choicesOf(chunk: JsonObject): JsonObject[] {
  return Array.isArray(chunk.choices) ? chunk.choices.filter(isJsonObject) : [];
}
