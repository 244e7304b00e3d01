import Anthropic from '@anthropic-ai/sdk';
import type { NeutralChunk } from '../../../core/neutral/response.ts';
import type { JsonObject } from '../../../core/types.ts';
import { PLAIN_PATH } from '../../dialect.ts';
import { utf8FromLatin1 } from '../../latin1.ts';
import { eachEventData } from '../../sse.ts';
import { anthropic } from '../index.ts';

const BODY = { model: 'm', max_tokens: 1, messages: [{ role: 'user' as const, content: 'x' }] };
const REQUEST = anthropic.check('chat', BODY, false, PLAIN_PATH);
const CONTEXT = { operation: 'chat', provider: 'p', model: 'configured' } as const;

/** For tests: the official client, which gets this answer to whatever it asks. */
export function clientOf(text: string, status = 200): Anthropic {
  const type = status === 200 ? 'text/event-stream' : 'application/json';
  const answer = async () =>
    new Response(Buffer.from(text, 'latin1'), { status, headers: { 'content-type': type, 'request-id': 'req_1' } });
  return new Anthropic({ apiKey: 'key', baseURL: 'http://gateway.invalid', fetch: answer, maxRetries: 0 });
}

/** The message that the official client puts together from a stream. */
export async function messageOf(events: string): Promise<JsonObject> {
  const message = await clientOf(events).messages.stream(BODY).finalMessage();
  return JSON.parse(JSON.stringify(message));
}

/** The events of a neutral stream, as Latin-1. */
export function encodeChunks(chunks: readonly NeutralChunk[]): string {
  const encoder = anthropic.encodeStream(CONTEXT, REQUEST);
  return chunks.map((chunk) => encoder.chunk(chunk)).join('') + encoder.end();
}

/** The JSON of each event; the type that is outside it must be the one inside. */
export function eventsOf(text: string): JsonObject[] {
  const events: JsonObject[] = [];
  const names = text.match(/^event: .*$/gm) ?? [];
  eachEventData(text, (data) => {
    const event = JSON.parse(utf8FromLatin1(data));
    if (names[events.length] !== `event: ${event.type}`) throw new Error(`'${names[events.length]}' has ${data}`);
    events.push(event);
  });
  return events;
}

/** Throws unless the events are one message, its blocks one after another. */
export function checkOrder(events: readonly JsonObject[]): void {
  let open: unknown = null;
  let next = 0;
  const fail = (event: JsonObject): never => {
    throw new Error(`out of order: ${JSON.stringify(event)}`);
  };
  for (const [position, event] of events.entries()) {
    const { type, index } = event;
    if ((type === 'message_start') !== (position === 0)) fail(event);
    if ((type === 'message_stop') !== (position === events.length - 1)) fail(event);
    if ((type === 'message_delta') !== (position === events.length - 2)) fail(event);
    if (type === 'content_block_start') {
      if (open !== null || index !== next) fail(event);
      open = index;
      next += 1;
    } else if (type === 'content_block_delta' || type === 'content_block_stop') {
      if (open !== index) fail(event);
      if (type === 'content_block_stop') open = null;
    } else if (open !== null) fail(event);
  }
}
