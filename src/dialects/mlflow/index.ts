import { GatewayError } from '../../core/errors.ts';
import { readAnswerUsage } from '../../core/openai/usage.ts';
import type { JsonObject, Operation } from '../../core/types.ts';
import type { CheckedRequest, Dialect, RequestPath } from '../dialect.ts';
import { latin1FromUtf8 } from '../latin1.ts';
import { decodeRequest } from '../openai/decode.ts';
import { readCaller, readFacts } from '../openai/facts.ts';
import { answer } from './answer.ts';
import { checkRequest } from './check.ts';
import { encode } from './encode.ts';
import { MlflowChunkEncoder } from './encode-stream.ts';
import { parseBody } from './parse.ts';
import { MlflowStream } from './stream.ts';

/** The dialect of `/gateway/{name}/invocations`: OpenAI's shapes with MLflow's checks, additions and errors. */
export const mlflow: Dialect = {
  name: 'mlflow',
  format: 'openai',
  parse: parseBody,

  check(operation: Operation, body: unknown, takesModelParameter: boolean, path: RequestPath): CheckedRequest {
    const replacements = checkRequest(operation, body, takesModelParameter);
    const request = body as JsonObject;
    const stream = replacements?.get('stream') ?? request.stream;
    return { path, body: request, replacements, streams: stream === true && operation !== 'embeddings' };
  },

  decode(operation, request) {
    try {
      return decodeRequest(operation, request, 'mlflow');
    } catch (error) {
      throw error instanceof GatewayError && error.code === 'invalid_request' ? unprocessable(error) : error;
    }
  },
  encode,
  encodeStream: (context) => new MlflowChunkEncoder(context),
  readUsage: readAnswerUsage,
  readFacts,
  readCaller,
  answer,
  stream: (context) => new MlflowStream(context),

  error(error: GatewayError): string {
    if (error.code === 'rate_limited') return JSON.stringify({ error: error.message });
    return JSON.stringify({ detail: error.detail });
  },

  streamError(error: GatewayError): string {
    const body = { error: { message: error.message, type: error.code, code: error.status } };
    return latin1FromUtf8(`data: ${JSON.stringify(body)}\n\n`);
  },
};

/** MLflow's server answers 422 for every body that it cannot read. */
function unprocessable(error: GatewayError): GatewayError {
  return new GatewayError('invalid_body', error.message, {
    cause: error,
    ...(error.parameter && { parameter: error.parameter }),
  });
}
