import { Secret } from '../core/secret.ts';
import type { Operation } from '../core/types.ts';
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
  readonly url: string;
  /** Sent as `Authorization: Bearer …`; null for none. */
  readonly bearer: Secret | null;
  readonly headers?: ReadonlyArray<readonly [string, string | Secret]>;
  readonly mend?: OpenAITarget['mend'];
}

export function openaiTarget({ model, url, bearer, headers = [], mend }: OpenAITargetOptions): OpenAITarget {
  const authorization = bearer ? [['authorization', new Secret(`Bearer ${bearer.expose()}`)] as const] : [];
  return {
    wire: 'openai',
    model,
    destination: {
      method: 'POST',
      url,
      headers: [['content-type', 'application/json'], ...authorization, ...headers],
    },
    ...(mend && { mend }),
  };
}
