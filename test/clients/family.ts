import type { JsonObject } from '../../src/core/types.ts';
import type { Scenario } from './scenario.ts';
import { KEY, STATUSES } from './upstream/server.ts';

/** Why a cell cannot hold. */
export interface Impossible {
  readonly reason: string;
  /** What a strict endpoint does: refuse the request in the client's own words, or nothing that could be shown. */
  readonly shown: 'refused' | 'not at all';
}

/** A kind of upstream, behind the gateway as endpoints of its own. */
export interface Family {
  readonly name: string;
  readonly title: string;
  /** Of the model for chats, given the mock's base URL. */
  readonly chat: (base: string) => JsonObject;
  /** Of the model for embeddings; null where the vendor has none. */
  readonly embeddings: ((base: string) => JsonObject) | null;
  /** The status that the client sees where the vendor has another one. */
  readonly statuses: Readonly<Record<number, number>>;
  readonly countsTokens: 'exactly' | 'as an estimate';
  readonly hasUsage: boolean;
  /** Whether instructions can stand beside the prompt. */
  readonly takesInstructions: boolean;
  readonly impossible: Partial<Readonly<Record<Scenario, Impossible>>>;
}

const refused = (reason: string): Impossible => ({ reason, shown: 'refused' });
const absent = (reason: string): Impossible => ({ reason, shown: 'not at all' });

const openaiConfig = (base: string): JsonObject => ({ openai_api_key: KEY, openai_api_base: `${base}/v1` });

const openai: Family = {
  name: 'openai',
  title: 'OpenAI',
  chat: (base) => ({ provider: 'openai', name: 'gpt-5', config: openaiConfig(base) }),
  embeddings: (base) => ({ provider: 'openai', name: 'text-embedding-3-small', config: openaiConfig(base) }),
  statuses: STATUSES.openai,
  countsTokens: 'as an estimate',
  hasUsage: true,
  takesInstructions: true,
  impossible: {},
};

/** A model that can do what Claude Code expects of those of its day. */
export const NEWER_CLAUDE = 'claude-opus-4-8';

export const anthropic: Family = {
  name: 'anthropic',
  title: 'Anthropic',
  chat: (base) => ({
    provider: 'anthropic',
    name: 'claude-sonnet-4-5',
    config: { anthropic_api_key: KEY, anthropic_api_base: `${base}/v1` },
  }),
  embeddings: null,
  statuses: STATUSES.anthropic,
  countsTokens: 'exactly',
  hasUsage: true,
  takesInstructions: true,
  impossible: { embeddings: absent('Anthropic has no embeddings.') },
};

const geminiConfig = (base: string): JsonObject => ({ gemini_api_key: KEY, gemini_api_base: `${base}/v1beta` });

const gemini: Family = {
  name: 'gemini',
  title: 'Gemini',
  chat: (base) => ({ provider: 'gemini', name: 'gemini-3-flash-preview', config: geminiConfig(base) }),
  embeddings: (base) => ({ provider: 'gemini', name: 'gemini-embedding-001', config: geminiConfig(base) }),
  statuses: STATUSES.gemini,
  countsTokens: 'exactly',
  hasUsage: true,
  takesInstructions: true,
  impossible: {},
};

const bedrockConfig = (base: string): JsonObject => ({
  aws_config: {
    aws_access_key_id: 'AKIAMOCK',
    aws_secret_access_key: KEY,
    aws_region: 'eu-central-1',
    aws_endpoint_url: base,
  },
});

const bedrock: Family = {
  name: 'bedrock',
  title: 'Bedrock',
  chat: (base) => ({
    provider: 'bedrock',
    name: 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0',
    config: bedrockConfig(base),
  }),
  embeddings: (base) => ({ provider: 'bedrock', name: 'amazon.titan-embed-text-v2:0', config: bedrockConfig(base) }),
  statuses: STATUSES.bedrock,
  countsTokens: 'as an estimate',
  hasUsage: true,
  takesInstructions: true,
  impossible: {},
};

const NO_STREAM = refused('`mlflow models serve` gives the answers of such a model whole.');
const ONE_TEXT = 'Such a model takes one text.';

/** A model of any flavour, which takes a text and gives one. */
const mlflow: Family = {
  name: 'mlflow',
  title: 'MLflow model',
  chat: (base) => ({ provider: 'mlflow-model-serving', name: 'served', config: { model_server_url: base } }),
  embeddings: (base) => ({
    provider: 'mlflow-model-serving',
    name: 'served',
    config: { model_server_url: `${base}/embeddings` },
  }),
  statuses: STATUSES.mlflow,
  countsTokens: 'as an estimate',
  hasUsage: false,
  takesInstructions: false,
  impossible: {
    stream: NO_STREAM,
    tools: refused(ONE_TEXT),
    'tool stream': NO_STREAM,
    'parallel tools': refused(ONE_TEXT),
    image: refused(ONE_TEXT),
    reasoning: absent(ONE_TEXT),
    'broken stream': absent(NO_STREAM.reason),
  },
};

/** A `ChatModel` or `ResponsesAgent` of MLflow, which takes OpenAI's shapes. */
const mlflowChat: Family = {
  ...mlflow,
  name: 'mlflow-chat',
  title: 'MLflow chat model',
  chat: (base) => ({
    provider: 'mlflow-model-serving',
    name: 'served',
    config: { model_server_url: base, model_server_format: 'openai' },
  }),
  embeddings: null,
  hasUsage: true,
  takesInstructions: true,
  impossible: {
    embeddings: absent('A chat model has no embeddings; those of the column beside it do.'),
    reasoning: absent('OpenAI’s chat format shows no thoughts.'),
  },
};

export const FAMILIES: readonly Family[] = [openai, anthropic, gemini, bedrock, mlflow, mlflowChat];

/** The endpoint of a family's embeddings. Google's client for Python takes a name with `gemini` for another kind of model. */
export function embeddingsEndpoint({ name }: Family): string {
  return `embeddings-${FAMILIES.findIndex((family) => family.name === name)}`;
}
