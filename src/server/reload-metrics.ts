import type { Metrics } from '../telemetry/metrics.ts';

/** What became of the configurations that came. */
export interface ReloadMetrics {
  succeeded(): void;
  failed(): void;
}

export function reloadMetrics(metrics: Metrics): ReloadMetrics {
  const reloads = (result: string) =>
    metrics.counter('sluice_config_reloads_total', 'Configurations that came after the first.', { result });
  const accepted = reloads('accepted');
  const rejected = reloads('rejected');
  let isLastAccepted = true;
  let lastAcceptedAt = Date.now() / 1000;
  metrics.gauge('sluice_config_last_reload_successful', 'Whether the newest configuration is in force.', () =>
    isLastAccepted ? 1 : 0,
  );
  metrics.gauge(
    'sluice_config_last_reload_success_timestamp_seconds',
    'When the configuration in force was loaded.',
    () => lastAcceptedAt,
  );
  return {
    succeeded: () => {
      accepted.add(1);
      isLastAccepted = true;
      lastAcceptedAt = Date.now() / 1000;
    },
    failed: () => {
      rejected.add(1);
      isLastAccepted = false;
    },
  };
}
