import type { NeutralPart } from '../../core/neutral/parts.ts';
import type { ChoiceDelta, NeutralChunk, ReasoningDelta, ToolCallDelta } from '../../core/neutral/response.ts';
import { readAnswerUsage } from '../../core/openai/usage.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import type { OpenAITarget } from '../provider.ts';
import type { ChunkReader } from '../wire.ts';
import { argumentsText, listOf, readDetail, readMessage, reasoningText, signatureOf } from './read-message.ts';
import { choiceRest, errorOf, readFinish } from './response.ts';

/** Reads a streamed answer; `[DONE]` ends it. https://platform.openai.com/docs/api-reference/chat-streaming */
export class OpenAIChunkReader implements ChunkReader {
  readonly complete = false;
  readonly #mendChunk: OpenAITarget['mendChunk'];
  readonly #choices = new Map<number, ChoiceReader>();

  constructor(mendChunk: OpenAITarget['mendChunk']) {
    this.#mendChunk = mendChunk;
  }

  event(data: JsonObject): NeutralChunk | null {
    const error = errorOf(data);
    if (error !== null) throw error;
    this.#mendChunk?.(data);
    const usage = readAnswerUsage(data);
    const choices = listOf(data.choices).map((choice, position) => this.#choice(choice, position));
    if (choices.length === 0 && usage === null) return null;
    const rest = restOf(data);
    return {
      ...(typeof data.id === 'string' && data.id !== '' && { id: data.id }),
      ...(typeof data.model === 'string' && data.model !== '' && { model: data.model }),
      ...(typeof data.created === 'number' && { created: data.created }),
      choices,
      ...(usage && { usage }),
      ...(rest && { rest }),
    };
  }

  #choice(choice: JsonObject, position: number): ChoiceDelta {
    const index = typeof choice.index === 'number' ? choice.index : position;
    let reader = this.#choices.get(index);
    if (reader === undefined) {
      reader = new ChoiceReader();
      this.#choices.set(index, reader);
    }
    return { index, ...reader.read(choice) };
  }
}

const CHUNK_FIELDS: ReadonlySet<string> = new Set([
  'id',
  'object',
  'created',
  'model',
  'choices',
  'usage',
  'error',
  'obfuscation',
]);

function restOf(data: JsonObject): JsonObject | undefined {
  let rest: JsonObject | undefined;
  for (const field in data) {
    if (CHUNK_FIELDS.has(field) || data[field] === null) continue;
    rest ??= {};
    rest[field] = data[field];
  }
  return rest;
}

type Delta = { -readonly [K in keyof Omit<ChoiceDelta, 'index'>]: ChoiceDelta[K] };

class ChoiceReader {
  /** The upstream's index and id of each call, in the order in which the calls began. */
  readonly #calls: Array<{ readonly index: unknown; readonly id: string | undefined }> = [];
  /** Calls of tools that take text, which come whole: the shape of a stream has no piece of them. */
  readonly #custom = new Map<unknown, { id: unknown; name: string; input: string }>();

