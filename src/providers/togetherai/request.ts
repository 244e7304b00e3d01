import { GatewayError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/types.ts';
import { BodyEdits } from '../body-edits.ts';
import type { OpenAITarget } from '../provider.ts';

/** OpenAI's fields that Together's API does not have and would ignore: https://docs.together.ai/reference/chat-completions-1 */
const UNKNOWN = [
  'audio',
  'best_of',
  'metadata',
  'modalities',
  'parallel_tool_calls',
  'prediction',
  'prompt_cache_key',
  'prompt_cache_retention',
  'safety_identifier',
  'service_tier',
  'store',
  'suffix',
  'user',
  'verbosity',
  'web_search_options',
];

/** Together's API is OpenAI's, except that `logprobs` is a number in chat too. */
export const adjust: OpenAITarget['adjust'] = (body, { operation, surface, changes }) => {
  const edits = new BodyEdits(body, changes);
  checkLogprobs(body);
  if (surface === 'mlflow') {
    if (operation === 'completions' && !body.max_tokens) throw noMaxTokens();
    // Together's number wins over a flag, as it does with MLflow.
    if (edits.get('top_logprobs') !== undefined) edits.remove('logprobs');
    edits.rename('top_logprobs', 'logprobs');
    return edits.members;
  }
  edits.rename('max_completion_tokens', 'max_tokens');
  if (typeof body.logprobs === 'boolean') edits.set('logprobs', body.logprobs ? (body.top_logprobs ?? 1) : undefined);
  edits.remove('top_logprobs');
  if (typeof body.stop === 'string') edits.set('stop', [body.stop]);
  for (const field of UNKNOWN) edits.drop(field);
  return edits.members;
};

/** Embeddings take nothing but the input and the model. */
export const adjustEmbeddings: OpenAITarget['adjust'] = (body, { surface, changes }) => {
  if (surface === 'mlflow') return null;
  const edits = new BodyEdits(body, changes);
  edits.dropAllBut(new Set(['input', 'model']));
  return edits.members;
};

function checkLogprobs(body: JsonObject): void {
  if (!isNumberOrAbsent(body.logprobs) && typeof body.logprobs !== 'boolean') {
    throw wrongType('logprobs', 'Wrong type for logprobs. It should be an 32bit integer.');
  }
  if (!isNumberOrAbsent(body.top_logprobs)) {
    throw wrongType('top_logprobs', 'Wrong type for top_logprobs. It should a 32bit integer.');
  }
}

const isNumberOrAbsent = (value: unknown): boolean => value === undefined || value === null || Number.isInteger(value);

function wrongType(parameter: string, message: string): GatewayError {
  return new GatewayError('invalid_body', message, { parameter });
}

function noMaxTokens(): GatewayError {
  return new GatewayError(
    'invalid_body',
    'max_tokens is not present in payload.It is a required parameter for TogetherAI completions.',
    { parameter: 'max_tokens' },
  );
}
