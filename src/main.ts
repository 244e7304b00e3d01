import { isMainThread } from 'node:worker_threads';
import { LEDGER_THREAD } from './core/threads.ts';

// The same file starts the program and each of its threads, because an executable has one entry point.
if (isMainThread) {
  const { run } = await import('./cli/run.ts');
  process.exit(await run(process.argv.slice(2)));
} else if (process.argv.includes(LEDGER_THREAD)) {
  const { serveAsLedger } = await import('./server/ledger-entry.ts');
  serveAsLedger();
} else {
  const { serveAsWorker } = await import('./server/worker.ts');
  serveAsWorker();
}
