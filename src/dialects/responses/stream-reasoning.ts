import type { ReasoningDelta } from '../../core/neutral/response.ts';
import type { JsonObject } from '../../core/types.ts';
import { type DeltaFrame, deltaFrame, type EventWriter } from './event-writer.ts';
import { reasoningItem } from './output-items.ts';

const PART = 'response.reasoning_summary_part';
const TEXT = 'response.reasoning_summary_text';

/** A reasoning item of a stream, from its first piece to the signature, if there is one. */
export class StreamedReasoning {
  readonly #events: EventWriter;
  readonly #index: number;
  readonly #id: string;
  readonly #provider: string;
  #frame: DeltaFrame | null = null;
  #text = '';

  constructor(events: EventWriter, index: number, id: string, provider: string) {
    this.#events = events;
    this.#index = index;
    this.#id = id;
    this.#provider = provider;
  }

  begin(): string {
    const item = { id: this.#id, type: 'reasoning', summary: [] };
    return this.#events.event('response.output_item.added', { output_index: this.#index, item });
  }

  text(text: string): string {
    let events = '';
    if (!this.#frame) {
      this.#frame = deltaFrame(`${TEXT}.delta`, this.#place());
      events = this.#events.event(`${PART}.added`, { ...this.#place(), part: { type: 'summary_text', text: '' } });
    }
    this.#text += text;
    return events + this.#events.delta(this.#frame, text);
  }

  end(signed: Omit<ReasoningDelta, 'text'>): { readonly events: string; readonly item: JsonObject } {
    let events = '';
    if (this.#frame) {
      events += this.#events.event(`${TEXT}.done`, { ...this.#place(), text: this.#text });
      events += this.#events.event(`${PART}.done`, {
        ...this.#place(),
        part: { type: 'summary_text', text: this.#text },
      });
    }
    const item = reasoningItem(this.#id, this.#provider, { text: this.#text, ...signed });
    return {
      item,
      events: events + this.#events.event('response.output_item.done', { output_index: this.#index, item }),
    };
  }

  #place(): JsonObject {
    return { item_id: this.#id, output_index: this.#index, summary_index: 0 };
  }
}
