import type { StreamReading, StreamRewriter } from '../dialect.ts';
import { eventData } from '../sse.ts';
import { newReading, noteChunk, noteEvents, parseEventData } from '../stream-reading.ts';

/** What an event says beside its content. Inside a JSON string these quotes would be escaped. */
const NOTEWORTHY = /"usage"\s*:\s*\{|"error"|\[DONE\]/g;

/** Passes the upstream's bytes on and reads usage and the end from the side. */
export class OpenAIStream implements StreamRewriter {
  readonly reading: StreamReading = newReading();

  rewrite(events: string): string {
    return noteEvents(events, NOTEWORTHY, (event) => this.#note(event));
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
