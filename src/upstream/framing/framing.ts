import { awsEventStreamDecoder } from './aws-event-stream.ts';
import type { EventDecoder } from './event-decoder.ts';
import { NdjsonDecoder } from './ndjson.ts';
import { SseDecoder } from './sse.ts';

/**
 * How an upstream cuts a streamed body into events. `sse`: server-sent events; `ndjson`: a JSON object a line;
 * `aws-event-stream`: binary frames with check sums.
 */
export type Framing = 'sse' | 'ndjson' | 'aws-event-stream';

/** Several servers of JSON lines call them something else. */
const CONTENT_TYPES: Readonly<Record<Framing, readonly string[]>> = {
  sse: ['text/event-stream'],
  ndjson: [
    'application/x-ndjson',
    'application/ndjson',
    'application/stream+json',
    'application/json',
    'text/plain',
    'text/event-stream',
  ],
  'aws-event-stream': ['application/vnd.amazon.eventstream'],
};

/** Whether a body of this content type can have the framing. */
export function isFramedAs(framing: Framing, contentType: string): boolean {
  const type = contentType.toLowerCase();
  return CONTENT_TYPES[framing].some((known) => type.startsWith(known));
}

/** A decoder for one body. */
export async function eventDecoder(framing: Framing): Promise<EventDecoder> {
  if (framing === 'sse') return new SseDecoder();
  return framing === 'ndjson' ? new NdjsonDecoder() : awsEventStreamDecoder();
}
