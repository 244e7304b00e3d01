import type { ChoiceDelta, NeutralChunk } from '../core/neutral/response.ts';
import type { Usage } from '../core/neutral/usage.ts';
import type { JsonObject } from '../core/types.ts';
import type { AnswerContext, ChunkEncoder } from './dialect.ts';
import { latin1FromUtf8 } from './latin1.ts';
import { ChoiceState } from './openai/delta.ts';

/** What the encoders of OpenAI-shaped streams share: what they remember, and the short way for text. */
export abstract class OpenAIShapedEncoder implements ChunkEncoder {
  protected readonly context: AnswerContext;
  protected id: string | null = null;
  protected model: string | null;
  /** Seconds since 1970; the same in every chunk of a stream. */
  protected created = 0;
  protected usage: Usage | null = null;
  protected readonly choices = new Map<number, ChoiceState>();
  /** The event of a chunk of the first choice that has nothing but text, before and after that text. */
  #before = '';
  #after = '';

  constructor(context: AnswerContext) {
    this.context = context;
    this.model = context.model;
  }

  chunk(chunk: NeutralChunk): string {
    this.#remember(chunk);
    const choice = chunk.choices[0];
    if (choice !== undefined && chunk.choices.length === 1 && isTextAlone(choice, chunk) && this.#hasStarted(choice)) {
      return this.#textEvent(choice.text ?? '');
    }
    return this.encode(chunk);
  }

  abstract end(): string;

  /** The events of a chunk that is more than text. */
  protected abstract encode(chunk: NeutralChunk): string;

  /** The JSON object of a chunk with these choices. */
  protected abstract build(choices: readonly ChoiceDelta[], chunk: NeutralChunk): JsonObject;

  protected state(index: number): ChoiceState {
    const known = this.choices.get(index);
    if (known) return known;
    const state = new ChoiceState();
    this.choices.set(index, state);
    return state;
  }

  protected event(object: JsonObject): string {
    return `data: ${latin1FromUtf8(JSON.stringify(object))}\n\n`;
  }

  #remember(chunk: NeutralChunk): void {
    if (chunk.usage) this.usage = chunk.usage;
    if (this.created === 0) this.created = chunk.created ?? Math.floor(Date.now() / 1000);
    // Clients take the chunks of one id together, so the first one stays.
    if (chunk.id !== undefined && this.id === null) {
      this.id = chunk.id;
      this.#before = '';
    }
    if (chunk.model !== undefined && chunk.model !== this.model) {
      this.model = chunk.model;
      this.#before = '';
    }
  }

  #hasStarted(choice: ChoiceDelta): boolean {
    return choice.index === 0 && this.choices.get(0)?.hasStarted === true;
  }

  #textEvent(text: string): string {
    if (this.#before === '') this.#compile();
    return this.#before + latin1FromUtf8(JSON.stringify(text)) + this.#after;
  }

  /** Builds one such chunk the long way, and cuts it where its text is. */
  #compile(): void {
    const event = this.event(this.build([{ index: 0, text: PLACE }], { choices: [] }));
    const at = event.lastIndexOf(PLACE_JSON);
    this.#before = event.slice(0, at);
    this.#after = event.slice(at + PLACE_JSON.length);
  }
}

/** No id or model contains it. */
const PLACE = '\u0000';
const PLACE_JSON = JSON.stringify(PLACE);

function isTextAlone(choice: ChoiceDelta, chunk: NeutralChunk): boolean {
  return (
    choice.text !== undefined &&
    choice.finish === undefined &&
    choice.toolCalls === undefined &&
    choice.reasoning === undefined &&
    choice.refusal === undefined &&
    choice.parts === undefined &&
    choice.rest === undefined &&
    chunk.rest === undefined
  );
}

/** A completion's stream has no place for anything else, such as the reasoning of a chat model behind it. */
export function isCompletionDelta(choice: ChoiceDelta): boolean {
  return choice.text !== undefined || choice.finish !== undefined;
}
