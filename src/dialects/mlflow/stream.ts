import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import type { AnswerContext, StreamReading, StreamRewriter } from '../dialect.ts';
import { latin1FromUtf8 } from '../latin1.ts';
import { eachEventData } from '../sse.ts';
import { newReading, noteChunk, parseEventData } from '../stream-reading.ts';
import { usage } from './answer.ts';
import { ChunkTemplate } from './chunk-template.ts';

/**
 * MLflow's chunks have every field of the shape, null where the upstream says nothing. Comments, event names and
 * malformed lines are left out, and so is the `[DONE]` sentinel, as MLflow's server does it.
 */
export class MlflowStream implements StreamRewriter {
  readonly reading: StreamReading = newReading();
  readonly #context: AnswerContext;
  readonly #shape: (chunk: JsonObject, context: AnswerContext) => JsonObject;
  #template: ChunkTemplate | null = null;

  constructor(context: AnswerContext) {
    this.#context = context;
    this.#shape = context.operation === 'chat' ? chatChunk : completionsChunk;
  }

  rewrite(events: string): string {
    let output = '';
    eachEventData(events, (data) => {
      output += this.#template?.apply(data) ?? this.#rebuild(data);
    });
    return output;
  }

  #rebuild(data: string): string {
    const { reading } = this;
    if (reading.complete || reading.error !== null) return '';
    if (data === '[DONE]') {
      reading.complete = true;
      return '';
    }
    const chunk = parseEventData(data);
    if (chunk === null || !noteChunk(reading, chunk)) return '';
    const text = latin1FromUtf8(JSON.stringify(this.#shape(chunk, this.#context)));
    this.#template = ChunkTemplate.from(data, text) ?? this.#template;
    return `data: ${text}\n\n`;
  }
}

function chatChunk(chunk: JsonObject, context: AnswerContext): JsonObject {
  return {
    ...common(chunk, context, 'chat.completion.chunk'),
    choices: choicesOf(chunk).map((choice, index) => ({
      ...choice,
      index: choice.index ?? index,
      finish_reason: choice.finish_reason ?? null,
      delta: delta(isJsonObject(choice.delta) ? choice.delta : {}),
    })),
    usage: isJsonObject(chunk.usage) ? usage(chunk.usage) : null,
    provider: context.provider,
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

function completionsChunk(chunk: JsonObject, context: AnswerContext): JsonObject {
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
