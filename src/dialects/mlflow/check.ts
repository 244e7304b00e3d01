import { GatewayError } from '../../core/errors.ts';
import type { JsonObject, Operation } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import { FieldErrors, type Location } from './field-errors.ts';
import { boolean, checkFields, type FieldCheck, float, integer, object, stopSequences, string } from './fields.ts';
import { checkMessages } from './messages.ts';
import { responseFormat, toolChoice, tools } from './tools.ts';

const GENERATION: ReadonlyArray<readonly [string, FieldCheck]> = [
  ['n', integer({ ge: 1 })],
  ['stop', stopSequences],
  ['max_tokens', integer({ ge: 1 })],
  ['max_completion_tokens', integer({ ge: 1 })],
  ['stream', boolean],
  ['stream_options', object],
  ['temperature', float({ ge: 0, le: 2 })],
  ['top_p', float({ ge: 0, le: 1 })],
  ['presence_penalty', float({ ge: -2, le: 2 })],
  ['frequency_penalty', float({ ge: -2, le: 2 })],
  ['top_k', integer({ ge: 1 })],
];

const CHECKS: Readonly<Record<Operation, ReadonlyMap<string, FieldCheck>>> = {
  chat: new Map<string, FieldCheck>([
    ...GENERATION,
    ['response_format', responseFormat],
    ['tools', tools],
    ['tool_choice', toolChoice],
  ]),
  completions: new Map<string, FieldCheck>([...GENERATION, ['prompt', string]]),
  embeddings: new Map(),
};

const REQUIRED: Readonly<Record<Operation, string>> = {
  chat: 'messages',
  completions: 'prompt',
  embeddings: 'input',
};

const MODEL_NOT_PERMITTED =
  "The parameter 'model' is not permitted to be passed. The route being queried already defines a model instance.";

/** Checks a request as MLflow's server does, and returns the field values that must be replaced, if any. */
export function checkRequest(
  operation: Operation,
  body: unknown,
  takesModelParameter: boolean,
): ReadonlyMap<string, unknown> | null {
  if (!isJsonObject(body)) {
    const errors = new FieldErrors();
    errors.notAnObject(['body'], body);
    throw invalidBody(errors);
  }
  const errors = new FieldErrors();
  const required = REQUIRED[operation];
  const replacements = checkFields(body, CHECKS[operation], errors);
  const value = body[required];
  const loc = ['body', required];
  if (value === undefined) errors.missing(loc, body);
  else if (operation === 'chat') checkMessages(value, loc, errors);
  else if (operation === 'completions' && value === null) errors.notAString(loc, value);
  else if (operation === 'embeddings') checkInput(value, loc, errors);
  if (errors.list.length > 0) throw invalidBody(errors);
  if (body.model !== undefined && !takesModelParameter) throw new GatewayError('invalid_body', MODEL_NOT_PERMITTED, { parameter: 'model' });
  return replacements;
}

function checkInput(value: unknown, loc: Location, errors: FieldErrors): void {
  if (typeof value === 'string') return;
  if (!Array.isArray(value)) {
    errors.notAString([...loc, 'str'], value);
    errors.notAList([...loc, 'list[str]'], value);
    return;
  }
  const isUniform =
    value.every((item) => typeof item === 'string') ||
    value.every((item) => Number.isInteger(item)) ||
    value.every((item) => Array.isArray(item) && item.every((token) => Number.isInteger(token)));
  if (!isUniform) errors.notAString([...loc, 'list[str]', firstOtherThanString(value)], value);
}

function firstOtherThanString(values: readonly unknown[]): number {
  return values.findIndex((item) => typeof item !== 'string');
}

function invalidBody(errors: FieldErrors): GatewayError {
  const summary = errors.list.map((error) => `${error.loc.join('.')}: ${error.msg}`).join('; ');
  return new GatewayError('invalid_body', summary, { detail: errors.list as unknown as JsonObject[] });
}
