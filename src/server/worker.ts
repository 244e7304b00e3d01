import type { Family } from '../telemetry/metrics.ts';
import type { Supervisor } from './gateway-node.ts';
import type { LedgerAnswer } from './ledger-protocol.ts';
import { ListenError } from './listen-error.ts';
import { surviveLostOutput } from './lost-output.ts';
import { startWorker, type WorkerHandle } from './worker-handle.ts';
import type { FromWorker, ToWorker } from './worker-thread.ts';

/** The supervisor's side of this thread. */
declare const self: {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker): void;
};

const collecting = new Map<number, (collections: ReadonlyArray<readonly Family[]>) => void>();
let nextId = 0;
let handle: WorkerHandle | null = null;

const asking = new Map<number, (answer: LedgerAnswer) => void>();

const supervisor: Supervisor = {
  collectMetrics: () =>
    new Promise<ReadonlyArray<readonly Family[]>>((resolve) => {
      nextId += 1;
      collecting.set(nextId, resolve);
      self.postMessage({ type: 'collect all', id: nextId });
    }),
  toLedger: (message) => self.postMessage({ type: 'to ledger', message }),
  askLedger: (name, question) =>
    new Promise((resolve) => {
      nextId += 1;
      asking.set(nextId, resolve);
      self.postMessage({ type: 'ask ledger', id: nextId, name, question });
    }),
};

/** The supervisor has checked the text, but a key file can vanish in between; the configuration in force then stays. */
function apply(configText: string): void {
  try {
    handle?.apply(configText);
  } catch (error) {
    handle?.reject(error instanceof Error ? error.message : String(error));
  }
}

function failure(error: unknown): FromWorker {
  if (error instanceof ListenError) return { type: 'not listening', message: error.message, code: error.code };
  return { type: 'failed', message: error instanceof Error ? error.message : String(error) };
}

async function receive(message: ToWorker): Promise<void> {
  switch (message.type) {
    case 'start':
      try {
        handle = startWorker(message.settings, supervisor);
        self.postMessage({ type: 'listening', port: await handle.listening });
      } catch (error) {
        self.postMessage(failure(error));
      }
      return;
    case 'apply':
      return apply(message.configText);
    case 'reject':
      return handle?.reject(message.summary);
    case 'note':
      return handle?.note(message.event, message.isQuiet);
    case 'collect':
      self.postMessage({ type: 'metrics', id: message.id, families: (await handle?.collectMetrics()) ?? [] });
      return;
    case 'collected':
      collecting.get(message.id)?.(message.collections);
      collecting.delete(message.id);
      return;
    case 'ledger answered':
      asking.get(message.id)?.(message.answer);
      asking.delete(message.id);
      return;
    case 'drain':
      self.postMessage({ type: 'drained', drained: (await handle?.drain(message.times)) ?? true });
      return;
    case 'close':
      await handle?.close(message.deadlineMs);
      self.postMessage({ type: 'closed' });
      return;
  }
}

export function serveAsWorker(): void {
  surviveLostOutput();
  self.onmessage = ({ data }) => void receive(data);
  self.postMessage({ type: 'ready' });
}
