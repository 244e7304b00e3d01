import { readUsage } from '../../core/anthropic/usage.ts';
import type { Dialect } from '../dialect.ts';
import { latin1FromUtf8 } from '../latin1.ts';
import { check } from './check.ts';
import { decodeRequest } from './decode.ts';
import { encode } from './encode.ts';
import { AnthropicChunkEncoder } from './encode-stream.ts';
import { errorBody } from './errors.ts';
import { readCaller, readFacts } from './facts.ts';
import { namesOf } from './names.ts';
import { AnthropicStream } from './stream.ts';

/** Anthropic's Messages API: https://docs.anthropic.com/en/api/messages. The provider judges the fields; its errors go through. */
export const anthropic: Dialect = {
  name: 'anthropic',
  format: 'anthropic',
  check: (_operation, body, _takesModelParameter, path) => check(body, path),
  decode: (_operation, request) => decodeRequest(request),
  fieldNames: (_operation, request) => namesOf(request),
  encode,
  encodeStream: (context) => new AnthropicChunkEncoder(context),
  encodeCount: (tokens) => JSON.stringify({ input_tokens: tokens }),
  readUsage: (answer) => readUsage(answer.usage),
  readFacts,
  readCaller,
  answer: (_upstream, text) => text,
  stream: () => new AnthropicStream(),
  error: (error) => JSON.stringify(errorBody(error)),
  streamError: (error) => latin1FromUtf8(`event: error\ndata: ${JSON.stringify(errorBody(error))}\n\n`),
};
