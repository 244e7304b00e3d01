import { EventStreamCodec } from '@smithy/eventstream-codec';
import type { PlayedResponse } from './fixture.ts';

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString('utf8'),
  (text) => Buffer.from(text, 'utf8'),
);

const text = (value: string) => ({ type: 'string' as const, value });

type Frame = NonNullable<PlayedResponse['frames']>[number];

/** A message as AWS sends it. https://docs.aws.amazon.com/transcribe/latest/dg/event-stream.html */
function encodeFrame({ type, payload }: Frame): Uint8Array {
  const isException = type.endsWith('Exception');
  return codec.encode({
    headers: {
      [isException ? ':exception-type' : ':event-type']: text(type),
      ':content-type': text('application/json'),
      ':message-type': text(isException ? 'exception' : 'event'),
    },
    body: Buffer.from(JSON.stringify(payload)),
  });
}

const TYPES = {
  body: 'application/json',
  stream: 'text/event-stream',
  frames: 'application/vnd.amazon.eventstream',
} as const;

/** The bytes of a response, in the pieces in which it is sent. */
export interface PlayedBytes {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly pieces: readonly Uint8Array[];
  readonly isStream: boolean;
}

export function playedBytes(response: PlayedResponse): PlayedBytes {
  const { status, stream, frames, body } = response;
  const kind = stream ? 'stream' : frames ? 'frames' : 'body';
  const whole = typeof body === 'string' ? body : JSON.stringify(body);
  const pieces = frames?.map(encodeFrame) ?? (stream ?? [whole]).map((piece) => Buffer.from(piece));
  const headers = { 'content-type': TYPES[kind], ...response.headers };
  return { status, headers, pieces, isStream: kind !== 'body' };
}

/** The stream up to where it lacks `missing` of its events, properly ended; null where it has no more than these. */
export function cutShort(
  { stream, frames, ...response }: PlayedResponse,
  missing: 'the last' | 'all but one',
): PlayedResponse | null {
  const keep = <Event>(events: readonly Event[]) => events.slice(0, missing === 'the last' ? -1 : 1);
  if (frames) return frames.length > 1 ? { ...response, frames: keep(frames) } : null;
  const whole = (stream ?? []).join('');
  const separator = /\r?\n\r?\n/.test(whole) ? /(?<=\n\r?\n)/ : /(?<=\n)/;
  const events = whole.split(separator).filter((event) => event.trim() !== '');
  return events.length > 1 ? { ...response, stream: keep(events) } : null;
}
