import { GatewayError } from '../../../core/errors.ts';
import type { Changes } from '../../../core/neutral/changes.ts';
import type { NeutralCompletionsRequest } from '../../../core/neutral/request.ts';
import type { NeutralTextResponse } from '../../../core/neutral/response.ts';
import { isJsonObject, type JsonObject } from '../../../core/types.ts';
import { invalidAnswer } from '../errors.ts';
import { promptOf } from '../request.ts';
import { convertParameters, type Parameters } from './parameters.ts';

const PARAMETERS: Parameters = {
  names: {
    max_tokens: 'max_tokens_to_sample',
    stop: 'stop_sequences',
    temperature: 'temperature',
    top_p: 'top_p',
    top_k: 'top_k',
  },
  own: [],
  temperature: { factor: 0.5, maximum: 1 },
};

/** MLflow's default; Bedrock's maximum for these models is one less than it. */
const MOST_TOKENS = 8191;

const HUMAN = '\n\nHuman:';
const ASSISTANT = '\n\nAssistant:';

/** Claude before its third version: https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-text-completion.html */
export function encodeClaude(request: NeutralCompletionsRequest, changes: Changes): JsonObject {
  const { settings, surface } = request;
  if (surface === 'mlflow') refuseAsMlflow(settings);
  const { n, max_tokens, max_completion_tokens } = settings;
  if (n !== undefined && n !== 1) {
    throw new GatewayError('invalid_body', `'n' must be '1' for the Anthropic provider. Received value: '${n}'.`, {
      parameter: 'n',
    });
  }
  const wanted = max_tokens ?? max_completion_tokens;
  if (wanted !== undefined && wanted > MOST_TOKENS) changes.clamped('max_tokens');
  const stop = settings.stop ?? [];
  return {
    ...convertParameters(request, PARAMETERS, changes),
    prompt: asDialogue(promptOf(request)),
    max_tokens_to_sample: Math.min(wanted ?? MOST_TOKENS, MOST_TOKENS),
    stop_sequences: stop.includes(HUMAN) ? stop : [...stop, HUMAN],
    anthropic_version: 'bedrock-2023-05-31',
  };
}

function refuseAsMlflow({ top_p, max_tokens }: NeutralCompletionsRequest['settings']): void {
  if (top_p !== undefined) {
    throw new GatewayError(
      'invalid_body',
      "Cannot set both 'temperature' and 'top_p' parameters. Please use only the temperature parameter for your query.",
      { parameter: 'top_p' },
    );
  }
  if (max_tokens !== undefined && max_tokens > 1_000_000) {
    throw new GatewayError('invalid_body', 'Invalid value for max_tokens: cannot exceed 1000000.', {
      parameter: 'max_tokens',
    });
  }
}

/** The model knows only dialogues that begin with a human and leave the last word to the assistant. */
function asDialogue(prompt: string): string {
  const begun = prompt.startsWith(`${HUMAN} `) ? prompt : `${HUMAN} ${prompt}`;
  return begun.endsWith(ASSISTANT) ? begun : begun + ASSISTANT;
}

export function decodeClaude(body: unknown): NeutralTextResponse {
  if (!isJsonObject(body) || typeof body.completion !== 'string') throw invalidAnswer("no text in 'completion'");
  const { completion, stop_reason: reason, stop } = body;
  const finish =
    typeof reason === 'string'
      ? {
          reason: reason === 'stop_sequence' ? 'stop' : 'length',
          native: reason,
          ...(typeof stop === 'string' && { stopSequence: stop }),
        }
      : null;
  const parts = [{ type: 'text', text: completion } as const];
  return { operation: 'completions', id: null, model: null, choices: [{ parts, finish }], usage: null };
}
