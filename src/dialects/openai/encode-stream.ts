import type { ChoiceDelta, NeutralChunk } from '../../core/neutral/response.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import { isCompletionDelta, OpenAIShapedEncoder } from '../chunk-encoder.ts';
import type { AnswerContext, CheckedRequest } from '../dialect.ts';
import { isLegacy } from './decode.ts';
import { newId } from './encode.ts';
import { encodeUsage } from './encode-usage.ts';
import { encodeFinish } from './finish.ts';
import { toFunctionCall } from './function-call.ts';

/** A neutral stream as OpenAI's API has it: usage only where the client asked for it, and `[DONE]` at the end. */
export class OpenAIChunkEncoder extends OpenAIShapedEncoder {
  readonly #chat: boolean;
  readonly #legacy: boolean;
  readonly #includeUsage: boolean;

  constructor(context: AnswerContext, request: CheckedRequest) {
    super(context);
    const options = request.body.stream_options;
    this.#chat = context.operation === 'chat';
    this.#legacy = this.#chat && isLegacy(request.body);
    this.#includeUsage = isJsonObject(options) && options.include_usage === true;
  }

  end(): string {
    let events = '';
    for (const [index, state] of this.choices) {
      if (state.hasFinished) continue;
      const finish = { reason: state.hasToolCalls ? 'tool_calls' : 'stop' };
      events += this.event(this.build([{ index, finish }], NOTHING));
    }
    if (this.#includeUsage && this.usage) {
      events += this.event({ ...this.build([], NOTHING), usage: encodeUsage(this.usage) });
    }
    return `${events}data: [DONE]\n\n`;
  }

  protected encode(chunk: NeutralChunk): string {
    const choices = this.#chat ? chunk.choices : chunk.choices.filter(isCompletionDelta);
    return choices.length === 0 ? '' : this.event(this.build(choices, chunk));
  }

  protected build(choices: readonly ChoiceDelta[], chunk: NeutralChunk): JsonObject {
    this.id ??= newId(this.#chat);
    return {
      id: this.id,
      object: this.#chat ? 'chat.completion.chunk' : 'text_completion',
      created: this.created,
      model: this.model,
      choices: choices.map((choice) => (this.#chat ? this.#chatChoice(choice) : this.#completionsChoice(choice))),
      ...(this.#includeUsage && { usage: null }),
      ...chunk.rest,
    };
  }

  #chatChoice(choice: ChoiceDelta): JsonObject {
    const delta = this.state(choice.index).delta(choice);
    const finish = encodeFinish(choice.finish ?? null, null);
    const encoded = { index: choice.index, delta, logprobs: null, ...finish, ...choice.rest };
    return this.#legacy ? toFunctionCall(encoded) : encoded;
  }

  #completionsChoice(choice: ChoiceDelta): JsonObject {
    const state = this.state(choice.index);
    state.hasStarted = true;
    if (choice.finish) state.hasFinished = true;
    const finish = encodeFinish(choice.finish ?? null, null);
    return { index: choice.index, text: choice.text ?? '', logprobs: null, ...finish, ...choice.rest };
  }
}

const NOTHING: NeutralChunk = { choices: [] };
