import { GatewayError } from '../../core/errors.ts';
import type { Changes } from '../../core/neutral/changes.ts';
import type { NeutralPart } from '../../core/neutral/parts.ts';
import type { NeutralCompletionsRequest } from '../../core/neutral/request.ts';
import type { ChoiceDelta, Finish, NeutralChoice, NeutralChunk, NeutralResponse } from '../../core/neutral/response.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import { clamped, given, keepKnown, promptText } from '../request-fields.ts';
import type { ChunkReader, StreamWire, Wire } from '../wire.ts';
import { finishReason, readContent } from './answer.ts';
import { COMPLETION_FIELDS, HIGHEST_TEMPERATURE, INFILL_FIELDS } from './fields.ts';
import { readUsage } from './usage.ts';

const stream: StreamWire = { framing: 'sse', read: () => new CompletionReader() };

/** Completions of a prompt: one question to the chat. */
export function completions(model: string | null): Wire {
  return {
    encode(request, changes) {
      if (request.operation !== 'completions') return {};
      const messages = [{ role: 'user', content: promptText(request.prompt, 'Mistral') }];
      return { model, messages, ...settings(request, COMPLETION_FIELDS, changes) };
    },
    decode,
    stream,
  };
}

/** Completions between a prompt and a suffix, which models for code have: https://docs.mistral.ai/api/endpoint/fim */
export function infill(model: string | null): Wire {
  return {
    encode(request, changes) {
      if (request.operation !== 'completions') return {};
      const { n: _n, ...fields } = settings(request, INFILL_FIELDS, changes);
      if ((request.settings.n ?? 1) !== 1) changes.dropped('n');
      return { model, prompt: promptText(request.prompt, 'Mistral'), ...fields };
    },
    decode,
    stream,
  };
}

/** As MLflow does it, half the temperature and no `stop` and `n` on its surfaces; all else goes on. */
function settings(request: NeutralCompletionsRequest, known: ReadonlySet<string>, changes: Changes): JsonObject {
  const { rest, surface } = request;
  const { n, stop, temperature, max_tokens, max_completion_tokens, top_k, ...others } = request.settings;
  const streaming = request.stream ? { stream: true } : {};
  if (surface === 'mlflow') {
    if (stop !== undefined) changes.dropped('stop');
    if (n !== undefined && n !== 1) changes.dropped('n');
    return given({
      ...others,
      top_k,
      max_tokens,
      max_completion_tokens,
      temperature: temperature === undefined ? undefined : 0.5 * temperature,
      ...rest,
      ...streaming,
    });
  }
  if (top_k !== undefined) changes.dropped('top_k');
  const { seed, ...further } = rest;
  return given({
    ...others,
    n,
    stop,
    max_tokens: max_tokens ?? max_completion_tokens,
    temperature:
      temperature === undefined ? undefined : clamped(temperature, 0, HIGHEST_TEMPERATURE, 'temperature', changes),
    random_seed: seed,
    ...keepKnown(further, known, changes),
    ...streaming,
  });
}

function decode(body: unknown): NeutralResponse {
  if (!isJsonObject(body) || !Array.isArray(body.choices)) throw invalid("it has no list 'choices'");
  return {
    operation: 'completions',
    id: typeof body.id === 'string' ? body.id : null,
    // As with MLflow, the configured model.
    model: null,
    ...(typeof body.created === 'number' && { created: body.created }),
    choices: body.choices.map(choice),
    usage: readUsage(body.usage),
  };
}

function choice(value: unknown, index: number): NeutralChoice {
  if (!isJsonObject(value) || !isJsonObject(value.message)) throw invalid(`choices[${index}] has no message`);
  const { text, reasoning } = readContent(value.message.content);
  const thought: NeutralPart[] = reasoning === '' ? [] : [{ type: 'reasoning', text: reasoning }];
  return { parts: [...thought, { type: 'text', text }], finish: finish(value.finish_reason) };
}

function finish(native: unknown): Finish | null {
  return typeof native === 'string' ? { reason: finishReason(native), native } : null;
}

class CompletionReader implements ChunkReader {
  /** Only `[DONE]` ends a stream. */
  readonly complete = false;

  event(data: JsonObject): NeutralChunk {
    const usage = readUsage(data.usage);
    const choices = Array.isArray(data.choices) ? data.choices.filter(isJsonObject).map(delta) : [];
    return { ...(typeof data.id === 'string' && { id: data.id }), choices, ...(usage && { usage }) };
  }
}

function delta(choice: JsonObject, position: number): ChoiceDelta {
  const { text, reasoning } = readContent(isJsonObject(choice.delta) ? choice.delta.content : null);
  const end = finish(choice.finish_reason);
  return {
    index: typeof choice.index === 'number' ? choice.index : position,
    ...(text !== '' && { text }),
    ...(reasoning !== '' && { reasoning: { text: reasoning } }),
    ...(end && { finish: end }),
  };
}

function invalid(why: string): GatewayError {
  return new GatewayError('upstream_invalid', `Mistral's answer cannot be read: ${why}.`);
}
