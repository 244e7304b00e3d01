import type { Operation } from '../../core/types.ts';
import type { OpenAITarget, Provider } from '../provider.ts';
import { type Settings, settingsSchema } from './settings.ts';
import { simulatedTransport } from './transport.ts';

/** A built-in model for trying out, tests and load tests. It needs no key and no network, and always says the same. */
const simulated: Provider<Settings> = {
  name: 'simulated',
  displayName: 'Simulated',
  schema: settingsSchema,
  capabilities: {
    chat: true,
    'chat-stream': true,
    tools: 'calls the first tool, where `tool_choice` asks for one',
    'tool-stream': true,
    completions: true,
    'completions-stream': true,
    embeddings: true,
  },
  deploy: ({ name, config }) => {
    const model = name ?? 'simulated';
    const target = (operation: Operation): OpenAITarget => ({
      wire: 'openai',
      model,
      destination: { method: 'POST', url: 'http://simulated.invalid/', headers: [] },
      transport: simulatedTransport(operation, model, config),
    });
    return {
      targets: { chat: target('chat'), completions: target('completions'), embeddings: target('embeddings') },
      noRelay: 'It answers by itself, and there is no provider behind it.',
      secrets: [],
    };
  },
};

export const providers: readonly Provider[] = [simulated];
