import type { StreamReading, StreamRewriter } from '../dialect.ts';
import { eventData } from '../sse.ts';
import { newReading, noteChunk, parseEventData } from '../stream-reading.ts';

const EVENT = /[\s\S]*?(?:\r\n\r\n|\n\r\n|\n\n|\r\r|\r\n\n)/g;
/** What an event says beside its content. Inside a JSON string these quotes would be escaped. */
const NOTEWORTHY = /"usage"\s*:\s*\{|"error"|\[DONE\]/;

/** Passes the upstream's bytes on and reads usage and the end from the side. */
export class OpenAIStream implements StreamRewriter {
  readonly reading: StreamReading = newReading();

  rewrite(events: string): string {
    if (!NOTEWORTHY.test(events)) return events;
    let passed = 0;
    for (const [event] of events.matchAll(EVENT)) {
      if (NOTEWORTHY.test(event) && !this.#note(event)) return events.slice(0, passed);
      passed += event.length;
    }
    return events;
  }

  /** False when the event, and all that follows, must not be passed on. */
  #note(event: string): boolean {
    const data = eventData(event.trimEnd());
    if (data === null) return true;
    if (data === '[DONE]') {
      this.reading.complete = true;
      return true;
    }
    const chunk = parseEventData(data);
    return chunk === null || noteChunk(this.reading, chunk);
  }
}
