import { GatewayError } from '../../core/errors.ts';
import type { Changes } from '../../core/neutral/changes.ts';
import type { NeutralCompletionsRequest } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';
import { given, keepKnown, promptText, refuseNativeNames } from '../request-fields.ts';

/** Text Generation Inference refuses 0. */
const LOWEST_TEMPERATURE = 0.001;

/** `GenerateParameters` of https://huggingface.github.io/text-generation-inference/ beyond OpenAI's settings. */
const PARAMETERS: ReadonlySet<string> = new Set([
  'adapter_id',
  'best_of',
  'do_sample',
  'grammar',
  'repetition_penalty',
  'return_full_text',
  'seed',
  'top_n_tokens',
  'truncate',
  'typical_p',
  'watermark',
]);

/** The body of `/generate` and `/generate_stream`. */
export function encode(request: NeutralCompletionsRequest, changes: Changes): JsonObject {
  const { rest, settings } = request;
  refuseNativeNames(rest, { max_new_tokens: 'max_tokens' });
  const n = settings.n ?? 1;
  if (n !== 1) {
    throw new GatewayError(
      'invalid_body',
      `'n' must be '1' for the Text Generation Inference provider.Received value: '${n}'.`,
      { parameter: 'n' },
    );
  }
  return {
    inputs: promptText(request.prompt, 'Text Generation Inference'),
    parameters: {
      ...(request.surface === 'mlflow' ? mlflowParameters(request) : standardParameters(request, changes)),
      details: true,
      // The only way to learn the length of the prompt; a stream tells it by itself and refuses this parameter.
      ...(!request.stream && { decoder_input_details: true }),
    },
  };
}

/** MLflow stretches its range of 0 to 2 over 0 to 100. */
function mlflowParameters({ settings, rest }: NeutralCompletionsRequest): JsonObject {
  const { n: _one, max_tokens, max_completion_tokens, temperature, ...others } = settings;
  return given({
    ...others,
    max_new_tokens: max_tokens ?? max_completion_tokens,
    temperature: temperature === undefined ? undefined : Math.max(50 * temperature, LOWEST_TEMPERATURE),
    ...rest,
  });
}

function standardParameters({ settings, rest }: NeutralCompletionsRequest, changes: Changes): JsonObject {
  const { temperature, top_p, presence_penalty } = settings;
  const { echo, ...further } = rest;
  if (presence_penalty) changes.dropped('presence_penalty');
  if (temperature !== undefined && temperature < LOWEST_TEMPERATURE) changes.clamped('temperature');
  return given({
    stop: settings.stop,
    max_new_tokens: settings.max_tokens ?? settings.max_completion_tokens,
    temperature: temperature === undefined ? undefined : Math.max(temperature, LOWEST_TEMPERATURE),
    // 1 means the same as none, but is refused.
    top_p: top_p === 1 ? undefined : top_p,
    top_k: settings.top_k,
    frequency_penalty: settings.frequency_penalty,
    return_full_text: echo === true ? true : undefined,
    ...keepKnown(further, PARAMETERS, changes),
  });
}
