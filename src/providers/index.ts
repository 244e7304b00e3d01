import { providers as ai21labs } from './ai21labs/index.ts';
import { providers as anthropic } from './anthropic/index.ts';
import { providers as bedrock } from './bedrock/index.ts';
import { providers as cohere } from './cohere/index.ts';
import { providers as databricks } from './databricks/index.ts';
import { providers as gemini } from './gemini/index.ts';
import { providers as huggingfaceTgi } from './huggingface-tgi/index.ts';
import { providers as litellm } from './litellm/index.ts';
import { providers as mistral } from './mistral/index.ts';
import { providers as mlflowModelServing } from './mlflow-model-serving/index.ts';
import { providers as mosaicml } from './mosaicml/index.ts';
import { providers as openai } from './openai/index.ts';
import { providers as palm } from './palm/index.ts';
import { providers as planned } from './planned/index.ts';
import { providers as presets } from './presets/index.ts';
import type { Provider } from './provider.ts';
import { providers as simulated } from './simulated/index.ts';
import { providers as togetherai } from './togetherai/index.ts';
import { providers as vertexAi } from './vertex-ai/index.ts';

const ALL: readonly Provider[] = [
  ...anthropic,
  ...openai,
  ...presets,
  ...databricks,
  ...mlflowModelServing,
  ...simulated,
  ...bedrock,
  ...gemini,
  ...vertexAi,
  ...palm,
  ...mistral,
  ...cohere,
  ...togetherai,
  ...ai21labs,
  ...huggingfaceTgi,
  ...mosaicml,
  ...litellm,
  ...planned,
];

/** MLflow compares enum member names, so case does not matter and `-` equals `_`. */
const memberName = (name: string): string => name.replaceAll('-', '_').toUpperCase();

const BY_MEMBER_NAME: ReadonlyMap<string, Provider> = new Map(
  ALL.map((provider) => [memberName(provider.name), provider]),
);

/** Every provider, found by the name that a configuration uses. */
export const providers = {
  find: (configured: string): Provider | undefined => BY_MEMBER_NAME.get(memberName(configured)),
  all: (): readonly Provider[] => ALL,
};
