import { isJsonObject } from '../../src/core/types.ts';
import type { Answer, Client } from './clients.ts';

/** A check in which Sluice answers otherwise than MLflow, because MLflow's answer is a defect or a limit. */
export interface DeliberateDifference {
  readonly where: Client;
  readonly check: string;
  /** What Sluice does and why that is better. */
  readonly better: string;
  /** Whether MLflow's answer still is the one that we differ from. */
  readonly mlflow: (answer: Answer) => boolean;
  readonly sluice: (answer: Answer) => boolean;
}

export const DELIBERATE_DIFFERENCES: readonly DeliberateDifference[] = [
  {
    where: 'deployments_client',
    check: 'what the provider is sent for a nested tool',
    better: 'nested tool schemas reach the provider whole',
    mlflow: (answer) => succeeded(answer) && !mentions(answer, 'anyOf'),
    sluice: (answer) => mentions(answer, 'anyOf'),
  },
  {
    where: 'deployments_client',
    check: 'what the provider is sent for extra message fields',
    better: 'message fields that the gateway does not know reach the provider',
    mlflow: (answer) => succeeded(answer) && !mentions(answer, 'ada'),
    sluice: (answer) => mentions(answer, 'ada'),
  },
  {
    where: 'deployments_client',
    check: 'a stop string in place of a list',
    better: 'a stop string is accepted, as in the OpenAI API',
    mlflow: (answer) => failedWith(answer, 422),
    sluice: succeeded,
  },
  {
    where: 'deployments_client',
    check: 'the provider cannot be reached',
    better: 'a 502 with a JSON error that says what is wrong, in place of a bare 500',
    mlflow: (answer) => failedWith(answer, 500) && !hasErrorBody(answer),
    sluice: (answer) => failedWith(answer, 502) && hasErrorBody(answer),
  },
  {
    where: 'openai_client',
    check: 'a stream of completions',
    better: "the text of OpenAI's completion chunks is streamed; MLflow breaks the connection",
    mlflow: broken,
    sluice: (answer) => answer.value === ' a gate.',
  },
  {
    where: 'openai_client',
    check: 'models',
    better: 'the endpoints are listed as models',
    mlflow: (answer) => failedWith(answer, 404),
    sluice: (answer) =>
      Array.isArray(answer.value) && answer.value.includes('chat') && answer.value.includes('only-first'),
  },
  {
    where: 'openai_client',
    check: 'an unknown model',
    better: 'a 404 with a JSON error in place of a bare 500',
    mlflow: (answer) => failedWith(answer, 500) && !hasErrorBody(answer),
    sluice: (answer) => failedWith(answer, 404) && hasErrorBody(answer),
  },
  {
    where: 'openai_client',
    check: 'a stream that the provider refuses',
    better: "the provider's status and message; MLflow has sent 200 already and breaks the connection",
    mlflow: broken,
    sluice: (answer) => failedWith(answer, 401) && mentions(answer, 'The provider says 401.'),
  },
  {
    where: 'openai_client',
    check: 'a stream that breaks off',
    better: 'an error event that the client raises; MLflow breaks the connection',
    mlflow: broken,
    sluice: (answer) => answer.failure?.kind === 'APIError',
  },
  {
    where: 'openai_client',
    check: 'a limit that is used up',
    better: 'the limit holds on the OpenAI surface too',
    mlflow: succeeded,
    sluice: (answer) => failedWith(answer, 429) && hasErrorBody(answer),
  },
  {
    where: 'http_client',
    check: 'an invalid page token',
    better: 'a 400 with a JSON error in place of a bare 500',
    mlflow: (answer) => statusOf(answer) === 500,
    sluice: (answer) => statusOf(answer) === 400 && mentions(answer, 'detail'),
  },
  {
    where: 'http_client',
    check: 'a missing model on the OpenAI surface',
    better: 'a 400 with a JSON error in place of a bare 500',
    mlflow: (answer) => statusOf(answer) === 500,
    sluice: (answer) => statusOf(answer) === 400 && mentions(answer, 'model'),
  },
];

function succeeded(answer: Answer): boolean {
  return answer.failure === undefined;
}

/** The connection ended before the answer was whole: a failure without a status. */
function broken(answer: Answer): boolean {
  return answer.failure?.kind === 'APIConnectionError';
}

function failedWith(answer: Answer, status: number): boolean {
  return answer.failure?.status === status;
}

function hasErrorBody(answer: Answer): boolean {
  const body = answer.failure?.body;
  return isJsonObject(body) && Boolean(body.error ?? body.detail);
}

function mentions(answer: Answer, text: string): boolean {
  return JSON.stringify(answer.value ?? answer.failure).includes(text);
}

/** Of the plain HTTP client, whose value is the response itself. */
function statusOf(answer: Answer): unknown {
  return isJsonObject(answer.value) ? answer.value.status : null;
}
