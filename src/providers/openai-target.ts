import { Secret } from '../core/secret.ts';
import type { Operation } from '../core/types.ts';
import type { Destination } from '../upstream/port.ts';
import type { OpenAITarget } from './provider.ts';

export const PATHS: Readonly<Record<Operation, string>> = {
  chat: 'chat/completions',
  completions: 'completions',
  embeddings: 'embeddings',
};

export function joinUrl(base: string, path: string): string {
  return `${base.replace(/\/+$/, '')}/${path}`;
}

interface OpenAITargetOptions {
  readonly model: string | null;
  readonly servedModel?: string | null;
  readonly url: string;
  /** Sent as `Authorization: Bearer …`; null for none. */
  readonly bearer: Secret | null;
  readonly headers?: ReadonlyArray<readonly [string, string | Secret]>;
  readonly mend?: OpenAITarget['mend'];
  readonly extensions?: OpenAITarget['extensions'];
}

export function openaiTarget(options: OpenAITargetOptions): OpenAITarget {
  const { model, servedModel, url, bearer, headers, mend, extensions } = options;
  return {
    wire: 'openai',
    model,
    ...(servedModel && { servedModel }),
    destination: jsonDestination(url, bearer, headers),
    ...(mend && { mend }),
    ...(extensions && { extensions }),
  };
}

/** For JSON requests, with the key as `Authorization: Bearer …`; null for none. */
export function jsonDestination(
  url: string,
  bearer: Secret | null,
  headers: ReadonlyArray<readonly [string, string | Secret]> = [],
): Destination {
  const authorization = bearer ? [['authorization', new Secret(`Bearer ${bearer.expose()}`)] as const] : [];
  return { method: 'POST', url, headers: [['content-type', 'application/json'], ...authorization, ...headers] };
}
