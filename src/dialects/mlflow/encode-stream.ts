import type { ChoiceDelta, NeutralChunk } from '../../core/neutral/response.ts';
import type { Usage } from '../../core/neutral/usage.ts';
import type { JsonObject } from '../../core/types.ts';
import { isCompletionDelta, OpenAIShapedEncoder } from '../chunk-encoder.ts';
import { chatChunkChoice } from './chunk.ts';
import { encodeFinish } from './encode.ts';
import { encodeUsage } from './encode-usage.ts';

/**
 * A neutral stream as MLflow's gateway has it: every field is there, null where nothing is said, and no `[DONE]`. Usage
 * comes with the finish reason or in a chunk after it, whenever the provider said it.
 */
export class MlflowChunkEncoder extends OpenAIShapedEncoder {
  #hasFinished = false;
  #shown: Usage | null = null;

  end(): string {
    const { usage } = this;
    if (!usage || usage === this.#shown) return '';
    this.#hasFinished = true;
    return this.event(this.build([], { choices: [], usage }));
  }

  protected encode(chunk: NeutralChunk): string {
    const isChat = this.context.operation === 'chat';
    const choices = isChat ? chunk.choices : chunk.choices.filter(isCompletionDelta);
    if (choices.some((choice) => choice.finish !== undefined)) this.#hasFinished = true;
    if (choices.length === 0 && !(chunk.usage && this.#hasFinished)) return '';
    return this.event(this.build(choices, chunk));
  }

  protected build(choices: readonly ChoiceDelta[], chunk: NeutralChunk): JsonObject {
    const isChat = this.context.operation === 'chat';
    return {
      ...chunk.rest,
      id: this.id,
      object: isChat ? 'chat.completion.chunk' : 'text_completion_chunk',
      created: this.created,
      model: this.model,
      choices: choices.map((choice, index) =>
        isChat ? this.#chatChoice(choice, index) : this.#completionsChoice(choice),
      ),
      usage: this.#usageOf(chunk),
      ...(isChat && { provider: this.context.provider }),
    };
  }

  #usageOf({ usage }: NeutralChunk): JsonObject | null {
    if (!usage || !this.#hasFinished) return null;
    this.#shown = usage;
    return encodeUsage(usage);
  }

  #chatChoice(choice: ChoiceDelta, index: number): JsonObject {
    const delta = this.state(choice.index).delta(choice);
    return chatChunkChoice({ index: choice.index, ...encodeFinish(choice.finish), delta, ...choice.rest }, index);
  }

  #completionsChoice(choice: ChoiceDelta): JsonObject {
    this.state(choice.index).hasStarted = true;
    return { index: choice.index, ...encodeFinish(choice.finish), text: choice.text ?? '', ...choice.rest };
  }
}
