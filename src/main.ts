import { isMainThread } from 'node:worker_threads';

// The same file starts the program and each of its worker threads, because an executable has one entry point.
if (isMainThread) {
  const { run } = await import('./cli/run.ts');
  process.exit(await run(process.argv.slice(2)));
} else {
  const { serveAsWorker } = await import('./server/worker.ts');
  serveAsWorker();
}
