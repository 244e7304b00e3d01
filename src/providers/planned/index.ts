import { z } from 'zod';
import type { Provider } from '../provider.ts';

/**
 * Providers that MLflow's configuration may name and that this version cannot reach yet. Their endpoints load, so that
 * a file with one of them still starts, and answer 501.
 */
const PLANNED: ReadonlyArray<readonly [name: string, displayName: string]> = [
  ['anthropic', 'Anthropic'],
  ['gemini', 'Gemini'],
  ['vertex_ai', 'Vertex AI'],
  ['bedrock', 'Amazon Bedrock'],
  ['amazon-bedrock', 'Amazon Bedrock'],
  ['mistral', 'Mistral'],
  ['cohere', 'Cohere'],
  ['togetherai', 'TogetherAI'],
  ['ai21labs', 'AI21Labs'],
  ['mosaicml', 'MosaicML'],
  ['palm', 'PaLM'],
  ['huggingface-text-generation-inference', 'Hugging Face Text Generation Inference'],
  ['litellm', 'LiteLLM'],
  ['sap-ai-core', 'SAP AI Core'],
  ['typesafe', 'TypeSafe'],
];

export const providers: readonly Provider[] = PLANNED.map(([name, displayName]) => ({
  name,
  displayName,
  schema: z.looseObject({}),
  planned: true,
  ...(name === 'amazon-bedrock' && { aliasOf: 'bedrock' }),
  deploy: () => ({ targets: {}, secrets: [] }),
}));
