import type { FieldNames } from '../../core/neutral/changes.ts';
import type { AnswerContext, CheckedRequest } from '../dialect.ts';
import { fieldNames } from '../field-names.ts';
import { Places } from '../places.ts';
import { decodeRequest } from './decode.ts';

const FIELDS = {
  max_completion_tokens: 'max_output_tokens',
  response_format: 'text.format',
  verbosity: 'text.verbosity',
  reasoning_effort: 'reasoning.effort',
  logprobs: 'include',
};

const MEMBERS = { 'image_url.detail': 'detail', 'file.filename': 'filename', encrypted: 'encrypted_content' };

/** The Responses API's names of what a request has. */
export function namesOf(request: CheckedRequest, context: AnswerContext | null): FieldNames {
  const places = new Places();
  return fieldNames(decodeRequest(request, context, places), places, { fields: FIELDS, members: MEMBERS });
}
