import { z } from 'zod';
import { expandable } from '../../config/keys.ts';
import { joinUrl } from '../openai-target.ts';
import type { Provider, TranslatedTarget } from '../provider.ts';
import type { Wire } from '../wire.ts';
import { chat, completions, embeddings } from './wire.ts';

const schema = z.object({
  model_server_url: expandable().describe('The URL of `mlflow models serve`, for example http://127.0.0.1:4000.'),
});

/** https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally/#rest-api */
const modelServing: Provider<z.output<typeof schema>> = {
  name: 'mlflow-model-serving',
  displayName: 'MLflow Model Serving',
  schema,
  deploy: ({ name, config }) => {
    const url = joinUrl(config.model_server_url, 'invocations');
    const target = (wire: Wire): TranslatedTarget => ({
      wire,
      takesModelParameter: true,
      destination: { method: 'POST', url, headers: [['content-type', 'application/json']] },
    });
    return {
      targets: {
        chat: target(chat(name)),
        completions: target(completions(name)),
        embeddings: target(embeddings(name)),
      },
      secrets: [],
    };
  },
};

export const providers: readonly Provider[] = [modelServing];
