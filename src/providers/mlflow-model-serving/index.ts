import { z } from 'zod';
import { expandable } from '../../config/keys.ts';
import { joinUrl, openaiTarget } from '../openai-target.ts';
import type { Deployment, ModelSettings, OpenAITarget, Provider, TranslatedTarget } from '../provider.ts';
import { rawRelay } from '../relay-target.ts';
import type { Wire } from '../wire.ts';
import { chat, completions, embeddings } from './wire.ts';

const schema = z.object({
  model_server_url: expandable().describe('The URL of `mlflow models serve`, for example http://127.0.0.1:4000.'),
  model_server_format: z
    .enum(['predictions', 'openai'])
    .default('predictions')
    .describe('`openai` for a served model that takes and gives OpenAI’s shapes, such as a ChatModel.'),
});

type Config = z.output<typeof schema>;

/** https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally/#rest-api */
function deploy({ name, config }: ModelSettings<Config>): Deployment {
  const url = joinUrl(config.model_server_url, 'invocations');
  const target = (wire: Wire): TranslatedTarget => ({
    wire,
    takesModelParameter: true,
    destination: { method: 'POST', url, headers: [['content-type', 'application/json']] },
  });
  // The server tells the shapes apart by the names of the fields, so that all of them have one URL.
  const asItIs: OpenAITarget = {
    ...openaiTarget({ model: null, url, bearer: null }),
    takesModelParameter: true,
    streamsUsageUnasked: true,
  };
  const isOpenAI = config.model_server_format === 'openai';
  return {
    targets: {
      chat: isOpenAI ? asItIs : target(chat(name)),
      completions: isOpenAI ? asItIs : target(completions(name)),
      embeddings: isOpenAI ? asItIs : target(embeddings(name)),
    },
    relay: rawRelay(config.model_server_url, []),
    secrets: [],
  };
}

const modelServing: Provider<Config> = {
  name: 'mlflow-model-serving',
  displayName: 'MLflow Model Serving',
  schema,
  capabilities: {
    chat: 'one message a request; any number with `model_server_format: openai`',
    'chat-stream': 'with `model_server_format: openai`, where the server streams',
    completions: true,
    embeddings: true,
  },
  deploy,
};

export const providers: readonly Provider[] = [modelServing];
