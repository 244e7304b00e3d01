import type { Secret } from '../../core/secret.ts';
import type { Operation } from '../../core/types.ts';
import { joinUrl, openaiTarget, PATHS } from '../openai-target.ts';
import type { Deployment, OpenAITarget } from '../provider.ts';
import { relayTarget } from '../relay-target.ts';
import { mend } from './mend.ts';
import { adjust, adjustEmbeddings } from './request.ts';

export const BASE = 'https://api.together.xyz/v1';

/** https://docs.together.ai/reference */
export function togetherDeployment(model: string | null, key: Secret, base: string = BASE): Deployment {
  const families = ['images', 'audio', 'rerank', 'files', 'batches', 'realtime'] as const;
  const relay = relayTarget({ model, base, bearer: key, families, uploadPath: 'files/upload' });
  return { targets: targets(model, key, base), relay, secrets: [key] };
}

function targets(model: string | null, key: Secret, base: string): Deployment['targets'] {
  const target = (operation: Operation): OpenAITarget => ({
    ...openaiTarget({ model, url: joinUrl(base, PATHS[operation]), bearer: key }),
    adjust: operation === 'embeddings' ? adjustEmbeddings : adjust,
    mend: (answer) => mend(answer, model),
    mendChunk: (chunk) => mend(chunk, model),
    streamsUsageUnasked: true,
    extensions: ['top_k'],
    // As with MLflow, whose clients may choose another model of the provider.
    takesModelParameter: true,
  });
  return { chat: target('chat'), completions: target('completions'), embeddings: target('embeddings') };
}
