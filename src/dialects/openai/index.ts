import { readAnswerUsage } from '../../core/openai/usage.ts';
import type { JsonObject, Operation } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import type { CheckedRequest, Dialect, RequestPath } from '../dialect.ts';
import { latin1FromUtf8 } from '../latin1.ts';
import { decodeRequest } from './decode.ts';
import { encode } from './encode.ts';
import { OpenAIChunkEncoder } from './encode-stream.ts';
import { errorBody } from './errors.ts';
import { readCaller, readFacts } from './facts.ts';
import { invalid, invalidType, missing } from './fields.ts';
import { OpenAIStream } from './stream.ts';

const REQUIRED: Readonly<Record<Operation, string>> = { chat: 'messages', completions: 'prompt', embeddings: 'input' };

/** OpenAI's API: https://platform.openai.com/docs/api-reference. The provider judges the fields; its errors go through. */
export const openai: Dialect = {
  name: 'openai',
  format: 'openai',

  check(operation: Operation, body: unknown, _takesModelParameter: boolean, path: RequestPath): CheckedRequest {
    const request = body as JsonObject;
    const field = REQUIRED[operation];
    const value = request[field];
    if (value === undefined || value === null) throw missing(field);
    if (operation === 'chat') checkMessages(value);
    if (request.stream !== undefined && request.stream !== null && typeof request.stream !== 'boolean') {
      throw invalidType('stream', 'a boolean', request.stream);
    }
    const streams = request.stream === true && operation !== 'embeddings';
    return { path, body: request, replacements: null, streams };
  },

  decode(operation, request) {
    // Here `model` named the endpoint; it is no parameter of the upstream.
    const { model: _endpoint, ...body } = request.body;
    return decodeRequest(operation, { ...request, body }, 'standard');
  },
  encode,
  encodeStream: (context, request) => new OpenAIChunkEncoder(context, request),
  readUsage: readAnswerUsage,
  readFacts,
  readCaller,
  answer: (_upstream, text) => text,
  stream: () => new OpenAIStream(),
  error: (error) => JSON.stringify(errorBody(error)),
  streamError: (error) => latin1FromUtf8(`data: ${JSON.stringify(errorBody(error))}\n\n`),
};

function checkMessages(messages: unknown): void {
  if (!Array.isArray(messages)) throw invalidType('messages', 'an array of objects', messages);
  if (messages.length === 0) {
    throw invalid("Invalid 'messages': empty array. Expected at least one message.", 'messages');
  }
  for (const [index, message] of messages.entries()) {
    if (!isJsonObject(message)) throw invalidType(`messages[${index}]`, 'an object', message);
    if (typeof message.role !== 'string') throw missing(`messages[${index}].role`);
  }
}
