import { readUsage } from '../core/openai/usage.ts';
import { isJsonObject, type JsonObject } from '../core/types.ts';
import type { StreamReading } from './dialect.ts';
import { utf8FromLatin1 } from './latin1.ts';

export function newReading(): StreamReading {
  return { usage: null, complete: false, error: null };
}

/** The JSON of an event's data, or null for anything else: a malformed line must not end a good stream. */
export function parseEventData(data: string): JsonObject | null {
  if (data.charCodeAt(0) !== 0x7b) return null;
  try {
    const value: unknown = JSON.parse(utf8FromLatin1(data));
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** Notes what an OpenAI chunk says beside its content. Returns false when nothing after it counts. */
export function noteChunk(reading: StreamReading, chunk: JsonObject): boolean {
  if (chunk.error !== undefined && chunk.error !== null) {
    reading.error = chunk;
    return false;
  }
  reading.usage = readUsage(chunk.usage) ?? reading.usage;
  return true;
}
