import type { Dialect } from '../dialect.ts';
import { errorBody } from '../openai/errors.ts';
import { readCaller } from '../openai/facts.ts';
import { check } from './check.ts';
import { decodeRequest } from './decode.ts';
import { encode } from './encode.ts';
import { ResponsesChunkEncoder } from './encode-stream.ts';
import { streamError } from './errors.ts';
import { readFacts } from './facts.ts';
import { namesOf } from './names.ts';
import { ResponsesStream } from './stream.ts';
import { readAnswerUsage } from './usage.ts';

/** OpenAI's Responses API: https://platform.openai.com/docs/api-reference/responses. The provider judges the fields; its errors go through. */
export const responses: Dialect = {
  name: 'responses',
  format: 'responses',
  check: (_operation, body, _takesModelParameter, path) => check(body, path),
  decode: (_operation, request, context) => decodeRequest(request, context ?? null),
  fieldNames: (_operation, request, context) => namesOf(request, context ?? null),
  encode,
  encodeStream: (context, request) => new ResponsesChunkEncoder(context, request),
  encodeCount: (tokens) => JSON.stringify({ object: 'response.input_tokens', input_tokens: tokens }),
  readUsage: readAnswerUsage,
  readFacts,
  readCaller,
  answer: (_upstream, text) => text,
  stream: () => new ResponsesStream(),
  error: (error) => JSON.stringify(errorBody(error)),
  streamError: (error) => streamError(error),
};
