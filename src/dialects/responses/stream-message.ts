import type { JsonObject } from '../../core/types.ts';
import { sourcesOf } from './annotations.ts';
import { type DeltaFrame, deltaFrame, type EventWriter } from './event-writer.ts';
import { messageItem, NO_FIELDS, refusalPart, textPart } from './output-items.ts';

type ContentKind = 'text' | 'refusal';

/** The names of the events of each kind of content. */
const EVENTS: Readonly<Record<ContentKind, string>> = { text: 'response.output_text', refusal: 'response.refusal' };

/** Content that is being written. */
interface OpenContent {
  readonly kind: ContentKind;
  readonly place: JsonObject;
  readonly frame: DeltaFrame;
  /** Where in the answer's text it began. */
  readonly start: number;
  /** Joined at the end: a text that grows piece by piece costs more. */
  readonly texts: string[];
  readonly annotations: unknown[];
  readonly citations: unknown[];
  readonly logprobs: unknown[];
}

/** A message of a stream, from its first piece to its last. */
export class StreamedMessage {
  readonly #events: EventWriter;
  readonly #index: number;
  readonly #id: string;
  readonly #content: JsonObject[] = [];
  #open: OpenContent | null = null;

  constructor(events: EventWriter, index: number, id: string) {
    this.#events = events;
    this.#index = index;
    this.#id = id;
  }

  begin(): string {
    const item = messageItem(this.#id, 'in_progress', []);
    return this.#events.event('response.output_item.added', { output_index: this.#index, item });
  }

  /** `start` is the length of the answer's text before this piece. */
  text(text: string, start: number): string {
    const open = this.#open;
    if (open?.kind !== 'text') return this.#opened('text', start) + this.text(text, start);
    open.texts.push(text);
    return this.#events.delta(open.frame, text);
  }

  textWithLogprobs(text: string, logprobs: readonly unknown[], start: number): string {
    const begun = this.#open?.kind === 'text' ? '' : this.#opened('text', start);
    const open = this.#open;
    if (!open) return begun;
    open.texts.push(text);
    open.logprobs.push(...logprobs);
    return begun + this.#events.event(`${EVENTS.text}.delta`, { ...open.place, delta: text, logprobs });
  }

  refusal(text: string, start: number): string {
    const open = this.#open;
    if (open?.kind !== 'refusal') return this.#opened('refusal', start) + this.refusal(text, start);
    open.texts.push(text);
    return this.#events.delta(open.frame, text);
  }

  /** Sources of the text so far. */
  sources(rest: JsonObject, start: number): string {
    let events = this.#open?.kind === 'text' ? '' : this.#opened('text', start);
    const open = this.#open;
    if (!open) return events;
    const { annotations, citations } = sourcesOf(rest, open.start);
    for (const annotation of annotations) {
      const annotation_index = open.annotations.push(annotation) - 1;
      events += this.#events.event(`${EVENTS.text}.annotation.added`, { ...open.place, annotation_index, annotation });
    }
    open.citations.push(...citations);
    return events;
  }

  /** Content that comes whole. */
  whole(part: JsonObject): string {
    const closed = this.#closed();
    const place = this.#place();
    this.#content.push(part);
    return (
      closed +
      this.#events.event('response.content_part.added', { ...place, part }) +
      this.#events.event('response.content_part.done', { ...place, part })
    );
  }

  /** The closing events, and the finished item. */
  end(status: string): { readonly events: string; readonly item: JsonObject } {
    const closed = this.#closed();
    const item = messageItem(this.#id, status, this.#content);
    return {
      item,
      events: closed + this.#events.event('response.output_item.done', { output_index: this.#index, item }),
    };
  }

  #place(): JsonObject {
    return { item_id: this.#id, output_index: this.#index, content_index: this.#content.length };
  }

  #opened(kind: ContentKind, start: number): string {
    const closed = this.#closed();
    const place = this.#place();
    // The official types ask for log probabilities in each piece of text, if only for none.
    const fields = kind === 'text' ? { ...place, logprobs: [] } : place;
    const frame = deltaFrame(`${EVENTS[kind]}.delta`, fields);
    this.#open = { kind, place, frame, start, texts: [], annotations: [], citations: [], logprobs: [] };
    const part = kind === 'text' ? textPart('', NO_FIELDS) : refusalPart('');
    return closed + this.#events.event('response.content_part.added', { ...place, part });
  }

  #closed(): string {
    const open = this.#open;
    if (!open) return '';
    this.#open = null;
    const { kind, place, texts, logprobs } = open;
    const text = texts.join('');
    const part = kind === 'text' ? textPart(text, open) : refusalPart(text);
    this.#content.push(part);
    const said = kind === 'text' ? { text, logprobs } : { refusal: text };
    return (
      this.#events.event(`${EVENTS[kind]}.done`, { ...place, ...said }) +
      this.#events.event('response.content_part.done', { ...place, part })
    );
  }
}
