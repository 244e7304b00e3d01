import { GatewayError } from '../../core/errors.ts';
import type { JsonObject, Operation } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import type { CheckedRequest, Dialect } from '../dialect.ts';
import { latin1FromUtf8 } from '../latin1.ts';
import { decode } from './decode.ts';
import { encode } from './encode.ts';
import { errorBody } from './errors.ts';
import { OpenAIStream } from './stream.ts';

const REQUIRED: Readonly<Record<Operation, string>> = { chat: 'messages', completions: 'prompt', embeddings: 'input' };

/** OpenAI's API: https://platform.openai.com/docs/api-reference. The provider judges the fields; its errors go through. */
export const openai: Dialect = {
  name: 'openai',

  check(operation: Operation, body: unknown): CheckedRequest {
    const request = body as JsonObject;
    const field = REQUIRED[operation];
    const value = request[field];
    if (value === undefined || value === null) throw invalid(`Missing required parameter: '${field}'.`, field);
    if (operation === 'chat') checkMessages(value);
    if (request.stream !== undefined && request.stream !== null && typeof request.stream !== 'boolean') {
      throw invalid("Invalid type for 'stream': expected a boolean.", 'stream');
    }
    return { body: request, replacements: null, streams: request.stream === true && operation !== 'embeddings' };
  },

  decode(operation, request) {
    // Here `model` named the endpoint; it is no parameter of the upstream.
    const { model: _endpoint, ...body } = request.body;
    return decode(operation, { ...request, body });
  },
  encode,
  answer: (_upstream, bytes) => bytes,
  stream: () => new OpenAIStream(),
  error: (error) => JSON.stringify(errorBody(error)),
  streamError: (error) => latin1FromUtf8(`data: ${JSON.stringify(errorBody(error))}\n\n`),
};

function checkMessages(messages: unknown): void {
  if (!Array.isArray(messages)) throw invalid("Invalid type for 'messages': expected an array.", 'messages');
  if (messages.length === 0)
    throw invalid("Invalid 'messages': empty array. Expected at least one message.", 'messages');
  for (const [index, message] of messages.entries()) {
    if (!isJsonObject(message)) throw invalid(`Invalid type for 'messages[${index}]': expected an object.`, 'messages');
    if (typeof message.role !== 'string') {
      throw invalid(`Missing required parameter: 'messages[${index}].role'.`, `messages[${index}].role`);
    }
  }
}

function invalid(message: string, parameter: string): GatewayError {
  return new GatewayError('invalid_request', message, { parameter });
}
