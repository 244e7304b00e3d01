import type { ChoiceDelta, NeutralChunk } from '../../core/neutral/response.ts';
import { NO_USAGE, type Usage } from '../../core/neutral/usage.ts';
import type { JsonObject } from '../../core/types.ts';
import type { AnswerContext, CheckedRequest, ChunkEncoder } from '../dialect.ts';
import { latin1FromUtf8 } from '../latin1.ts';
import { CandidateState } from './candidate-state.ts';
import { isBlocked, newId, withoutNulls } from './encode.ts';
import { Framing } from './framing.ts';
import { encodeUsage } from './usage.ts';

/**
 * A neutral stream as chunks that are each a `GenerateContentResponse`. Why it ended, and what it cost, is in the last.
 * https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent
 */
export class GeminiChunkEncoder implements ChunkEncoder {
  readonly #framing: Framing;
  readonly #candidates = new Map<number, CandidateState>();
  #id: string | null = null;
  #model: string;
  #usage: Usage | null = null;
  #feedback: unknown;
  /** Further fields of the answer that came with nothing else to say. */
  #rest: JsonObject = {};
  /** A chunk of the first candidate that has nothing but text, before and after that text. */
  #before = '';
  #after = '';

  constructor(context: AnswerContext, { path }: CheckedRequest) {
    this.#framing = new Framing(path);
    this.#model = context.model ?? '';
  }

  chunk(chunk: NeutralChunk): string {
    this.#remember(chunk);
    const [choice] = chunk.choices;
    if (choice?.text && chunk.choices.length === 1 && chunk.rest === undefined && isTextAlone(choice)) {
      return this.#textChunk(choice.text);
    }
    return this.#encode(chunk);
  }

  end(): string {
    // An answer ends for a reason even where it says nothing, but for a prompt that was not let through.
    if (this.#candidates.size === 0) this.#state(0);
    const states = isBlocked(this.#feedback) ? [] : [...this.#candidates.values()];
    const candidates = states.map((state) => state.last());
    const last = this.#build(candidates, {
      ...(this.#feedback !== undefined && { promptFeedback: this.#feedback }),
      usageMetadata: encodeUsage(this.#usage ?? NO_USAGE),
    });
    return this.#frame({ ...last, ...this.#rest }) + this.#framing.end();
  }

  #encode({ choices, rest = {} }: NeutralChunk): string {
    const { prompt_feedback: feedback, ...others } = rest;
    if (feedback !== undefined) this.#feedback = feedback;
    const candidates: JsonObject[] = [];
    for (const choice of choices) {
      const candidate = this.#state(choice.index).candidate(choice);
      if (candidate) candidates.push(candidate);
    }
    if (candidates.length > 0) return this.#frame(this.#build(candidates, withoutNulls(others)));
    Object.assign(this.#rest, withoutNulls(others));
    return '';
  }

  #build(candidates: readonly JsonObject[], further: JsonObject): JsonObject {
    this.#id ??= newId();
    return {
      ...(candidates.length > 0 && { candidates }),
      ...further,
      modelVersion: this.#model,
      responseId: this.#id,
    };
  }

  #frame(object: JsonObject): string {
    return this.#framing.chunk(latin1FromUtf8(JSON.stringify(object)));
  }

  #state(index: number): CandidateState {
    const known = this.#candidates.get(index);
    if (known) return known;
    const state = new CandidateState(index);
    this.#candidates.set(index, state);
    return state;
  }

  #remember({ id, model, usage }: NeutralChunk): void {
    if (usage) this.#usage = usage;
    // Clients take the chunks of one id together, so the first one stays.
    if (id !== undefined && this.#id === null) this.#id = id;
    if (model !== undefined && model !== this.#model) {
      this.#model = model;
      this.#before = '';
    }
  }

  #textChunk(text: string): string {
    const state = this.#state(0);
    if (state.hasCalls) return this.#encode({ choices: [{ index: 0, text }] });
    state.addText(text);
    if (this.#before === '') this.#compile();
    return this.#framing.chunk(this.#before + latin1FromUtf8(JSON.stringify(text)) + this.#after);
  }

  /** Builds one such chunk the long way, and cuts it where its text is. */
  #compile(): void {
    const content = { parts: [{ text: PLACE }], role: 'model' };
    const json = latin1FromUtf8(JSON.stringify(this.#build([{ content, index: 0 }], {})));
    const at = json.indexOf(PLACE_JSON);
    this.#before = json.slice(0, at);
    this.#after = json.slice(at + PLACE_JSON.length);
  }
}

/** Nothing in front of the text contains it. */
const PLACE = '\u0000';
const PLACE_JSON = JSON.stringify(PLACE);

function isTextAlone(choice: ChoiceDelta): boolean {
  return (
    choice.index === 0 &&
    choice.finish === undefined &&
    choice.toolCalls === undefined &&
    choice.reasoning === undefined &&
    choice.refusal === undefined &&
    choice.parts === undefined &&
    choice.rest === undefined
  );
}
