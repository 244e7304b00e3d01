import type { JsonObject } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import type { Settings } from './settings.ts';

export interface SimulatedReply {
  /** The words of the text, each with the space before it; a word counts as a token. */
  readonly tokens: readonly string[];
  readonly toolCall: { readonly id: string; readonly name: string; readonly arguments: string } | null;
  readonly promptTokens: number;
}

/** What the simulated model says: the same for the same request, always. */
export function replyTo(request: JsonObject, settings: Settings): SimulatedReply {
  const prompt = promptText(request);
  const promptTokens = tokenize(prompt.all).length;
  const toolCall = settings.reply === undefined ? toolCallFor(request) : null;
  if (toolCall) return { tokens: [], toolCall, promptTokens };
  const text = settings.reply ?? `This is a simulated reply to: ${prompt.last}`;
  return { tokens: limited(tokenize(text), request), toolCall: null, promptTokens };
}

export function tokenize(text: string): string[] {
  return text.match(/\s*\S+/g) ?? [];
}

function limited(tokens: string[], request: JsonObject): string[] {
  const limit = request.max_completion_tokens ?? request.max_tokens;
  return typeof limit === 'number' ? tokens.slice(0, limit) : tokens;
}

function promptText(request: JsonObject): { all: string; last: string } {
  if (!Array.isArray(request.messages)) {
    const text = Array.isArray(request.prompt) ? request.prompt.join(' ') : String(request.prompt ?? '');
    return { all: text, last: text };
  }
  const texts = request.messages.filter(isJsonObject).map((message) => contentText(message.content));
  return { all: texts.join(' '), last: texts.at(-1) ?? '' };
}

function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .filter(isJsonObject)
    .map((part) => (typeof part.text === 'string' ? part.text : `[${String(part.type)}]`))
    .join(' ');
}

/** Calls the chosen tool, or the first one, unless a tool has just answered. */
function toolCallFor(request: JsonObject): SimulatedReply['toolCall'] {
  const tools = Array.isArray(request.tools) ? request.tools.filter(isJsonObject) : [];
  const last = Array.isArray(request.messages) ? request.messages.at(-1) : null;
  if (tools.length === 0 || request.tool_choice === 'none' || (isJsonObject(last) && last.role === 'tool')) return null;
  const choice = isJsonObject(request.tool_choice) ? request.tool_choice.function : null;
  const wanted = isJsonObject(choice) ? choice.name : null;
  const definitions = tools.map((tool) => tool.function).filter(isJsonObject);
  const definition = definitions.find(({ name }) => name === wanted) ?? definitions[0];
  if (!definition) return null;
  const values = exampleOf(definition.parameters, 0);
  return {
    id: 'call_simulated',
    name: String(definition.name),
    arguments: JSON.stringify(isJsonObject(values) ? values : {}),
  };
}

/** A value that fits a JSON Schema as far as types and enumerations go. */
function exampleOf(schema: unknown, depth: number): unknown {
  if (!isJsonObject(schema) || depth > 8) return {};
  if (Array.isArray(schema.enum)) return schema.enum[0];
  switch (schema.type) {
    case 'string':
      return 'simulated';
    case 'integer':
    case 'number':
      return 1;
    case 'boolean':
      return true;
    case 'array':
      return [exampleOf(schema.items, depth + 1)];
    default:
      return Object.fromEntries(
        Object.entries(isJsonObject(schema.properties) ? schema.properties : {}).map(([name, property]) => [
          name,
          exampleOf(property, depth + 1),
        ]),
      );
  }
}
