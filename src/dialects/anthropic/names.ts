import type { FieldNames } from '../../core/neutral/changes.ts';
import type { JsonObject } from '../../core/types.ts';
import type { CheckedRequest } from '../dialect.ts';
import { fieldNames, type Vocabulary } from '../field-names.ts';
import { Places } from '../places.ts';
import { decodeRequest } from './decode.ts';

const FIELDS = {
  stop: 'stop_sequences',
  max_completion_tokens: 'max_tokens',
  response_format: 'output_config.format',
  reasoning_effort: 'output_config.effort',
  user: 'metadata.user_id',
  parallel_tool_calls: 'tool_choice.disable_parallel_tool_use',
};

/** The first version of structured outputs had a field of its own. */
const FIRST_FIELDS = { ...FIELDS, response_format: 'output_format' };

const MEMBERS = { 'file.filename': 'title', encrypted: 'data' };

/** The Messages API's names of what a request has. */
export function namesOf(request: CheckedRequest): FieldNames {
  const places = new Places();
  return fieldNames(decodeRequest(request, places), places, vocabularyOf(request.body));
}

function vocabularyOf({ output_format: format }: JsonObject): Vocabulary {
  return { fields: format === undefined ? FIELDS : FIRST_FIELDS, members: MEMBERS };
}
