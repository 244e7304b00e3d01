import type { JsonObject } from '../../core/types.ts';
import { latin1FromUtf8 } from '../latin1.ts';

/** Numbers the events of one stream and writes them: https://platform.openai.com/docs/api-reference/responses-streaming */
export class EventWriter {
  #sequence = 0;

  /** The number of the next event. */
  get sequence(): number {
    return this.#sequence;
  }

  event(type: string, fields: JsonObject): string {
    return this.#write(type, latin1FromUtf8(JSON.stringify(fields).slice(1)));
  }

  /** An event with a response object, whose JSON is at hand. */
  response(type: string, json: string): string {
    return this.#write(type, latin1FromUtf8(`"response":${json}}`));
  }

  /** What most events are: a piece of text, between what does not change from one to the next. */
  delta({ before, after }: DeltaFrame, text: string): string {
    return before + this.#next() + after + latin1FromUtf8(JSON.stringify(text)) + END;
  }

  /** `fields` is what follows the type, but for its first brace. */
  #write(type: string, fields: string): string {
    return `event: ${type}\ndata: {"type":"${type}","sequence_number":${this.#next()},${fields}\n\n`;
  }

  #next(): number {
    const number = this.#sequence;
    this.#sequence += 1;
    return number;
  }
}

const END = '}\n\n';

/** What stands before and after the number of an event whose last member is its `delta`. */
export interface DeltaFrame {
  readonly before: string;
  readonly after: string;
}

export function deltaFrame(type: string, fields: JsonObject): DeltaFrame {
  const members = latin1FromUtf8(JSON.stringify(fields).slice(1, -1));
  return { before: `event: ${type}\ndata: {"type":"${type}","sequence_number":`, after: `,${members},"delta":` };
}
