import { GatewayError } from '../../core/errors.ts';
import type { Changes } from '../../core/neutral/changes.ts';
import type { NeutralCompletionsRequest } from '../../core/neutral/request.ts';
import type { NeutralChoice, NeutralChunk, NeutralResponse } from '../../core/neutral/response.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import { clamped, given, keepKnown, promptText, refuseNativeNames } from '../request-fields.ts';
import type { ChunkReader, Wire } from '../wire.ts';
import { invalidAnswer } from './errors.ts';
import { finishOf } from './finish.ts';
import { readUsage } from './usage.ts';
import { sampling } from './v1-chat.ts';

/** Fields beyond OpenAI's settings: https://docs.cohere.com/v1/reference/generate */
const FIELDS: ReadonlySet<string> = new Set([
  'end_sequences',
  'preset',
  'raw_prompting',
  'return_likelihoods',
  'seed',
  'truncate',
]);
const HIGHEST_TEMPERATURE = 5;

/** Completions of version 1. */
export function completions(model: string | null): Wire {
  return {
    encode: (request, changes) => (request.operation === 'completions' ? encode(model, request, changes) : {}),
    decode,
    stream: { framing: 'ndjson', read: () => new GenerationReader() },
  };
}

function encode(model: string | null, request: NeutralCompletionsRequest, changes: Changes): JsonObject {
  // MLflow answers these with 400, other than everywhere else.
  refuseNativeNames(request.rest, { num_generations: 'n', stop_sequences: 'stop' }, 'invalid_request');
  return given({
    model,
    prompt: promptText(request.prompt, 'Cohere'),
    ...(request.surface === 'mlflow' ? mlflowSettings(request) : standardSettings(request, changes)),
    stream: request.stream || undefined,
  });
}

function mlflowSettings({ settings, rest }: NeutralCompletionsRequest): JsonObject {
  const { n = 1, stop, temperature, ...others } = settings;
  return {
    num_generations: n,
    stop_sequences: stop,
    ...others,
    temperature: temperature === undefined ? undefined : 2.5 * temperature,
    ...rest,
  };
}

function standardSettings({ settings, rest }: NeutralCompletionsRequest, changes: Changes): JsonObject {
  const { temperature, ...others } = settings;
  return {
    num_generations: settings.n,
    ...sampling(others, changes),
    temperature:
      temperature === undefined ? undefined : clamped(temperature, 0, HIGHEST_TEMPERATURE, 'temperature', changes),
    ...keepKnown(rest, FIELDS, changes),
  };
}

function decode(body: unknown): NeutralResponse {
  if (!isJsonObject(body) || !Array.isArray(body.generations)) throw invalidAnswer("it has no list 'generations'");
  return {
    operation: 'completions',
    id: typeof body.id === 'string' ? body.id : null,
    model: null,
    choices: body.generations.map(choice),
    usage: readUsage(body.meta),
  };
}

function choice(generation: unknown, index: number): NeutralChoice {
  if (!isJsonObject(generation) || typeof generation.text !== 'string') {
    throw invalidAnswer(`generations[${index}] has no text`);
  }
  return {
    parts: [{ type: 'text', text: generation.text }],
    finish: finishOf(generation.finish_reason, 'none'),
  };
}

/** `index` is there only where more than one completion was asked for. */
class GenerationReader implements ChunkReader {
  complete = false;

  event(data: JsonObject): NeutralChunk | null {
    const index = typeof data.index === 'number' ? data.index : 0;
    if (data.event_type === 'text-generation' && typeof data.text === 'string') {
      return { choices: [{ index, text: data.text }] };
    }
    if (data.event_type === 'stream-error') {
      const message = typeof data.err === 'string' ? data.err : 'Cohere broke the answer off.';
      throw new GatewayError('upstream_error', message);
    }
    return data.event_type === 'stream-end' ? this.#end(data) : null;
  }

  #end(data: JsonObject): NeutralChunk {
    const response = isJsonObject(data.response) ? data.response : {};
    const generations = Array.isArray(response.generations) ? response.generations.filter(isJsonObject) : [];
    const choices = generations.map((generation, position) => {
      const finish = finishOf(generation.finish_reason ?? data.finish_reason, 'native');
      return { index: typeof generation.index === 'number' ? generation.index : position, ...(finish && { finish }) };
    });
    const finish = finishOf(data.finish_reason, 'native');
    const usage = readUsage(response.meta);
    this.complete = true;
    return {
      ...(typeof response.id === 'string' && { id: response.id }),
      choices: choices.length > 0 ? choices : [{ index: 0, ...(finish && { finish }) }],
      ...(usage && { usage }),
    };
  }
}
