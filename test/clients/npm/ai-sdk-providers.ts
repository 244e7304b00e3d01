import { join } from 'node:path';
import type { LanguageModel } from 'ai';
import { type NpmClient, npmClient, type Scenarios } from '../client.ts';
import { scenariosOf } from './ai-sdk.ts';

/** What a provider's package gives. Its types are not among this repository's. */
type CreateProvider = (options: { baseURL: string; apiKey: string }) => (model: string) => LanguageModel;

/** The Vercel AI SDK by its providers for Anthropic and Google, which are installed beside this repository's packages. */
export async function aiSdkProviders(modules: string): Promise<readonly NpmClient[]> {
  const [anthropic, google] = await Promise.all([
    load(modules, '@ai-sdk/anthropic', 'createAnthropic'),
    load(modules, '@ai-sdk/google', 'createGoogleGenerativeAI'),
  ]);
  return [
    npmClient('ai, anthropic', '@ai-sdk/anthropic', scenarios(anthropic, '/anthropic/v1'), asksByTool),
    npmClient('ai, google', '@ai-sdk/google', scenarios(google, '/gemini/v1beta'), overlooksErrors),
  ];
}

const asksByTool: NpmClient['cannot'] = (scenario, { impossible }) =>
  scenario === 'JSON schema' && impossible.tools
    ? 'Of models that it does not know by name, the client asks for JSON by a tool.'
    : null;

const overlooksErrors: NpmClient['cannot'] = (scenario) =>
  scenario === 'broken stream' ? 'The client takes an error within a stream for an event without content.' : null;

async function load(modules: string, name: string, create: string): Promise<CreateProvider> {
  const loaded: Readonly<Record<string, CreateProvider>> = await import(join(modules, name, 'dist', 'index.mjs'));
  const found = loaded[create];
  if (found === undefined) throw new Error(`${name} has no '${create}'.`);
  return found;
}

function scenarios(create: CreateProvider, base: string): Scenarios {
  return scenariosOf(({ url, model }) => create({ baseURL: url + base, apiKey: 'any' })(model));
}
