import type { RelayFamily } from '../../providers/provider.ts';
import type { HeaderPolicy } from '../exchange.ts';

/** A call that is passed on as it comes. */
export type RelayCall =
  | {
      readonly kind: 'family';
      readonly family: RelayFamily;
      /** Below the family's place, for example `images/generations`. */
      readonly path: string;
      /** What names the endpoint where neither header nor query do: the body's `model`, or that there is only one account. */
      readonly named: 'by-model' | 'by-account';
      readonly headerPolicy: HeaderPolicy;
    }
  | { readonly kind: 'realtime' }
  /** `path` is as the client wrote it, below the root of the provider's API. */
  | { readonly kind: 'raw'; readonly endpoint: string; readonly path: string };

export interface RelayRoute {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With `*` for one segment. */
  readonly path: string;
  readonly family: RelayFamily;
  /** Below the family's place, `*` being the same segments. */
  readonly target: string;
  readonly named: 'by-model' | 'by-account';
  readonly headerPolicy: HeaderPolicy;
}

const BY_MODEL: ReadonlyArray<readonly [family: RelayFamily, path: string]> = [
  ['images', '/v1/images/generations'],
  ['images', '/v1/images/edits'],
  ['images', '/v1/images/variations'],
  ['audio', '/v1/audio/speech'],
  ['audio', '/v1/audio/transcriptions'],
  ['audio', '/v1/audio/translations'],
  ['moderations', '/v1/moderations'],
  ['rerank', '/v1/rerank'],
  ['rerank-v2', '/v2/rerank'],
  ['responses', '/v1/responses/compact'],
];

/** Each as OpenAI has it, or, with the same meaning, at another path. */
const BY_ACCOUNT: ReadonlyArray<
  readonly [family: RelayFamily, method: RelayRoute['method'], path: string, meaning?: string]
> = [
  ['files', 'GET', '/v1/files'],
  ['files', 'POST', '/v1/files'],
  ['files', 'GET', '/v1/files/*'],
  ['files', 'DELETE', '/v1/files/*'],
  ['files', 'GET', '/v1/files/*/content'],
  ['files', 'GET', '/v1/files/*/url'],
  ['files', 'POST', '/v1/files/upload', '/v1/files'],
  ['files', 'POST', '/v1/uploads'],
  ['files', 'POST', '/v1/uploads/*/parts'],
  ['files', 'POST', '/v1/uploads/*/complete'],
  ['files', 'POST', '/v1/uploads/*/cancel'],
  ['batches', 'GET', '/v1/batches'],
  ['batches', 'POST', '/v1/batches'],
  ['batches', 'GET', '/v1/batches/*'],
  ['batches', 'POST', '/v1/batches/*/cancel'],
  ['batch-jobs', 'GET', '/v1/batch/jobs'],
  ['batch-jobs', 'POST', '/v1/batch/jobs'],
  ['batch-jobs', 'GET', '/v1/batch/jobs/*'],
  ['batch-jobs', 'POST', '/v1/batch/jobs/*/cancel'],
  ['responses', 'GET', '/v1/responses/*'],
  ['responses', 'DELETE', '/v1/responses/*'],
  ['responses', 'POST', '/v1/responses/*/cancel'],
  ['responses', 'GET', '/v1/responses/*/input_items'],
];

/** Where MLflow's gateway has one of OpenAI's paths, with the headers that pass there. */
const COMPACT: RelayRoute = {
  family: 'responses',
  method: 'POST',
  path: '/gateway/openai/v1/responses/compact',
  target: 'responses/compact',
  named: 'by-model',
  headerPolicy: 'all',
};

/**
 * OpenAI's paths, https://platform.openai.com/docs/api-reference; those that others have for ranking, for uploads and for
 * batches.
 */
export const RELAY_ROUTES: readonly RelayRoute[] = [
  COMPACT,
  ...BY_MODEL.map(([family, path]) => ({
    family,
    method: 'POST' as const,
    path,
    target: below(path),
    named: 'by-model' as const,
    headerPolicy: 'known' as const,
  })),
  ...BY_ACCOUNT.map(([family, method, path, meaning = path]) => ({
    family,
    method,
    path,
    target: below(meaning),
    named: 'by-account' as const,
    headerPolicy: 'known' as const,
  })),
];

export const REALTIME_PATH = '/v1/realtime';

/** Followed by the endpoint's name and a path of the provider's. */
export const RAW_PREFIX = '/gateway/proxy/';

/** Without the version, which is part of a family's place. */
function below(path: string): string {
  return path.slice(path.indexOf('/', 1) + 1);
}
