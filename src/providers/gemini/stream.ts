import { GatewayError } from '../../core/errors.ts';
import { readAnswerUsage } from '../../core/gemini/usage.ts';
import type { NeutralPart } from '../../core/neutral/parts.ts';
import type { ChoiceDelta, NeutralChunk, ReasoningDelta, ToolCallDelta } from '../../core/neutral/response.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import type { ChunkReader, StreamWire } from '../wire.ts';
import { blockedFinish, readFinish } from './finish.ts';
import { groundingAnnotations } from './grounding.ts';
import { blockReason, CallIds, candidateParts, candidateRest, decodeMedia, readCall } from './response.ts';

/** https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent */
export function generateStream(operation: 'chat' | 'completions'): StreamWire {
  return { framing: 'sse', read: () => new GenerateReader(operation) };
}

/** What was seen of one candidate so far. */
interface CandidateState {
  finished: boolean;
  calls: number;
  /** The answer's text, which places of sources are counted in. */
  text: string;
  /** How many sources the client knows: some models repeat them. */
  readonly sources: Set<string>;
  readonly callIds: CallIds;
}

class GenerateReader implements ChunkReader {
  /** The API has no terminal event. */
  readonly complete = false;
  #blocked = false;
  #id: string;
  readonly #candidates = new Map<number, CandidateState>();

  constructor(operation: 'chat' | 'completions') {
    this.#id = `gemini-${operation}-stream-${Math.floor(Date.now() / 1000)}`;
  }

  isWholeAtEnd(): boolean {
    if (this.#blocked) return true;
    for (const { finished } of this.#candidates.values()) if (!finished) return false;
    return this.#candidates.size > 0;
  }

  event(data: JsonObject): NeutralChunk | null {
    if (isJsonObject(data.error)) throw reportedError(data.error);
    if (typeof data.responseId === 'string') this.#id = data.responseId;
    const choices = this.#choices(data);
    const { usageMetadata, modelVersion, promptFeedback } = data;
    if (choices.length === 0 && usageMetadata === undefined) return null;
    const chunk: { -readonly [Field in keyof NeutralChunk]: NeutralChunk[Field] } = { id: this.#id, choices };
    if (typeof modelVersion === 'string') chunk.model = modelVersion;
    const usage = readAnswerUsage(data);
    if (usage) chunk.usage = usage;
    if (promptFeedback !== undefined) chunk.rest = { prompt_feedback: promptFeedback };
    return chunk;
  }

  #state(index: number): CandidateState {
    const known = this.#candidates.get(index);
    if (known) return known;
    const state = { finished: false, calls: 0, text: '', sources: new Set<string>(), callIds: new CallIds() };
    this.#candidates.set(index, state);
    return state;
  }

  #choices({ candidates, promptFeedback }: JsonObject): ChoiceDelta[] {
    const blocked = blockReason(promptFeedback);
    if (blocked !== null) {
      this.#blocked = true;
      return [{ index: 0, finish: blockedFinish(blocked) }];
    }
    if (!Array.isArray(candidates)) return [];
    return candidates.filter(isJsonObject).map((candidate, position) => this.#choice(candidate, position));
  }

  #choice(candidate: JsonObject, position: number): ChoiceDelta {
    const index = typeof candidate.index === 'number' ? candidate.index : position;
    const state = this.#state(index);
    const delta: { -readonly [Field in keyof ChoiceDelta]: ChoiceDelta[Field] } = { index };
    for (const part of candidateParts(candidate)) addPart(delta, part, state);
    if (typeof candidate.finishReason === 'string') {
      state.finished = true;
      delta.finish = readFinish(candidate.finishReason, state.calls > 0);
    }
    const rest = candidateRest(candidate);
    if (rest) delta.rest = rest;
    if (candidate.groundingMetadata !== undefined) addSources(delta, candidate.groundingMetadata, state);
    return delta;
  }
}

interface GrowingDelta {
  text?: string;
  reasoning?: ReasoningDelta;
  toolCalls?: readonly ToolCallDelta[];
  parts?: readonly NeutralPart[];
}

function addPart(delta: GrowingDelta, part: JsonObject, state: CandidateState): void {
  const signature = typeof part.thoughtSignature === 'string' ? { signature: part.thoughtSignature } : null;
  if (isJsonObject(part.functionCall)) {
    // A call comes whole, in one part.
    const call = { index: state.calls++, ...readCall(part.functionCall, state.callIds), ...signature };
    delta.toolCalls = [...(delta.toolCalls ?? []), call];
    return;
  }
  if (typeof part.text !== 'string') {
    delta.parts = [...(delta.parts ?? []), decodeMedia(part)];
    return;
  }
  if (part.thought === true) {
    delta.reasoning = { text: (delta.reasoning?.text ?? '') + part.text, ...signature };
    return;
  }
  delta.text = (delta.text ?? '') + part.text;
  state.text += part.text;
  if (signature) delta.reasoning = { ...delta.reasoning, ...signature };
}

/** Sources come after the text that they belong to. */
function addSources(delta: GrowingDelta, metadata: unknown, state: CandidateState): void {
  const annotations = groundingAnnotations(metadata, state.text).filter((annotation) => {
    const key = JSON.stringify(annotation);
    const isNew = !state.sources.has(key);
    state.sources.add(key);
    return isNew;
  });
  if (annotations.length > 0) delta.parts = [...(delta.parts ?? []), { type: 'text', text: '', rest: { annotations } }];
}

/** An error that comes after the head of the answer is an event like any other. */
function reportedError(error: JsonObject): GatewayError {
  const status = typeof error.code === 'number' && error.code >= 400 && error.code <= 599 ? error.code : 502;
  return new GatewayError('upstream_error', typeof error.message === 'string' ? error.message : 'Upstream error', {
    status,
    upstreamType: typeof error.status === 'string' ? error.status : null,
  });
}
