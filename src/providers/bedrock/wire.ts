import type { Wire } from '../wire.ts';
import type { Model } from './models.ts';
import { encodeConverse } from './request.ts';
import { decodeConverse } from './response.ts';
import { ConverseReader } from './stream.ts';

/** Converse and ConverseStream, for chats, and for completions by models that know nothing else. */
export function converseWire(operation: 'chat' | 'completions', model: Model): Wire {
  return {
    encode: (request, changes) => encodeConverse(request, model, changes),
    decode: (body) => decodeConverse(operation, body),
    stream: { framing: 'aws-event-stream', read: () => new ConverseReader() },
  };
}
