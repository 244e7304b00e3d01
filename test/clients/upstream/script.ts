import { createHash } from 'node:crypto';
import { isJsonObject, type JsonObject } from '../../../src/core/types.ts';

/** What a request asks, once a vendor's own format has been read. All vendors' mocks answer by the same script. */
export interface Question {
  readonly system: string;
  /** The text of the last message that a person wrote. */
  readonly text: string;
  readonly images: readonly SeenImage[];
  /** The functions that may be called. */
  readonly tools: readonly OfferedTool[];
  /** The tools' results since that message, in order. */
  readonly results: readonly string[];
  /** The schema that the answer must fit. */
  readonly schema: JsonObject | null;
  /** Reasoning is asked for. */
  readonly thinks: boolean;
  /** The signed reasoning of the turn came back with the tools' results. */
  readonly kept: boolean;
}

export interface SeenImage {
  readonly mediaType: string;
  /** Of the decoded bytes. */
  readonly size: number;
}

export interface OfferedTool {
  readonly name: string;
  readonly schema: JsonObject;
}

export interface Call {
  readonly id: string;
  readonly name: string;
  readonly input: JsonObject;
}

/** What the model says, before a vendor's mock writes it in its format. */
export interface Reply {
  readonly thought: string | null;
  readonly text: string;
  readonly calls: readonly Call[];
  readonly finish: 'stop' | 'tool_calls';
  /** How it is sent. */
  readonly manner: 'at once' | 'slowly' | 'breaking off';
}

/** A request that the vendor refuses, or an error that the prompt asked for. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export const THOUGHT = 'They ask of the weather — I had better look.';
export const SIGNATURE = Buffer.from(`signed ${createHash('sha256').update(THOUGHT).digest('hex')}`).toString('base64');

/** Prompts that make the mock do something else than answer. */
export const MAGIC = {
  /** `fail 429`: an error with this status. */
  fail: /\bfail (\d{3})\b/,
  /** `slow <key>`: an answer that takes until the client leaves; the key is noted then. */
  slow: /\bslow ([\w-]+)\b/,
  breaks: /\bbreak off\b/,
  both: /\bboth\b/,
  /** `plainly: <words>`: no tool is called, however many there are. */
  plainly: /\bplainly: (.*)$/m,
  /** `call <tool> with {…}`: what a coding agent is made to do with its own tools. */
  calls: /\bcall ([\w.-]+) with (\{.*\})/,
} as const;

export function reply(question: Question): Reply {
  const { system, text, results, images, tools, schema, thinks } = question;
  const failure = MAGIC.fail.exec(text)?.[1];
  if (failure !== undefined) throw new Refusal(Number(failure), `The model was told to fail with ${failure}.`);
  const thought = thinks ? THOUGHT : null;
  const manner = MAGIC.slow.test(text) ? 'slowly' : MAGIC.breaks.test(text) ? 'breaking off' : 'at once';
  const says = (answer: string): Reply => ({ thought, text: answer, calls: [], finish: 'stop', manner });
  if (results.length > 0) {
    const reasoning = thinks ? ` Reasoning ${question.kept ? 'kept' : 'lost'}.` : '';
    return says(`Results: ${results.map(contentOf).join(' | ')}.${reasoning}`);
  }
  const plain = MAGIC.plainly.exec(text)?.[1];
  if (plain !== undefined) return says(`You said: ${plain}`);
  const wanted = wantedCall(question);
  if (wanted) return { thought, text: '', calls: [wanted], finish: 'tool_calls', manner };
  const [tool] = tools;
  if (tool) {
    const cities = MAGIC.both.test(text) ? ['Paris', 'Tōkyō'] : ['Paris'];
    const calls = cities.map((city, index) => ({
      id: `call-${index}`,
      name: tool.name,
      input: example(tool.schema, city),
    }));
    return { thought, text: '', calls: calls as Call[], finish: 'tool_calls', manner };
  }
  if (schema) return says(JSON.stringify(example(schema, 'Paris')));
  if (images.length > 0)
    return says(images.map(({ mediaType, size }) => `Seen: ${mediaType}, ${size} bytes`).join('; '));
  return says(system === '' ? `You said: ${text}` : `(${system}) You said: ${text}`);
}

function wantedCall({ text, tools }: Question): Call | null {
  const [, name = '', input = ''] = MAGIC.calls.exec(text) ?? [];
  if (name === '') return null;
  if (!tools.some((tool) => tool.name === name)) {
    throw new Refusal(400, `There is no tool '${name}' among ${tools.map((tool) => tool.name).join(', ')}.`);
  }
  return { id: 'call-0', name, input: JSON.parse(input) };
}

/** What a tool said: Gemini's clients give it as an object, some with the tool's name, which others get as its JSON. */
function contentOf(result: string): string {
  if (!result.startsWith('{')) return result;
  const { name: _, ...said } = JSON.parse(result);
  const values = Object.values(said);
  return values.length === 1 && typeof values[0] === 'string' ? values[0] : result;
}

/** A value that fits a JSON schema, or Gemini's kind of schema, with this word for each text. */
export function example(schema: JsonObject, word: string): unknown {
  const { type, enum: values, properties, items, anyOf } = schema;
  if (Array.isArray(values)) return values[0];
  const [first] = Array.isArray(anyOf) ? anyOf : [];
  if (isJsonObject(first)) return example(first, word);
  const kind = String(Array.isArray(type) ? type[0] : (type ?? 'object')).toLowerCase();
  switch (kind) {
    case 'string':
      return word;
    case 'integer':
    case 'number':
      return 21;
    case 'boolean':
      return true;
    case 'array':
      return isJsonObject(items) ? [example(items, word)] : [];
    case 'null':
      return null;
    default:
      return Object.fromEntries(
        Object.entries(isJsonObject(properties) ? properties : {}).map(([name, inner]) => [
          name,
          isJsonObject(inner) ? example(inner, word) : word,
        ]),
      );
  }
}

/** The same text has the same vector, and each value is exact as a 32-bit float. */
export function vectorOf(text: string): number[] {
  return [0.25, -0.5, text.length + 0.5];
}

/** Pieces that cut between any two characters, also within a code point's surrogates' neighbours and JSON escapes. */
export function pieces(text: string, size = 7): string[] {
  const characters = [...text];
  const list: string[] = [];
  for (let at = 0; at < characters.length; at += size) list.push(characters.slice(at, at + size).join(''));
  return list;
}

export const USAGE = { input: 20, cached: 6, output: 9, thinking: 4 } as const;
