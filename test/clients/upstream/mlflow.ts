import { isJsonObject, type JsonObject } from '../../../src/core/types.ts';
import { list, Strict, text } from './checks.ts';
import { type Question, Refusal, vectorOf } from './script.ts';

/** The server of `mlflow models serve`. https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally/#rest-api */
const strict = new Strict(
  (_, field) =>
    'Invalid input. The input must be a JSON dictionary with exactly one of the input fields {dataframe_split, ' +
    `dataframe_records, instances, inputs} and optionally params. Received: ${field}`,
);

/** A model that takes one text. */
export function readInputs(given: unknown): { readonly texts: string[]; readonly question: Question } {
  const { inputs, params = {} } = strict.object(given, '', 'inputs params');
  if (!isJsonObject(params)) throw new Refusal(400, 'Parameters must be a dictionary.');
  const texts = list(inputs, 'inputs').map((input) => text(input, 'inputs'));
  const schema = isJsonObject(params.response_format) ? schemaIn(params.response_format) : null;
  const question = {
    system: '',
    text: texts[0] ?? '',
    images: [],
    tools: [],
    results: [],
    schema,
    thinks: false,
    kept: false,
  };
  return { texts, question };
}

function schemaIn({ json_schema: definition }: JsonObject): JsonObject | null {
  return isJsonObject(definition) && isJsonObject(definition.schema) ? definition.schema : null;
}

/** A model that embeds texts answers with a list of floats for each. */
export function predictions(texts: readonly string[], says: string, embeds: boolean): JsonObject {
  return { predictions: embeds ? texts.map(vectorOf) : [says] };
}

export function mlflowError({ status, message }: Refusal): JsonObject {
  return { error_code: status < 500 ? 'BAD_REQUEST' : 'INTERNAL_ERROR', message };
}
