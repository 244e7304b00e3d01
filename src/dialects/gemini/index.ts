import { readAnswerUsage } from '../../core/gemini/usage.ts';
import type { Dialect } from '../dialect.ts';
import { latin1FromUtf8 } from '../latin1.ts';
import { check } from './check.ts';
import { decodeRequest } from './decode.ts';
import { encode } from './encode.ts';
import { GeminiChunkEncoder } from './encode-stream.ts';
import { errorBody } from './errors.ts';
import { readCaller, readFacts } from './facts.ts';
import { namesOf } from './names.ts';
import { GeminiStream } from './stream.ts';

/** Google's Gemini API: https://ai.google.dev/api. The provider judges the fields; its errors go through. */
export const gemini: Dialect = {
  name: 'gemini',
  format: 'gemini',
  check: (operation, body, _takesModelParameter, path) => check(operation, body, path),
  decode: (operation, request) => decodeRequest(operation, request),
  fieldNames: (operation, request) => namesOf(operation, request),
  encode,
  encodeStream: (context, request) => new GeminiChunkEncoder(context, request),
  encodeCount: (tokens) => JSON.stringify({ totalTokens: tokens }),
  readUsage: readAnswerUsage,
  readFacts,
  readCaller,
  answer: (_upstream, text) => text,
  stream: (_context, path) => new GeminiStream(path),
  error: (error) => JSON.stringify(errorBody(error)),
  streamError: (error, { framing }) => {
    const json = latin1FromUtf8(JSON.stringify(errorBody(error)));
    return framing === 'json-list' ? `,\n${json}]` : `data: ${json}\n\n`;
  },
};
