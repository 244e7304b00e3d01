import type { AuditNote } from '../core/audit/audit-event.ts';
import type { Family } from '../telemetry/metrics.ts';
import { ENTRY_POINT } from './entry-point.ts';
import type { DrainTimes, Supervisor } from './gateway-node.ts';
import type { FromJournal, LedgerAnswer, LedgerQuestion } from './ledger-protocol.ts';
import { ListenError } from './listen-error.ts';
import type { WorkerHandle, WorkerSettings } from './worker-handle.ts';

/** From the supervisor to a worker thread. */
export type ToWorker =
  | { readonly type: 'start'; readonly settings: WorkerSettings }
  | { readonly type: 'apply'; readonly configText: string }
  | { readonly type: 'reject'; readonly summary: string }
  | { readonly type: 'collect'; readonly id: number }
  | { readonly type: 'note'; readonly event: AuditNote; readonly isQuiet: boolean }
  | { readonly type: 'collected'; readonly id: number; readonly collections: ReadonlyArray<readonly Family[]> }
  | { readonly type: 'ledger answered'; readonly id: number; readonly answer: LedgerAnswer }
  | { readonly type: 'drain'; readonly times: DrainTimes }
  | { readonly type: 'close'; readonly deadlineMs: number };

/** From a worker thread to the supervisor. */
export type FromWorker =
  /** It receives messages now; those sent before would be lost. */
  | { readonly type: 'ready' }
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'failed'; readonly message: string }
  /** The port cannot be had. */
  | { readonly type: 'not listening'; readonly message: string; readonly code: string | null }
  | { readonly type: 'metrics'; readonly id: number; readonly families: readonly Family[] }
  | { readonly type: 'collect all'; readonly id: number }
  | { readonly type: 'to ledger'; readonly message: FromJournal }
  | {
      readonly type: 'ask ledger';
      readonly id: number;
      readonly name: LedgerQuestion;
      readonly question: unknown;
    }
  | { readonly type: 'drained'; readonly drained: boolean }
  | { readonly type: 'closed' };

/** Starts a worker in a thread of its own and answers what it asks of the supervisor. */
export function startWorkerThread(
  settings: WorkerSettings,
  supervisor: Supervisor,
  onCrash: (message: string) => void,
): WorkerHandle {
  const worker = new Worker(ENTRY_POINT);
  const send = (message: ToWorker) => worker.postMessage(message);
  const listening = Promise.withResolvers<number>();
  const drained = Promise.withResolvers<boolean>();
  const closed = Promise.withResolvers<void>();
  const collecting = new Map<number, (families: readonly Family[]) => void>();
  let nextId = 0;

  worker.onerror = (event) => {
    listening.reject(new Error(event.message));
    onCrash(event.message);
  };
  worker.onmessage = async ({ data }: MessageEvent<FromWorker>) => {
    if (data.type === 'ready') send({ type: 'start', settings });
    else if (data.type === 'listening') listening.resolve(data.port);
    else if (data.type === 'failed') listening.reject(new Error(data.message));
    else if (data.type === 'not listening') listening.reject(new ListenError(data.message, data.code));
    else if (data.type === 'drained') drained.resolve(data.drained);
    else if (data.type === 'closed') closed.resolve();
    else if (data.type === 'to ledger') supervisor.toLedger(data.message);
    else if (data.type === 'ask ledger') {
      send({ type: 'ledger answered', id: data.id, answer: await supervisor.askLedger(data.name, data.question) });
    } else if (data.type === 'metrics') {
      collecting.get(data.id)?.(data.families);
      collecting.delete(data.id);
    } else {
      send({ type: 'collected', id: data.id, collections: await supervisor.collectMetrics() });
    }
  };
  return {
    listening: listening.promise,
    apply: (configText) => send({ type: 'apply', configText }),
    reject: (summary) => send({ type: 'reject', summary }),
    collectMetrics: () =>
      new Promise((resolve) => {
        nextId += 1;
        collecting.set(nextId, resolve);
        send({ type: 'collect', id: nextId });
      }),
    note: (event, isQuiet) => send({ type: 'note', event, isQuiet }),
    drain: (times) => {
      send({ type: 'drain', times });
      return drained.promise;
    },
    close: async (deadlineMs) => {
      send({ type: 'close', deadlineMs });
      await closed.promise;
      worker.terminate();
    },
  };
}
