import { z } from 'zod';
import { apiKey, expandable } from './keys.ts';
import type { ProviderRegistry, ProviderRules } from './types.ts';

/** Providers for the tests of this folder, which lies below the real ones. */
const RULES: readonly ProviderRules[] = [
  {
    name: 'openai',
    displayName: 'OpenAI',
    schema: z
      .object({
        openai_api_key: apiKey(),
        openai_api_type: z.string().default('openai'),
        openai_api_base: z.string().nullish(),
        // As a provider might declare it that forgets to mark it.
        proxy_password: z.string().nullish(),
        openai_api_version: z.string().nullish(),
      })
      .superRefine((config, context) => {
        if (config.openai_api_type === 'openai' || config.openai_api_type === 'azure') return;
        const message = `Invalid OpenAI API type '${config.openai_api_type}'`;
        context.addIssue({ code: 'custom', message, path: ['openai_api_type'], params: { hint: 'openai or azure' } });
      }),
  },
  {
    name: 'mlflow-model-serving',
    displayName: 'MLflow Model Serving',
    schema: z.object({ model_server_url: expandable() }),
  },
  {
    name: 'made_up',
    displayName: 'Made Up',
    schema: z.object({
      settings: z.union([z.object({ token: apiKey() }), z.object({ role: z.string(), seconds: z.int().default(900) })]),
      extra: z.record(z.string(), z.unknown()).optional(),
    }),
    validate: ({ name }, operation) =>
      operation === 'chat' && !name?.startsWith('llama2')
        ? `An invalid model has been specified for the chat route. '${name}'.`
        : null,
  },
  { name: 'also-made-up', displayName: 'Made Up', aliasOf: 'made_up', schema: z.object({}) },
];

const spelling = (name: string) => name.replaceAll('-', '_').toUpperCase();

export const fakeRegistry: ProviderRegistry = {
  find: (configured) => RULES.find(({ name }) => spelling(name) === spelling(configured)),
  all: () => RULES,
};
