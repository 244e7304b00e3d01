import { createHash } from 'node:crypto';
import type { JsonObject } from '../types.ts';
import { isJsonObject } from '../types.ts';
import type { NeutralPart } from './parts.ts';
import type { NeutralChatRequest, NeutralMessage } from './request.ts';
import type { NeutralChunk, NeutralResponse } from './response.ts';

/** The names that an API takes for tools: ASCII letters, digits and some marks. */
export interface ToolNameRule {
  readonly longest: number;
  /** What else than letters, digits and `_` may be in a name. */
  readonly marks: string;
  /** Whether the first character must be a letter or `_`. */
  readonly beginsWithLetter: boolean;
}

/** What a request's tools are called upstream, where the provider would refuse the client's names. */
export interface RenamedTools {
  readonly request: NeutralChatRequest;
  /** The client's names by those that the provider knows. */
  readonly originals: ReadonlyMap<string, string>;
}

/**
 * The request with names that the provider takes; null where it takes all of them. A name becomes the same one again in
 * every later request, so that history and prompt caches fit.
 */
export function renameTools(request: NeutralChatRequest, rule: ToolNameRule): RenamedTools | null {
  if (takesNames(request, rule)) return null;
  const names = new Map<string, string>();
  const rename = (name: string): string => {
    if (isTaken(name, rule)) return name;
    const known = names.get(name) ?? shortened(name, rule);
    names.set(name, known);
    return known;
  };
  const tools = request.tools.map((tool) => ('other' in tool ? tool : { ...tool, name: rename(tool.name) }));
  const messages = request.messages.map((message) => renameCalls(message, rename));
  const { toolChoice, rest } = request;
  const choice = typeof toolChoice === 'object' ? { name: rename(toolChoice.name) } : toolChoice;
  const otherChoice = renameAllowed(rest.tool_choice, rename);
  if (names.size === 0) return null;
  return {
    request: {
      ...request,
      tools,
      messages,
      ...(choice !== undefined && { toolChoice: choice }),
      ...(otherChoice && { rest: { ...rest, tool_choice: otherChoice } }),
    },
    originals: new Map([...names].map(([name, short]) => [short, name])),
  };
}

/** Whether no name of the request would be refused: what nearly every request is, so nothing is made here. */
function takesNames({ tools, messages, toolChoice, rest }: NeutralChatRequest, rule: ToolNameRule): boolean {
  for (const tool of tools) if (!('other' in tool) && !isTaken(tool.name, rule)) return false;
  if (typeof toolChoice === 'object' && !isTaken(toolChoice.name, rule)) return false;
  for (const { role, parts } of messages) {
    if (role !== 'assistant') continue;
    for (const part of parts) if (part.type === 'tool-call' && !isTaken(part.name, rule)) return false;
  }
  return rest.tool_choice === undefined;
}

/** An empty name is left to whoever says what is wrong with it. */
function isTaken(name: string, { longest, marks, beginsWithLetter }: ToolNameRule): boolean {
  if (name.length > longest) return false;
  for (let index = 0; index < name.length; index += 1) {
    const code = name.charCodeAt(index);
    if (isLetter(code) || code === UNDERSCORE) continue;
    if (index === 0 && beginsWithLetter) return false;
    if (!isDigit(code) && !marks.includes(name.charAt(index))) return false;
  }
  return true;
}

const UNDERSCORE = 0x5f;
const isLetter = (code: number): boolean => (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a);
const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

const HASH_LENGTH = 12;

/** The beginning of the name, which tells the model what the tool does, and a hash of the whole. */
function shortened(name: string, rule: ToolNameRule): string {
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_LENGTH);
  const plain = name.replace(/[^A-Za-z0-9_]+/g, '_');
  const begun = rule.beginsWithLetter && isDigit(plain.charCodeAt(0)) ? `_${plain}` : plain;
  return `${begun.slice(0, rule.longest - HASH_LENGTH - 1)}_${hash}`;
}

function renameCalls(message: NeutralMessage, rename: (name: string) => string): NeutralMessage {
  if (message.role !== 'assistant') return message;
  return { ...message, parts: message.parts.map((part) => renameCall(part, rename)) };
}

function renameCall(part: NeutralPart, rename: (name: string) => string): NeutralPart {
  return part.type === 'tool-call' ? { ...part, name: rename(part.name) } : part;
}

/** OpenAI's `{"type":"allowed_tools","allowed_tools":{"tools":[{"type":"function","function":{"name"}}]}}`. */
function renameAllowed(choice: unknown, rename: (name: string) => string): JsonObject | null {
  const allowed = isJsonObject(choice) ? choice.allowed_tools : null;
  if (!isJsonObject(choice) || !isJsonObject(allowed) || !Array.isArray(allowed.tools)) return null;
  const tools = allowed.tools.map((tool: unknown) => {
    const named = isJsonObject(tool) ? tool.function : null;
    if (!isJsonObject(tool) || !isJsonObject(named) || typeof named.name !== 'string') return tool;
    return { ...tool, function: { ...named, name: rename(named.name) } };
  });
  return { ...choice, allowed_tools: { ...allowed, tools } };
}

/** An answer with the client's own names again. */
export function restoreNames(response: NeutralResponse, originals: RenamedTools['originals']): NeutralResponse {
  if (response.operation === 'embeddings') return response;
  const restore = (name: string): string => originals.get(name) ?? name;
  const choices = response.choices.map((choice) => ({
    ...choice,
    parts: choice.parts.map((part) => renameCall(part, restore)),
  }));
  return { ...response, choices };
}

/** The same for a piece of a streamed answer; a name comes whole. */
export function restoreChunkNames(chunk: NeutralChunk, originals: RenamedTools['originals']): NeutralChunk {
  if (!chunk.choices.some(({ toolCalls, parts }) => toolCalls ?? parts)) return chunk;
  const choices = chunk.choices.map((choice) => {
    const { toolCalls, parts } = choice;
    return {
      ...choice,
      ...(toolCalls && {
        toolCalls: toolCalls.map((call) =>
          call.name === undefined ? call : { ...call, name: originals.get(call.name) ?? call.name },
        ),
      }),
      ...(parts && { parts: parts.map((part) => renameCall(part, (name) => originals.get(name) ?? name)) }),
    };
  });
  return { ...chunk, choices };
}
