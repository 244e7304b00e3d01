import type { Metrics } from './metrics.ts';

const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];
const PERIOD_MILLISECONDS = 1000;

/** Looks once a second how late a thread's timers are. Returns what ends it. */
export function watchEventLoop(metrics: Metrics): () => void {
  const lag = metrics.histogram(
    'sluice_event_loop_lag_seconds',
    'How late the threads that serve requests come to what is due, looked at once a second.',
    BUCKETS,
  );
  let due = performance.now() + PERIOD_MILLISECONDS;
  const timer = setInterval(() => {
    const now = performance.now();
    lag.observe(Math.max(0, now - due) / 1000);
    due = now + PERIOD_MILLISECONDS;
  }, PERIOD_MILLISECONDS);
  timer.unref();
  return () => clearInterval(timer);
}
