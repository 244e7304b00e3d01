import type { JsonObject } from '../../core/types.ts';
import type { AnswerContext, StreamReading, StreamRewriter } from '../dialect.ts';
import { latin1FromUtf8 } from '../latin1.ts';
import { eachEventData } from '../sse.ts';
import { newReading, noteChunk, parseEventData } from '../stream-reading.ts';
import { chatChunk, completionsChunk } from './chunk.ts';
import { ChunkTemplate } from './chunk-template.ts';

/**
 * MLflow's chunks have every field of the shape, null where the upstream says nothing. Comments, event names and
 * malformed lines are left out, and so is the `[DONE]` sentinel, as MLflow's server does it.
 */
export class MlflowStream implements StreamRewriter {
  readonly reading: StreamReading = newReading();
  readonly #context: AnswerContext;
  readonly #shape: (chunk: JsonObject, context: AnswerContext) => JsonObject;
  #template: ChunkTemplate | null = null;

  constructor(context: AnswerContext) {
    this.#context = context;
    this.#shape = context.operation === 'chat' ? chatChunk : completionsChunk;
  }

  rewrite(events: string): string {
    let output = '';
    eachEventData(events, (data) => {
      output += this.#template?.apply(data) ?? this.#rebuild(data);
    });
    return output;
  }

  #rebuild(data: string): string {
    const { reading } = this;
    if (reading.complete || reading.error !== null) return '';
    if (data === '[DONE]') {
      reading.complete = true;
      return '';
    }
    const chunk = parseEventData(data);
    if (chunk === null || !noteChunk(reading, chunk)) return '';
    const text = latin1FromUtf8(JSON.stringify(this.#shape(chunk, this.#context)));
    this.#template = ChunkTemplate.from(data, text) ?? this.#template;
    return `data: ${text}\n\n`;
  }
}
