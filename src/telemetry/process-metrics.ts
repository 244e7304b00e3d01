import { readdirSync, readFileSync } from 'node:fs';
import { VERSION } from '../core/version.ts';
import { Metrics } from './metrics.ts';

/** What holds for the whole process, whatever its threads: https://prometheus.io/docs/instrumenting/writing_clientlibs/ */
export function processMetrics(): Metrics {
  const metrics = new Metrics();
  const startedAt = Date.now() / 1000 - process.uptime();
  metrics.gauge('sluice_build_info', 'The version that runs.', () => 1, {
    version: VERSION,
    runtime: process.versions.bun === undefined ? `node ${process.versions.node}` : `bun ${process.versions.bun}`,
  });
  metrics.gauge('process_start_time_seconds', 'When the process started.', () => startedAt);
  metrics.gauge('process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss());
  metrics.counterFrom('process_cpu_seconds_total', 'User and system CPU time.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  // Only Linux tells without a command.
  if (openFiles() > 0) {
    const most = fileLimit();
    metrics.gauge('process_open_fds', 'Open file descriptors.', openFiles);
    if (most !== null) metrics.gauge('process_max_fds', 'File descriptors that may be open.', () => most);
  }
  return metrics;
}

function openFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}

function fileLimit(): number | null {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return soft === undefined ? null : Number(soft);
  } catch {
    return null;
  }
}
