import { isJsonObject, type JsonObject } from '../../../src/core/types.ts';

/** How an agent's own code goes on from an answer: each in its API's format, streamed or whole. */
export interface Reading {
  readonly text: string;
  /** The turns to add: the answer as it came, and a result for each call; empty where nothing was called. */
  readonly next: readonly JsonObject[];
}

/** The events of a stream of server-sent events. */
function eventsOf(body: string): JsonObject[] {
  const lines = body.split(/\r?\n/).filter((line) => line.startsWith('data: ') && line !== 'data: [DONE]');
  return lines.map((line) => JSON.parse(line.slice('data: '.length)));
}

const objects = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.filter(isJsonObject) : []);
const object = (value: unknown): JsonObject => (isJsonObject(value) ? value : {});

/** Anthropic's blocks, put together from their deltas. */
function readBlocks(body: string): JsonObject[] {
  if (!body.startsWith('event:')) return objects(JSON.parse(body).content);
  const blocks: JsonObject[] = [];
  const inputs = new Map<number, string>();
  for (const event of eventsOf(body)) {
    const index = Number(event.index);
    if (event.type === 'content_block_start') blocks[index] = { ...object(event.content_block) };
    const block = blocks[index];
    if (!block || event.type !== 'content_block_delta') continue;
    const { type, ...delta } = object(event.delta);
    if (type === 'input_json_delta') inputs.set(index, (inputs.get(index) ?? '') + String(delta.partial_json));
    else for (const [name, piece] of Object.entries(delta)) block[name] = String(block[name] ?? '') + String(piece);
  }
  for (const [index, json] of inputs) {
    const block = blocks[index];
    if (block && json !== '') block.input = JSON.parse(json);
  }
  return blocks;
}

function readAnthropic(body: string, result: string): Reading {
  const blocks = readBlocks(body);
  const results = blocks
    .filter(({ type }) => type === 'tool_use')
    .map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content: [{ type: 'text', text: result }] }));
  const turns = [
    { role: 'assistant', content: blocks },
    { role: 'user', content: results },
  ];
  return {
    text: blocks.map(({ text }) => text ?? '').join(''),
    next: results.length > 0 ? turns : [],
  };
}

/** Of the items Codex keeps those that are done; an answer that was not completed is an error to it. */
function readResponses(body: string, result: string): Reading {
  const events = eventsOf(body);
  if (events.at(-1)?.type !== 'response.completed') throw new Error(`The stream ended with ${body.slice(-300)}`);
  const items = events.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => object(item));
  const results = items
    .filter(({ type }) => type === 'function_call')
    .map(({ call_id }) => ({ type: 'function_call_output', call_id, output: result }));
  // Without state at the provider the ids of items mean nothing, and Codex leaves them out.
  const kept = items.map(({ id: _, ...item }) => item);
  return {
    text: items.flatMap(({ content }) => objects(content).map(({ text }) => text ?? '')).join(''),
    next: results.length > 0 ? [...kept, ...results] : [],
  };
}

function readGemini(body: string, result: string): Reading {
  const answers = body.startsWith('data:') ? eventsOf(body) : [JSON.parse(body)];
  const parts = answers.flatMap(({ candidates }) =>
    objects(candidates).flatMap(({ content }) => objects(object(content).parts)),
  );
  const calls = parts.filter(({ functionCall }) => functionCall !== undefined).map((part) => object(part.functionCall));
  const results = calls.map(({ id, name }) => ({
    functionResponse: { ...(id !== undefined && { id }), name, response: { output: result } },
  }));
  const turns = [
    { role: 'model', parts: parts.filter(({ thought }) => thought !== true) },
    { role: 'user', parts: results },
  ];
  return {
    text: parts.map(({ text, thought }) => (thought === true ? '' : (text ?? ''))).join(''),
    next: calls.length > 0 ? turns : [],
  };
}

export const READERS = { anthropic: readAnthropic, responses: readResponses, gemini: readGemini } as const;

/** Where a request has its turns. */
export const TURNS = { anthropic: 'messages', responses: 'input', gemini: 'contents' } as const;
