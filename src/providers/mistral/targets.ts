import type { Secret } from '../../core/secret.ts';
import { joinUrl, jsonDestination, openaiTarget, PATHS } from '../openai-target.ts';
import type { Deployment, OpenAITarget, TranslatedTarget } from '../provider.ts';
import { relayTarget } from '../relay-target.ts';
import { mend, mendChunk, mendModel } from './answer.ts';
import { completions, infill } from './completions.ts';
import { adjustChat, adjustEmbeddings } from './request.ts';

export const BASE = 'https://api.mistral.ai/v1';
const REQUEST_ID = { requestIdHeader: 'mistral-correlation-id' };

/** https://docs.mistral.ai/api */
export function mistralDeployment(model: string | null, key: Secret, base: string = BASE): Deployment {
  return {
    targets: targets(model, key, base),
    relay: relayTarget({ model, base, bearer: key, families: ['audio', 'moderations', 'files', 'batch-jobs'] }),
    secrets: [key],
  };
}

function targets(model: string | null, key: Secret, base: string): Deployment['targets'] {
  const chat: OpenAITarget = {
    ...openaiTarget({ model, url: joinUrl(base, PATHS.chat), bearer: key, mend }),
    adjust: adjustChat,
    mendChunk,
    streamsUsageUnasked: true,
    ...REQUEST_ID,
  };
  const embeddings: OpenAITarget = {
    ...openaiTarget({ model, url: joinUrl(base, PATHS.embeddings), bearer: key }),
    adjust: adjustEmbeddings,
    mend: (answer) => mendModel(answer, model),
    ...REQUEST_ID,
  };
  return { chat, completions: completionsTarget(model, key, base), embeddings };
}

function completionsTarget(model: string | null, key: Secret, base: string): TranslatedTarget {
  const target = {
    wire: infill(model),
    destination: jsonDestination(joinUrl(base, 'fim/completions'), key),
    ...REQUEST_ID,
  };
  return {
    wire: completions(model),
    destination: jsonDestination(joinUrl(base, PATHS.chat), key),
    alternative: {
      serves: ({ rest }) => typeof rest.suffix === 'string',
      target,
    },
    ...REQUEST_ID,
  };
}
