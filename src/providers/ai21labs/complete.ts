import { GatewayError } from '../../core/errors.ts';
import type { Changes } from '../../core/neutral/changes.ts';
import type { NeutralCompletionsRequest } from '../../core/neutral/request.ts';
import type { NeutralChoice, NeutralResponse } from '../../core/neutral/response.ts';
import { NO_USAGE, type Usage } from '../../core/neutral/usage.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import { given, keepKnown, promptText, refuseNativeNames } from '../request-fields.ts';
import type { Wire } from '../wire.ts';

/** Jurassic's fields beyond OpenAI's settings: https://docs.ai21.com/reference/j2-complete-ref */
const FIELDS: ReadonlySet<string> = new Set(['countPenalty', 'logitBias', 'minTokens', 'topKReturn']);

/** The completions of the Jurassic models. */
export const completions: Wire = {
  encode: (request, changes) => (request.operation === 'completions' ? encode(request, changes) : {}),
  decode,
};

function encode({ prompt, settings, rest, surface }: NeutralCompletionsRequest, changes: Changes): JsonObject {
  refuseNativeNames(rest, { stopSequences: 'stop', numResults: 'n', maxTokens: 'max_tokens' });
  const { n, stop, max_tokens, max_completion_tokens, ...others } = settings;
  const common = {
    prompt: promptText(prompt, 'AI21Labs'),
    numResults: n ?? (surface === 'mlflow' ? 1 : undefined),
    stopSequences: stop,
    maxTokens: max_tokens ?? max_completion_tokens,
  };
  // MLflow passes all other fields on under the client's names.
  if (surface === 'mlflow') return given({ ...common, ...others, ...rest });
  if (others.top_k !== undefined) changes.dropped('top_k');
  return given({
    ...common,
    temperature: others.temperature,
    topP: others.top_p,
    presencePenalty: penalty(others.presence_penalty),
    frequencyPenalty: penalty(others.frequency_penalty),
    ...keepKnown(rest, FIELDS, changes),
  });
}

const penalty = (scale: number | undefined) => (scale === undefined ? undefined : { scale });

function decode(body: unknown): NeutralResponse {
  if (!isJsonObject(body) || !Array.isArray(body.completions)) throw invalid("it has no list 'completions'");
  return {
    operation: 'completions',
    id: typeof body.id === 'string' ? body.id : null,
    model: null,
    choices: body.completions.map(choice),
    usage: usageOf(body),
  };
}

function choice(completion: unknown, index: number): NeutralChoice {
  const data = isJsonObject(completion) ? completion.data : null;
  if (!isJsonObject(completion) || !isJsonObject(data) || typeof data.text !== 'string') {
    throw invalid(`completions[${index}] has no text`);
  }
  const native = isJsonObject(completion.finishReason) ? completion.finishReason.reason : null;
  if (typeof native !== 'string') return { parts: [{ type: 'text', text: data.text }], finish: null };
  return {
    parts: [{ type: 'text', text: data.text }],
    finish: { reason: native === 'length' ? 'length' : 'stop', native, mlflow: native },
  };
}

/** The answer counts no tokens, but lists them. */
export function usageOf({ prompt, completions: answers }: JsonObject): Usage | null {
  const input = tokens(prompt);
  if (input === null || !Array.isArray(answers)) return null;
  const output = answers.map((answer) => (isJsonObject(answer) ? tokens(answer.data) : null) ?? 0);
  return { ...NO_USAGE, input, output: output.reduce((sum, count) => sum + count, 0) };
}

function tokens(text: unknown): number | null {
  return isJsonObject(text) && Array.isArray(text.tokens) ? text.tokens.length : null;
}

function invalid(why: string): GatewayError {
  return new GatewayError('upstream_invalid', `AI21Labs' answer cannot be read: ${why}.`);
}
