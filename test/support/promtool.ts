/**
 * Runs Prometheus' own tool, where it is installed (Debian: `prometheus`); null where it is not. With
 * SLUICE_TEST_PROMTOOL=required its absence is an error.
 */
export function promtool(words: readonly string[], input = ''): { code: number; output: string } | null {
  const path = process.env.PROMTOOL ?? Bun.which('promtool');
  if (path === null) {
    if (process.env.SLUICE_TEST_PROMTOOL === 'required') throw new Error('promtool is not installed');
    return null;
  }
  const { exitCode, stdout, stderr } = Bun.spawnSync([path, ...words], { stdin: Buffer.from(input) });
  return { code: exitCode, output: stdout.toString() + stderr.toString() };
}
