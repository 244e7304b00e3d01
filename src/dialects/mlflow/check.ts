import { GatewayError } from '../../core/errors.ts';
import type { JsonObject, Operation } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import { FieldErrors } from './field-errors.ts';
import {
  boolean,
  checkFields,
  type FieldCheck,
  type Fields,
  float,
  integer,
  object,
  stopSequences,
  string,
} from './fields.ts';
import { input } from './input.ts';
import { messages } from './messages.ts';
import { responseFormat, toolChoice, tools } from './tools.ts';

type Check = readonly [field: string, check: FieldCheck];

const GENERATION: readonly Check[] = [
  ['n', integer({ ge: 1 })],
  ['stop', stopSequences],
  ['max_tokens', integer({ ge: 1 })],
  ['max_completion_tokens', integer({ ge: 1 })],
  ['stream', boolean],
  ['stream_options', object],
  ['response_format', responseFormat],
  ['temperature', float({ ge: 0, le: 2 })],
  ['top_p', float({ ge: 0, le: 1 })],
  ['presence_penalty', float({ ge: -2, le: 2 })],
  ['frequency_penalty', float({ ge: -2, le: 2 })],
  ['top_k', integer({ ge: 1 })],
];

const FIELDS: Readonly<Record<Operation, Fields>> = {
  chat: {
    checks: [...GENERATION, ['messages', messages], ['tools', tools], ['tool_choice', toolChoice]],
    required: 'messages',
  },
  completions: { checks: [...GENERATION, ['prompt', string]], required: 'prompt' },
  embeddings: { checks: [['input', input]], required: 'input' },
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
  const replacements = checkFields(body, FIELDS[operation], errors);
  if (errors.list.length > 0) throw invalidBody(errors);
  if (body.model !== undefined && !takesModelParameter)
    throw new GatewayError('invalid_body', MODEL_NOT_PERMITTED, { parameter: 'model' });
  return replacements;
}

function invalidBody(errors: FieldErrors): GatewayError {
  const summary = errors.list.map((error) => `${error.loc.join('.')}: ${error.msg}`).join('; ');
  return new GatewayError('invalid_body', summary, { detail: errors.list as unknown as JsonObject[] });
}
