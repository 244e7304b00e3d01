import { GatewayError } from '../../core/errors.ts';
import type { Finish, NeutralChunk, NeutralResponse } from '../../core/neutral/response.ts';
import { NO_USAGE, type Usage } from '../../core/neutral/usage.ts';
import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import type { ChunkReader, Wire } from '../wire.ts';
import { encode } from './request.ts';

/** The server's own API of completions: https://huggingface.github.io/text-generation-inference/ */
export const completions: Wire = {
  encode: (request, changes) => (request.operation === 'completions' ? encode(request, changes) : {}),
  decode,
  stream: { framing: 'sse', read: () => new TokenReader() },
};

function decode(body: unknown): NeutralResponse {
  if (!isJsonObject(body) || typeof body.generated_text !== 'string') throw invalid("it has no 'generated_text'");
  const details = isJsonObject(body.details) ? body.details : null;
  return {
    operation: 'completions',
    id: null,
    model: null,
    choices: [{ parts: [{ type: 'text', text: body.generated_text }], finish: details && finishOf(details) }],
    usage: details && usageOf(details),
  };
}

/** One event a token; the last one carries the details. */
class TokenReader implements ChunkReader {
  complete = false;

  event(data: JsonObject): NeutralChunk | null {
    if (data.error !== undefined) {
      const upstreamType = typeof data.error_type === 'string' ? data.error_type : null;
      throw new GatewayError('upstream_error', String(data.error), { upstreamType });
    }
    const { token, details } = data;
    if (!isJsonObject(token) || typeof token.text !== 'string') throw invalid("an event has no 'token'");
    const text = token.special === true ? '' : token.text;
    if (typeof data.generated_text !== 'string') return text === '' ? null : { choices: [{ index: 0, text }] };
    this.complete = true;
    const finish = isJsonObject(details) ? finishOf(details) : null;
    const usage = isJsonObject(details) ? usageOf(details) : null;
    return { choices: [{ index: 0, text, ...(finish && { finish }) }], ...(usage && { usage }) };
  }
}

/** `length`, `eos_token` or `stop_sequence`; MLflow passes them on as they are. */
function finishOf({ finish_reason: native }: JsonObject): Finish | null {
  if (typeof native !== 'string') return null;
  return { reason: native === 'length' ? 'length' : 'stop', native, mlflow: native };
}

/** A stream tells the prompt's length; a whole answer only lists its tokens. */
export function usageOf(details: JsonObject): Usage | null {
  const { prefill, input_length: length, generated_tokens: output } = details;
  if (typeof output !== 'number') return null;
  const input = typeof length === 'number' ? length : Array.isArray(prefill) ? prefill.length : 0;
  return { ...NO_USAGE, input, output, native: { generated_tokens: output, input_length: input } };
}

function invalid(why: string): GatewayError {
  return new GatewayError('upstream_invalid', `Text Generation Inference's answer cannot be read: ${why}.`);
}
