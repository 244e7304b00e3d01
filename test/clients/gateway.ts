import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../src/core/types.ts';
import { type GatewayProcess, startProcess } from '../support/gateway-process.ts';
import { anthropic, embeddingsEndpoint, FAMILIES, type Family, NEWER_CLAUDE } from './family.ts';
import { type MockUpstream, startMockUpstream } from './upstream/server.ts';

const CERTIFICATES = join(import.meta.dir, '..', 'conformance', 'fixtures', 'tls');

/** Sluice as a process of its own, in front of the mock. */
export interface Laboratory {
  readonly url: string;
  readonly mock: MockUpstream;
  stop(): Promise<void>;
}

/**
 * Each family has an endpoint of its name, one for embeddings, and `<name>-strict`, which refuses what would be lost.
 */
export async function startLaboratory(): Promise<Laboratory> {
  const file = (name: string): string => readFileSync(join(CERTIFICATES, name), 'utf8');
  const mock = startMockUpstream({ cert: file('server.pem'), key: file('server.key') });
  let gateway: GatewayProcess;
  try {
    gateway = await startProcess({
      config: {
        endpoints: [
          ...FAMILIES.flatMap((family) => endpoints(family, mock.url(family.name))),
          newerClaude(mock.url('anthropic')),
        ],
      },
      arguments: ['--log-level', 'error'],
      environment: { NODE_EXTRA_CA_CERTS: join(CERTIFICATES, 'authority.pem') },
    });
  } catch (error) {
    await mock.stop();
    throw error;
  }
  return {
    url: gateway.url,
    mock,
    stop: async () => {
      await gateway.kill();
      await mock.stop();
    },
  };
}

function endpoints(family: Family, base: string): JsonObject[] {
  const { name, chat, embeddings } = family;
  const model = chat(base);
  return [
    { name, endpoint_type: 'llm/v1/chat', model },
    { name: `${name}-strict`, endpoint_type: 'llm/v1/chat', model, strict: true },
    ...(embeddings
      ? [{ name: embeddingsEndpoint(family), endpoint_type: 'llm/v1/embeddings', model: embeddings(base) }]
      : []),
  ];
}

/** The first model that takes instructions between the turns, under the name by which Claude Code knows that. */
function newerClaude(base: string): JsonObject {
  return { name: NEWER_CLAUDE, endpoint_type: 'llm/v1/chat', model: { ...anthropic.chat(base), name: NEWER_CLAUDE } };
}
