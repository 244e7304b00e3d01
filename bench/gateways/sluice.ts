import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../test/conformance/free-port.ts';
import { AUTHORITY_FILE } from '../../test/conformance/recorder.ts';
import type { Gateway } from '../gateway.ts';
import { mlflowConfig, mlflowSurfaces } from '../mlflow-config.ts';
import { MeasuredProcess } from '../processes.ts';

/** The built executable: `dist/sluice`, or another one to compare with. */
export function sluice(executable: string): Gateway {
  return {
    name: 'Sluice',
    missing: () => (existsSync(executable) ? null : `${executable} is missing: run \`npm run build\` first`),
    async start({ upstreams, cores, workers, folder, configuration }) {
      const port = await freePort();
      const url = `http://127.0.0.1:${port}`;
      const config = join(folder, 'sluice.yaml');
      await Bun.write(config, configuration ?? mlflowConfig(upstreams));
      const measured = await MeasuredProcess.start({
        name: `Sluice with ${workers} workers`,
        command: [executable, 'start', '--config-path', config, '--port', String(port), '--workers', String(workers)],
        cores,
        environment: { NODE_EXTRA_CA_CERTS: AUTHORITY_FILE },
        readyUrl: `${url}/health`,
      });
      return { process: measured, url, surfaces: mlflowSurfaces(url) };
    },
  };
}
