import { GatewayError } from '../../core/errors.ts';
import type {
  Finish,
  NeutralChoice,
  NeutralEmbeddingsResponse,
  NeutralTextResponse,
} from '../../core/neutral/response.ts';
import { readAnswerUsage } from '../../core/openai/usage.ts';
import { isJsonObject, type JsonObject } from '../../core/types.ts';
import { listOf, readMessage } from './read-message.ts';

/** Reads a whole answer. https://platform.openai.com/docs/api-reference/chat/object */
export function decodeText(answer: JsonObject): NeutralTextResponse {
  if (!Array.isArray(answer.choices)) throw errorOf(answer) ?? invalid("it has no list under 'choices'");
  const rest = otherFields(answer, ANSWER_FIELDS);
  return {
    operation: 'chat',
    id: typeof answer.id === 'string' ? answer.id : null,
    model: typeof answer.model === 'string' ? answer.model : null,
    ...(typeof answer.created === 'number' && { created: answer.created }),
    choices: listOf(answer.choices).map(readChoice),
    usage: readAnswerUsage(answer),
    ...(rest && { rest }),
  };
}

/** https://platform.openai.com/docs/api-reference/embeddings/object */
export function decodeEmbeddings(answer: JsonObject): NeutralEmbeddingsResponse {
  if (!Array.isArray(answer.data)) throw errorOf(answer) ?? invalid("it has no list under 'data'");
  const rest = otherFields(answer, EMBEDDING_FIELDS);
  const items = listOf(answer.data).toSorted((left, right) => Number(left.index ?? 0) - Number(right.index ?? 0));
  return {
    operation: 'embeddings',
    model: typeof answer.model === 'string' ? answer.model : null,
    embeddings: items.map(({ embedding }) => {
      if (typeof embedding === 'string' || Array.isArray(embedding)) return embedding;
      throw invalid("something in 'data' has no embedding");
    }),
    usage: readAnswerUsage(answer),
    ...(rest && { rest }),
  };
}

const ANSWER_FIELDS: ReadonlySet<string> = new Set(['id', 'object', 'created', 'model', 'choices', 'usage', 'error']);
const EMBEDDING_FIELDS: ReadonlySet<string> = new Set(['object', 'data', 'model', 'usage', 'error']);
const CHOICE_FIELDS: ReadonlySet<string> = new Set([
  'index',
  'message',
  'delta',
  'text',
  'finish_reason',
  'native_finish_reason',
  'stop_sequence',
]);

function readChoice(choice: JsonObject): NeutralChoice {
  const parts = isJsonObject(choice.message) ? readMessage(choice.message) : [];
  const rest = choiceRest(choice);
  const callsTools = parts.some((part) => part.type === 'tool-call');
  return { parts, finish: readFinish(choice, callsTools), ...(rest && { rest }) };
}

export function choiceRest(choice: JsonObject): JsonObject | undefined {
  return otherFields(choice, CHOICE_FIELDS);
}

/** Why the model stopped. Some servers say `stop` even where tools are called, which clients would take for an answer. */
export function readFinish(choice: JsonObject, callsTools: boolean): Finish | null {
  const { finish_reason: given, native_finish_reason: native, stop_sequence: sequence } = choice;
  if (typeof given !== 'string' || given === '') return null;
  const reason = given === 'function_call' || (given === 'stop' && callsTools) ? 'tool_calls' : given;
  return {
    reason,
    ...(typeof native === 'string' && { native }),
    ...(typeof sequence === 'string' && { stopSequence: sequence }),
  };
}

function otherFields(object: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  const entries = Object.entries(object).filter(([field, value]) => !known.has(field) && value !== null);
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

/** The error of an answer or an event that reports one; null where there is none. */
export function errorOf({ error }: JsonObject): GatewayError | null {
  if (error === undefined || error === null) return null;
  if (!isJsonObject(error)) return new GatewayError('upstream_error', String(error));
  const status = Number(error.code ?? error.status);
  const name = error.type ?? error.code;
  return new GatewayError('upstream_error', String(error.message ?? 'The upstream failed.'), {
    ...(status >= 400 && status <= 599 && { status }),
    upstreamType: typeof name === 'string' ? name : null,
  });
}

function invalid(what: string): GatewayError {
  return new GatewayError('upstream_invalid', `The upstream's answer has another shape than expected: ${what}.`);
}
