import { isJsonObject } from '../../src/core/types.ts';
import { differences } from '../conformance/compare.ts';
import type { Answer, Client } from './clients.ts';
import { DELIBERATE_DIFFERENCES, NOT_OF_THE_OPENAI_SURFACE } from './deliberate-differences.ts';
import { UPSTREAM_MARKS } from './upstream.ts';

/**
 * Says what is wrong with Sluice's answer beside MLflow's. Everything that MLflow returns must be there with an equal
 * value; more fields are fine. A deliberate difference must be the better behaviour, and must still be one.
 */
export function judge(client: Client, mlflow: Answer, sluice: Answer): string[] {
  const difference = DELIBERATE_DIFFERENCES.find(({ where, check }) => where === client && check === mlflow.name);
  if (difference !== undefined) {
    const found = difference.mlflow(mlflow) ? [] : [`MLflow no longer differs here: ${show(mlflow)}`];
    return difference.sluice(sluice) ? found : [...found, `not "${difference.better}": ${show(sluice)}`];
  }
  if ((mlflow.failure?.status ?? null) !== mlflow.raises) return [`MLflow itself gave ${show(mlflow)}`];
  const { failure } = mlflow;
  const value = client === 'openai_client' ? ofTheOpenaiSurface(mlflow.value) : mlflow.value;
  return [
    ...differences({ value, failure }, sluice, 'answer', UPSTREAM_MARKS),
    ...missingNulls(value, sluice.value, 'answer.value'),
  ];
}

function ofTheOpenaiSurface(value: unknown): unknown {
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => !NOT_OF_THE_OPENAI_SURFACE.has(name)));
}

/** Python clients index into an answer, so a field that MLflow sends as null must be there too. */
function missingNulls(expected: unknown, actual: unknown, path: string): string[] {
  if (Array.isArray(expected) && Array.isArray(actual))
    return expected.flatMap((item, index) => missingNulls(item, actual[index], `${path}[${index}]`));
  if (!isJsonObject(expected) || !isJsonObject(actual)) return [];
  return Object.entries(expected).flatMap(([name, value]) => {
    const here = `${path}.${name}`;
    if (value !== null) return missingNulls(value, actual[name], here);
    return name in actual ? [] : [`${here} is missing (MLflow sends null)`];
  });
}

function show({ value, failure, message }: Answer): string {
  return JSON.stringify(failure ?? value ?? message).slice(0, 300);
}
