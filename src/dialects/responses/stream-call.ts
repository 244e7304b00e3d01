import type { JsonObject } from '../../core/types.ts';
import { type DeltaFrame, deltaFrame, type EventWriter } from './event-writer.ts';
import { callItem } from './output-items.ts';
import type { ClientTool } from './tool-names.ts';

const ARGUMENTS = 'response.function_call_arguments';
const INPUT = 'response.custom_tool_call_input';

/** A tool call of a stream. */
export class StreamedCall {
  readonly callId: string;
  readonly #events: EventWriter;
  readonly #index: number;
  readonly #id: string;
  readonly #tool: ClientTool;
  readonly #frame: DeltaFrame;
  #arguments = '';

  constructor(events: EventWriter, index: number, id: string, tool: ClientTool, callId: string) {
    this.callId = callId;
    this.#events = events;
    this.#index = index;
    this.#id = id;
    this.#tool = tool;
    this.#frame = deltaFrame(`${tool.isCustom ? INPUT : ARGUMENTS}.delta`, this.#place());
  }

  begin(): string {
    const item = this.#item('in_progress');
    const empty = this.#tool.isCustom ? { input: '' } : { arguments: '' };
    return this.#events.event('response.output_item.added', { output_index: this.#index, item: { ...item, ...empty } });
  }

  /** The free text of a custom tool lies within the arguments, so that it can be told only when they are whole. */
  arguments(text: string): string {
    this.#arguments += text;
    return this.#tool.isCustom || text === '' ? '' : this.#events.delta(this.#frame, text);
  }

  end(status: string): { readonly events: string; readonly item: JsonObject } {
    const item = this.#item(status);
    let events = '';
    if (this.#tool.isCustom) {
      const { input } = item;
      events += this.#events.delta(this.#frame, String(input));
      events += this.#events.event(`${INPUT}.done`, { ...this.#place(), input });
    } else {
      if (this.#arguments === '') events += this.#events.delta(this.#frame, '{}');
      events += this.#events.event(`${ARGUMENTS}.done`, {
        ...this.#place(),
        name: this.#tool.name,
        arguments: item.arguments,
      });
    }
    return {
      item,
      events: events + this.#events.event('response.output_item.done', { output_index: this.#index, item }),
    };
  }

  #item(status: string): JsonObject {
    return callItem(this.#id, status, this.#tool, {
      id: this.callId,
      name: this.#tool.name,
      arguments: this.#arguments,
    });
  }

  #place(): JsonObject {
    return { item_id: this.#id, output_index: this.#index };
  }
}
