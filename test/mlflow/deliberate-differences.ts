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

/**
 * What MLflow adds to an answer on the OpenAI surface and Sluice does not: there a provider's answer goes through byte
 * for byte, and OpenAI's API has no such field.
 */
export const NOT_OF_THE_OPENAI_SURFACE: ReadonlySet<string> = new Set(['provider']);

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
  ...[
    { check: 'a model of another type', status: 400 },
    { check: 'an embedding of a chat model', status: 400 },
    { check: 'the provider answers 401', status: 401 },
    { check: 'the provider answers 429', status: 429 },
    { check: 'the provider answers 500', status: 500 },
  ].map(
    ({ check, status }): DeliberateDifference => ({
      where: 'openai_client',
      check,
      better: "the same status with an error of OpenAI's shape, so that the client finds message, type and code",
      mlflow: (answer) => failedWith(answer, status) && mentions(answer, 'detail'),
      sluice: (answer) => failedWith(answer, status) && hasOpenaiError(answer),
    }),
  ),
  {
    where: 'openai_client',
    check: 'an empty list of messages',
    better: "400 with an error of OpenAI's shape, as OpenAI answers an invalid request",
    mlflow: (answer) => failedWith(answer, 422),
    sluice: (answer) => failedWith(answer, 400) && hasOpenaiError(answer) && mentions(answer, 'messages'),
  },
  {
    where: 'openai_client',
    check: 'a temperature out of range',
    better: 'the provider judges its own settings: the request goes through as it is',
    mlflow: (answer) => failedWith(answer, 422),
    sluice: succeeded,
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

function hasOpenaiError(answer: Answer): boolean {
  const body = answer.failure?.body;
  return isJsonObject(body) && isJsonObject(body.error) && Boolean(body.error.message) && Boolean(body.error.type);
}

function mentions(answer: Answer, text: string): boolean {
  return JSON.stringify(answer.value ?? answer.failure).includes(text);
}

/** Of the plain HTTP client, whose value is the response itself. */
function statusOf(answer: Answer): unknown {
  return isJsonObject(answer.value) ? answer.value.status : null;
}
