import type { StreamReading, StreamRewriter } from '../dialect.ts';
import { eventData } from '../sse.ts';
import { newReading, noteChunk, noteEvents, parseEventData } from '../stream-reading.ts';
import { readFacts } from './facts.ts';

const FINISH = /"finish_reason"\s*:\s*"/;
/** What an event says beside its content. Inside a JSON string these quotes would be escaped. */
const NOTEWORTHY = /"usage"\s*:\s*\{|"error"|\[DONE\]/g;

/** Passes the upstream's bytes on and reads usage and the end from the side. */
export class OpenAIStream implements StreamRewriter {
  readonly reading: StreamReading = newReading();
  /** The last reads: in one of them the answer says why it ended, in a chunk before that of its usage. */
  #last = '';
  #beforeLast = '';

  rewrite(events: string): string {
    let isNoteworthy = false;
    const passed = noteEvents(events, NOTEWORTHY, (event) => {
      isNoteworthy = true;
      return this.#note(event);
    });
    if (isNoteworthy) this.#readFinish(this.#beforeLast + this.#last + passed);
    this.#keep(passed);
    return passed;
  }

  #keep(events: string): void {
    this.#beforeLast = this.#last;
    this.#last = events;
  }

  #readFinish(events: string): void {
    const { facts } = this.reading;
    const at = facts.finishReason === null ? FINISH.exec(events)?.index : undefined;
    if (at === undefined) return;
    const start = events.lastIndexOf('data:', at);
    const chunk = parseEventData(eventData(events.slice(start, events.indexOf('\n', at)).trimEnd()) ?? '');
    if (chunk !== null) readFacts(chunk, facts);
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
