import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../src/core/types.ts';

/** One recorded exchange: what a client sent to MLflow's gateway, what went upstream, and what came back. */
export interface RecordedCase {
  readonly name: string;
  readonly endpoint: {
    readonly endpoint_type: string;
    readonly model: { readonly provider: string; readonly name?: string; readonly config?: JsonObject };
  };
  /** Where the client posts to; `/gateway/<endpoint>/invocations` when absent. */
  readonly path?: string;
  readonly request: JsonObject;
  /** What the provider answers; absent where it is never asked. */
  readonly upstream_answer?: UpstreamAnswer;
  /** What MLflow sent upstream, in order; absent where it does not matter. */
  readonly upstream_requests?: readonly RecordedRequest[];
  /** The upstream body may hold more than MLflow sent, because MLflow loses part of the request. */
  readonly richer_upstream_body?: boolean;
  readonly answer: RecordedAnswer;
}

export interface RecordedRequest {
  readonly method: string;
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface UpstreamAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly content_type?: string;
  /** Sent as it stands where it is a string: JSON text in which `1.0` must not become `1`, or another type. */
  readonly body?: unknown;
  /** Sent one by one, as a stream. */
  readonly chunks?: readonly string[];
}

export type RecordedAnswer =
  /** MLflow broke here, so anything that a client can read is better. */
  'answer or JSON error' | { readonly status: number; readonly body?: unknown; readonly stream?: string };

const FIXTURES = join(import.meta.dir, 'fixtures');

/** Every recorded case, from one file per provider. */
export async function readCases(): Promise<RecordedCase[]> {
  const files = readdirSync(FIXTURES).filter((name) => name.endsWith('.json'));
  const lists = await Promise.all(
    files.sort().map((name) => Bun.file(join(FIXTURES, name)).json() as Promise<RecordedCase[]>),
  );
  return lists.flat();
}
