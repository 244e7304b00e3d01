import type { Changes } from '../../core/neutral/changes.ts';
import type { NeutralCompletionsRequest } from '../../core/neutral/request.ts';
import type { Finish, NeutralChunk, NeutralResponse } from '../../core/neutral/response.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import type { ChunkReader } from '../wire.ts';
import { errorOf, invalid } from './errors.ts';
import { checkPromptSettings, promptText } from './prompt.ts';
import { restFields } from './rest.ts';
import { DEFAULT_MAXIMUM_TOKENS, maximumTokens, penalties, stopSequences, temperatureOf } from './settings.ts';

export interface TextCompletionLimits {
  /** More than this is not asked for. */
  readonly maximumTokens?: number;
  /** Stop sequences that are sent whatever the client says. */
  readonly stopSequences?: readonly string[];
}

/** The body of a text completion but for the model's name. https://docs.anthropic.com/en/api/complete */
export function encodeTextCompletion(
  request: NeutralCompletionsRequest,
  changes: Changes,
  limits: TextCompletionLimits,
): JsonObject {
  checkPromptSettings(request);
  const { top_p, top_k } = request.settings;
  const temperature = temperatureOf(request, changes);
  const stop = [...stopSequences(request, changes), ...(limits.stopSequences ?? [])];
  return {
    ...restFields(request, changes),
    ...penalties(request, changes),
    prompt: withTurns(promptText(request)),
    max_tokens_to_sample: sampledTokens(request, limits.maximumTokens, changes),
    ...(temperature !== undefined && { temperature }),
    ...(top_p !== undefined && { top_p }),
    ...(top_k !== undefined && { top_k }),
    ...(stop.length > 0 && { stop_sequences: stop }),
    ...(request.stream && { stream: true }),
  };
}

function sampledTokens(request: NeutralCompletionsRequest, limit: number | undefined, changes: Changes): number {
  const asked = maximumTokens(request);
  const tokens = asked ?? DEFAULT_MAXIMUM_TOKENS;
  if (limit === undefined || tokens <= limit) return tokens;
  if (asked !== null) changes.clamped('max_tokens');
  return limit;
}

/** The API takes a prompt as a dialogue, and refuses one without these words. */
function withTurns(prompt: string): string {
  let dialogue = prompt.startsWith('Human: ') ? `\n\n${prompt}` : prompt;
  if (!dialogue.startsWith('\n\nHuman: ')) dialogue = `\n\nHuman: ${dialogue}`;
  return dialogue.endsWith('\n\nAssistant:') ? dialogue : `${dialogue}\n\nAssistant:`;
}

export function decodeTextCompletion(body: unknown): NeutralResponse {
  if (!isJsonObject(body)) throw invalid('it is not a JSON object');
  if (typeof body.completion !== 'string') throw invalid("it has no 'completion'");
  return {
    operation: 'completions',
    id: typeof body.id === 'string' ? body.id : null,
    model: typeof body.model === 'string' ? body.model : null,
    choices: [{ parts: [{ type: 'text', text: body.completion }], finish: finishOf(body) }],
    // This API counts nothing.
    usage: null,
  };
}

function finishOf({ stop_reason: native, stop }: JsonObject): Finish | null {
  if (typeof native !== 'string') return null;
  const reason = native === 'stop_sequence' ? 'stop' : 'length';
  return { reason, native, ...(typeof stop === 'string' && { stopSequence: stop }) };
}

/** Reads `completion` events, each with the next piece of text; the last one has the reason for its end. */
export class TextCompletionReader implements ChunkReader {
  #complete = false;

  get complete(): boolean {
    return this.#complete;
  }

  event(data: JsonObject): NeutralChunk | null {
    if (data.type === 'error') throw errorOf(data);
    if (typeof data.completion !== 'string') return null;
    const finish = finishOf(data);
    if (finish) this.#complete = true;
    return {
      ...(typeof data.id === 'string' && { id: data.id }),
      ...(typeof data.model === 'string' && { model: data.model }),
      choices: [{ index: 0, text: data.completion, ...(finish && { finish }) }],
    };
  }
}
