import { z } from 'zod';
import type { Provider } from '../provider.ts';

/**
 * Providers that MLflow's configuration may name, but whose chat, completions and embeddings MLflow cannot reach
 * either: TypeSafe has an API of another kind, and for SAP AI Core no URL can be configured. Their endpoints load, so
 * that a file with one of them still starts, and answer 501.
 */
const PLANNED: ReadonlyArray<readonly [name: string, displayName: string]> = [
  ['sap-ai-core', 'SAP AI Core'],
  ['typesafe', 'TypeSafe'],
];

export const providers: readonly Provider[] = PLANNED.map(([name, displayName]) => ({
  name,
  displayName,
  schema: z.looseObject({}),
  planned: true,
  deploy: () => ({ targets: {}, secrets: [] }),
}));
