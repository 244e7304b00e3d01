import { readAnswerUsage } from '../core/openai/usage.ts';
import { isJsonObject, type JsonObject } from '../core/types.ts';
import type { AnswerFacts, StreamReading } from './dialect.ts';
import { utf8FromLatin1 } from './latin1.ts';
import { readFacts } from './openai/facts.ts';
import { blankLineOf, boundsOfEvent, splitEvents } from './sse.ts';

export function newReading(): StreamReading {
  return { usage: null, facts: noFacts(), complete: false, error: null };
}

export function noFacts(): AnswerFacts {
  return { servedModel: null, finishReason: null };
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
  reading.usage = readAnswerUsage(chunk) ?? reading.usage;
  readFacts(chunk, reading.facts);
  return true;
}

/**
 * Calls back with each event that holds a match of `noteworthy` (which is global), and returns the events before the one
 * for which `note` says false. The engine searches for one or two plain words four times as fast as for three, or for
 * one that begins with a quote.
 */
export function noteEvents(events: string, noteworthy: RegExp, note: (event: string) => boolean): string {
  noteworthy.lastIndex = 0;
  if (!noteworthy.test(events)) return events;
  const blankLine = blankLineOf(events);
  if (blankLine === null) return noteEach(events, noteworthy, note);
  do {
    const { start, end } = boundsOfEvent(events, noteworthy.lastIndex - 1, blankLine);
    if (!note(events.slice(start, end))) return events.slice(0, start);
    noteworthy.lastIndex = end;
  } while (noteworthy.test(events));
  return events;
}

/** For events that end in many ways. */
function noteEach(events: string, noteworthy: RegExp, note: (event: string) => boolean): string {
  let passed = 0;
  for (const event of splitEvents(events)) {
    noteworthy.lastIndex = 0;
    if (noteworthy.test(event) && !note(event)) return events.slice(0, passed);
    passed += event.length;
  }
  return events;
}
