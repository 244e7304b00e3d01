import { isJsonObject, type JsonObject } from '../types.ts';

/** https://docs.anthropic.com/en/docs/build-with-claude/streaming */
export function assembleAnthropic(events: readonly JsonObject[]): JsonObject | null {
  let message: JsonObject | null = null;
  const blocks: JsonObject[] = [];
  const inputs = new Map<JsonObject, string>();
  for (const event of events) {
    const block = blocks[Number(event.index)];
    if (event.type === 'message_start' && isJsonObject(event.message)) message = { ...event.message };
    else if (event.type === 'content_block_start' && isJsonObject(event.content_block)) {
      blocks[Number(event.index)] = { ...event.content_block };
    } else if (event.type === 'content_block_delta' && block && isJsonObject(event.delta)) {
      addDelta(block, event.delta, inputs);
    } else if (event.type === 'message_delta' && message) {
      if (isJsonObject(event.delta)) Object.assign(message, event.delta);
      if (isJsonObject(event.usage)) message.usage = { ...asObject(message.usage), ...event.usage };
    }
  }
  for (const [block, text] of inputs) block.input = parsed(text);
  if (message) message.content = blocks.filter(Boolean);
  return message;
}

function addDelta(block: JsonObject, delta: JsonObject, inputs: Map<JsonObject, string>): void {
  switch (delta.type) {
    case 'text_delta':
      block.text = `${block.text ?? ''}${delta.text}`;
      return;
    case 'thinking_delta':
      block.thinking = `${block.thinking ?? ''}${delta.thinking}`;
      return;
    case 'signature_delta':
      block.signature = `${block.signature ?? ''}${delta.signature}`;
      return;
    case 'input_json_delta':
      inputs.set(block, `${inputs.get(block) ?? ''}${delta.partial_json}`);
      return;
    case 'citations_delta':
      block.citations = [...(Array.isArray(block.citations) ? block.citations : []), delta.citation];
  }
}

/** Arguments that broke off stay the text that they are. */
function parsed(text: string): unknown {
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    return text;
  }
}

function asObject(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}
