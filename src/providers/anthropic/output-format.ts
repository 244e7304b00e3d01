import type { Changes } from '../../core/neutral/changes.ts';
import type { NeutralChatRequest } from '../../core/neutral/request.ts';
import type { JsonObject } from '../../core/types.ts';
import type { ClaudeModel } from './models.ts';
import { answerSchema } from './schema.ts';

export interface OutputFormat {
  /** `output_config.format`. */
  readonly format: JsonObject | null;
  /** What the model is told where the API has no field for it. */
  readonly instruction: string | null;
}

const AS_IT_COMES: OutputFormat = { format: null, instruction: null };

const ONLY_JSON =
  'Respond with only a single valid JSON object. Do not include any explanatory text, markdown, or code fences before ' +
  'or after the JSON object.';

/** https://docs.anthropic.com/en/docs/build-with-claude/structured-outputs */
export function outputFormat(
  { responseFormat, surface }: NeutralChatRequest,
  model: ClaudeModel,
  changes: Changes,
): OutputFormat {
  if (!responseFormat || responseFormat.type === 'text') return AS_IT_COMES;
  const wanted = responseFormat.type === 'json_schema' ? responseFormat.json_schema.schema : undefined;
  if (!wanted) {
    changes.approximated('response_format');
    return { format: null, instruction: ONLY_JSON };
  }
  // MLflow sends schemas to every model.
  if (model.takesSchema || surface === 'mlflow') {
    const schema = answerSchema(wanted, surface === 'standard');
    if (schema) {
      if (schema.isChanged) changes.approximated('response_format');
      return { format: { type: 'json_schema', schema: schema.value }, instruction: null };
    }
  }
  changes.approximated('response_format');
  return {
    format: null,
    instruction: `${ONLY_JSON} It must conform to this JSON schema:\n${JSON.stringify(wanted)}`,
  };
}
