import { anthropic } from '../dialects/anthropic/index.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { gemini } from '../dialects/gemini/index.ts';
import { mlflow } from '../dialects/mlflow/index.ts';
import { openai } from '../dialects/openai/index.ts';

/** The first that fits counts; what begins with none of these is MLflow's. */
const BY_PREFIX: ReadonlyArray<readonly [prefix: string, dialect: Dialect]> = [
  ['/v1/messages', anthropic],
  ['/anthropic/', anthropic],
  ['/gateway/anthropic/', anthropic],
  ['/gateway/openai/', openai],
  ['/gateway/proxy/', openai],
  ['/v1/', openai],
  ['/v2/', openai],
  ['/v1beta/', gemini],
  ['/gemini/', gemini],
  ['/gateway/gemini/', gemini],
];

/** In whose shape an error is told where no route matched. */
export function dialectOfPath(path: string): Dialect {
  if (path.startsWith('/v1/models/') && path.includes(':')) return gemini;
  for (const [prefix, dialect] of BY_PREFIX) if (path.startsWith(prefix)) return dialect;
  return mlflow;
}
