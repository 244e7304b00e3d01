import type { FromLedger, ToLedger } from './ledger-protocol.ts';
import { LedgerThread } from './ledger-thread.ts';
import { surviveLostOutput } from './lost-output.ts';

/** The supervisor's side of this thread. */
declare const self: {
  onmessage: ((event: MessageEvent<ToLedger>) => void) | null;
  postMessage(message: FromLedger): void;
};

/** What comes while the thread is still being set up waits for it. */
let thread: Promise<LedgerThread> | null = null;

async function receive(message: ToLedger): Promise<void> {
  if (message.type === 'start') {
    thread = LedgerThread.start(message.settings);
    await thread;
    return;
  }
  const ledger = await thread;
  if (ledger === null) return;
  switch (message.type) {
    case 'segment':
    case 'wake':
    case 'capture':
      return ledger.receive(message);
    case 'ask':
      self.postMessage({ type: 'answer', id: message.id, answer: await ledger.answer(message.name, message.question) });
      return;
    case 'collect':
      self.postMessage({ type: 'metrics', id: message.id, families: ledger.collectMetrics() });
      return;
    case 'apply':
      return ledger.apply(message.config);
    case 'reopen':
      return ledger.reopen();
    case 'stop':
      self.postMessage({ type: 'stopped', isEmpty: await ledger.stop(message.deadlineMs) });
      return;
  }
}

export function serveAsLedger(): void {
  surviveLostOutput();
  self.onmessage = ({ data }) => void receive(data);
  self.postMessage({ type: 'ready' });
}
