import { PLAIN_PATH } from '../dialects/dialect.ts';
import { mlflow } from '../dialects/mlflow/index.ts';
import { trackingInvocations, trackingUnified } from '../dialects/mlflow/tracking-server.ts';
import type { Snapshot } from '../gateway/snapshot.ts';
import { segmentOf } from './path-segment.ts';
import type { Invocation, InvocationEntry } from './route-table.ts';

/** The calls of MLflow's gateway, by the endpoint's own path, and those of its tracking server. */
export function mlflowInvocations(snapshot: Snapshot): InvocationEntry[] {
  const entries: InvocationEntry[] = [
    ['/gateway/mlflow/v1/chat/completions', unified('chat')],
    ['/gateway/mlflow/v1/embeddings', unified('embeddings')],
  ];
  for (const callable of snapshot.callables.values()) {
    const { encoded, plain } = segmentOf(callable.name);
    const common = { kind: 'invocation', operation: callable.operation, path: PLAIN_PATH, callable } as const;
    const invocation: Invocation = { ...common, dialect: mlflow, headerPolicy: 'known' };
    const onTracking: Invocation = { ...common, dialect: trackingInvocations, headerPolicy: 'known' };
    entries.push(
      [`/gateway/${encoded}/invocations`, invocation, `/gateway/${plain}/invocations`],
      [`/endpoints/${encoded}/invocations`, invocation, `/endpoints/${plain}/invocations`],
      [`/gateway/${encoded}/mlflow/invocations`, onTracking, `/gateway/${plain}/mlflow/invocations`],
    );
  }
  return entries;
}

function unified(operation: Invocation['operation']): Invocation {
  return {
    kind: 'invocation',
    dialect: trackingUnified,
    operation,
    path: PLAIN_PATH,
    callable: null,
    headerPolicy: 'known',
  };
}
