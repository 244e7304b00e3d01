import { providers as databricks } from './databricks/index.ts';
import { providers as mlflowModelServing } from './mlflow-model-serving/index.ts';
import { providers as openai } from './openai/index.ts';
import { providers as planned } from './planned/index.ts';
import { providers as presets } from './presets/index.ts';
import type { Provider } from './provider.ts';
import { providers as simulated } from './simulated/index.ts';

const ALL: readonly Provider[] = [
  ...openai,
  ...presets,
  ...databricks,
  ...mlflowModelServing,
  ...simulated,
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
