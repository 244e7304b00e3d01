import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../test/conformance/free-port.ts';
import type { Gateway } from '../gateway.ts';
import { mlflowConfig, mlflowSurfaces } from '../mlflow-config.ts';
import { MeasuredProcess } from '../processes.ts';

const BIN = join(import.meta.dir, '..', '..', '.venv-mlflow', 'bin');

/** MLflow's own gateway, from the environment that `npm run test:mlflow` makes. */
export const mlflow: Gateway = {
  name: 'MLflow AI Gateway',
  missing: () => (existsSync(join(BIN, 'mlflow')) ? null : 'not installed: `npm run test:mlflow` installs it'),
  async start({ upstreams, cores, workers, folder }) {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const config = join(folder, 'mlflow.yaml');
    await Bun.write(config, mlflowConfig(upstreams));
    const start = ['gateway', 'start', '--config-path', config, '--port', String(port), '--workers', String(workers)];
    const measured = await MeasuredProcess.start({
      name: 'MLflow AI Gateway',
      command: [join(BIN, 'mlflow'), ...start],
      cores,
      environment: { PATH: `${BIN}:${process.env.PATH ?? ''}` },
      readyUrl: `${url}/health`,
    });
    return { process: measured, url, surfaces: mlflowSurfaces(url) };
  },
};
