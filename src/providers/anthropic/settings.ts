import { GatewayError } from '../../core/errors.ts';
import type { Changes } from '../../core/neutral/changes.ts';
import type { GenerationSettings, NeutralChatRequest, NeutralCompletionsRequest } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';

type TextRequest = NeutralChatRequest | NeutralCompletionsRequest;

/** What MLflow asks for where the client does not say; the API wants a number in every request. */
export const DEFAULT_MAXIMUM_TOKENS = 8192;
const MLFLOW_MAXIMUM_TOKENS = 1_000_000;

export function checkCount({ n }: GenerationSettings): void {
  if (n === undefined || n === 1) return;
  throw refusal(`'n' must be '1' for the Anthropic provider. Received value: '${n}'.`, 'n');
}

/** The tokens that the client allows, or null. */
export function maximumTokens({ settings, surface }: TextRequest): number | null {
  const maximum = settings.max_tokens ?? settings.max_completion_tokens ?? null;
  if (surface === 'mlflow' && maximum !== null && maximum > MLFLOW_MAXIMUM_TOKENS) {
    throw refusal(`Invalid value for max_tokens: cannot exceed ${MLFLOW_MAXIMUM_TOKENS}.`, 'max_tokens');
  }
  return maximum;
}

/** The API's range is 0 to 1. MLflow's is 0 to 2, and its gateway halves what it gets. */
export function temperatureOf({ settings, surface }: TextRequest, changes: Changes): number | undefined {
  const { temperature } = settings;
  if (temperature === undefined) return undefined;
  if (surface === 'mlflow') return temperature * 0.5;
  const clamped = Math.min(Math.max(temperature, 0), 1);
  if (clamped !== temperature) changes.clamped('temperature');
  return clamped;
}

/** Stop sequences of white space alone are refused. */
export function stopSequences({ settings, surface }: TextRequest, changes: Changes): readonly string[] {
  const { stop = [] } = settings;
  if (surface === 'mlflow') return stop;
  const sendable = stop.filter((sequence) => sequence.trim() !== '');
  if (sendable.length < stop.length) changes.dropped('stop');
  return sendable;
}

/** The API has no penalties; MLflow passes them on. */
export function penalties({ settings, surface }: TextRequest, changes: Changes): JsonObject {
  const fields: JsonObject = {};
  for (const field of ['presence_penalty', 'frequency_penalty'] as const) {
    const value = settings[field];
    if (value === undefined) continue;
    if (surface === 'mlflow') fields[field] = value;
    else if (value !== 0) changes.dropped(field);
  }
  return fields;
}

export function refusal(message: string, parameter: string): GatewayError {
  return new GatewayError('invalid_body', message, { parameter });
}