  read(choice: JsonObject): Delta {
    const result: Delta = {};
    const delta = isJsonObject(choice.delta) ? choice.delta : isJsonObject(choice.message) ? choice.message : null;
    if (delta !== null) this.#readDelta(delta, result);
    const finish = readFinish(choice, this.#calls.length > 0);
    if (finish !== null) {
      result.finish = finish;
      const whole = this.#customCalls();
      if (whole.length > 0) result.parts = [...(result.parts ?? []), ...whole];
    }
    const rest = choiceRest(choice);
    if (rest) result.rest = rest;
    return result;
  }

  #readDelta(delta: JsonObject, result: Delta): void {
    if (typeof delta.content === 'string' && delta.content !== '') result.text = delta.content;
    if (typeof delta.refusal === 'string' && delta.refusal !== '') result.refusal = delta.refusal;
    const reasoning = readReasoning(delta);
    if (reasoning) result.reasoning = reasoning;
    if (Array.isArray(delta.tool_calls)) {
      const calls = listOf(delta.tool_calls).flatMap((call) => this.#toolCall(call) ?? []);
      if (calls.length > 0) result.toolCalls = calls;
    }
    if (hasWholeParts(delta)) result.parts = wholeParts(delta);
  }

  #toolCall(call: JsonObject): ToolCallDelta | null {
    if (isJsonObject(call.custom)) return this.#customCall(call, call.custom);
    if (this.#custom.has(call.index)) return null;
    const definition = isJsonObject(call.function) ? call.function : {};
    const id = typeof call.id === 'string' && call.id !== '' ? call.id : undefined;
    const name = typeof definition.name === 'string' && definition.name !== '' ? definition.name : undefined;
    const { ordinal, isNew } = this.#ordinal(call.index, id, name);
    const text = argumentsText(definition.arguments);
    const signature = signatureOf(call);
    return {
      index: ordinal,
      ...(isNew && { id: id ?? `call_${ordinal}`, name: name ?? '' }),
      ...(text !== '' && { arguments: text }),
      ...(signature !== undefined && { signature }),
    };
  }

  /** Some servers give every call the same index, or none; another id is another call. */
  #ordinal(index: unknown, id: string | undefined, name: string | undefined): { ordinal: number; isNew: boolean } {
    const known = this.#calls.findLastIndex((call) => index === undefined || call.index === index);
    const last = this.#calls[known];
    const isOther =
      last !== undefined && (id === undefined ? index === undefined && name !== undefined : last.id !== id);
    if (last !== undefined && !isOther) return { ordinal: known, isNew: false };
    this.#calls.push({ index, id });
    return { ordinal: this.#calls.length - 1, isNew: true };
  }

  #customCall(call: JsonObject, custom: JsonObject): null {
    const known = this.#custom.get(call.index);
    const piece = typeof custom.input === 'string' ? custom.input : '';
    if (known) known.input += piece;
    else this.#custom.set(call.index, { id: call.id, name: String(custom.name ?? ''), input: piece });
    return null;
  }

  #customCalls(): NeutralPart[] {
    const parts = [...this.#custom.values()].map(({ id, name, input }): NeutralPart => {
      return { type: 'other', value: { id, type: 'custom', custom: { name, input } } };
    });
    this.#custom.clear();
    return parts;
  }
}

function readReasoning(delta: JsonObject): ReasoningDelta | null {
  const text = reasoningText(delta);
  const reasoning: { -readonly [K in keyof ReasoningDelta]: ReasoningDelta[K] } = {};
  if (text !== undefined) reasoning.text = text;
  for (const entry of listOf(delta.reasoning_details)) {
    const detail = readDetail(entry);
    if (detail === null) continue;
    // The details say the same text again.
    if (text === undefined && detail.text !== '') reasoning.text = (reasoning.text ?? '') + detail.text;
    if (detail.signature !== undefined) reasoning.signature = detail.signature;
    if (detail.encrypted !== undefined) reasoning.encrypted = detail.encrypted;
  }
  for (const _ in reasoning) return reasoning;
  return null;
}

const WHOLE = ['images', 'other_content', 'annotations', 'citations'] as const;

function hasWholeParts(delta: JsonObject): boolean {
  return WHOLE.some((field) => Array.isArray(delta[field]) && delta[field].length > 0);
}

/** What comes whole, in the notation of a message; an annotation belongs to a text, which may be empty. */
function wholeParts(delta: JsonObject): NeutralPart[] {
  const { images, other_content, annotations, citations } = delta;
  const parts = readMessage({ images, other_content });
  const rest = {
    ...(listOf(annotations).length > 0 && { annotations }),
    ...(listOf(citations).length > 0 && { citations }),
  };
  if (Object.keys(rest).length > 0) parts.unshift({ type: 'text', text: '', rest });
  return parts;
}
