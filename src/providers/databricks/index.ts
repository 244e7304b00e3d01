import { z } from 'zod';
import { apiKey, expandable } from '../../config/keys.ts';
import type { JsonObject, Operation } from '../../core/types.ts';
import { isJsonObject } from '../../core/types.ts';
import { joinUrl, openaiTarget, PATHS } from '../openai-target.ts';
import type { Deployment, ModelSettings, Provider } from '../provider.ts';

const schema = z.object({
  host: expandable()
    .prefault('$DATABRICKS_HOST')
    .describe('The URL of the workspace, for example https://adb-123.azuredatabricks.net.'),
  token: apiKey().prefault('$DATABRICKS_TOKEN').describe('A personal access token.'),
});

type Config = z.output<typeof schema>;

/** https://docs.databricks.com/aws/en/machine-learning/model-serving/score-foundation-models */
function deploy({ name, config }: ModelSettings<Config>): Deployment {
  const host = /^https?:\/\//.test(config.host) ? config.host : `https://${config.host}`;
  // A name of three parts is a model in Unity Catalog.
  const isCatalogName = (name?.split('.').length ?? 0) > 2;
  const base = joinUrl(host, isCatalogName ? 'ai-gateway/mlflow/v1' : 'serving-endpoints');
  const target = (operation: Operation) =>
    openaiTarget({ model: name, url: joinUrl(base, PATHS[operation]), bearer: config.token, mend: joinTextParts });
  return { targets: { chat: target('chat'), embeddings: target('embeddings') }, secrets: [config.token] };
}

const PLAIN_PARTS = ['text', 'image_url', 'input_audio'];

/** Some served models answer with content as a list of parts, which OpenAI's clients do not read. */
export function joinTextParts(answer: JsonObject): boolean {
  let changed = false;
  for (const choice of Array.isArray(answer.choices) ? answer.choices : []) {
    const message = isJsonObject(choice) ? choice.message : null;
    if (!isJsonObject(message) || !Array.isArray(message.content)) continue;
    const parts = message.content.filter((part) => isJsonObject(part) && PLAIN_PARTS.includes(String(part.type)));
    const onlyText = parts.every((part) => part.type === 'text');
    message.content = onlyText ? parts.map((part) => String(part.text ?? '')).join('\n') || null : parts;
    changed = true;
  }
  return changed;
}

const common = { displayName: 'Databricks', schema, deploy } as const;

export const providers: readonly Provider[] = [
  { name: 'databricks', ...common } satisfies Provider<Config>,
  { name: 'databricks-model-serving', aliasOf: 'databricks', ...common } satisfies Provider<Config>,
];
