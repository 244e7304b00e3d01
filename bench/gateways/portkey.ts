import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../test/conformance/free-port.ts';
import { chatBody, type Gateway, type LoadTarget, streamBody, target } from '../gateway.ts';
import { MeasuredProcess } from '../processes.ts';

export const PORTKEY_FOLDER = join(import.meta.dir, '..', '..', '.venv-portkey');
const SERVER = join(PORTKEY_FOLDER, 'node_modules', '@portkey-ai', 'gateway', 'build', 'start-server.js');

/** https://github.com/Portkey-AI/gateway: the upstream is named by headers of each request. */
export const portkey: Gateway = {
  name: 'Portkey',
  missing: () => (existsSync(SERVER) ? null : 'not installed: `npm run bench -- --install-rivals` installs it'),
  async start({ upstreams, cores }) {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const measured = await MeasuredProcess.start({
      name: 'Portkey',
      command: ['node', SERVER, `--port=${port}`, '--headless'],
      cores,
      environment: { NODE_ENV: 'production' },
      readyUrl: `${url}/`,
    });
    const through = (base: string, body: string): LoadTarget =>
      target(`${url}/v1/chat/completions`, body, {
        'x-portkey-provider': 'openai',
        'x-portkey-custom-host': `${base}/v1`,
      });
    return {
      process: measured,
      url,
      surfaces: [
        {
          name: '/v1',
          chat: through(upstreams.chat, chatBody('gpt-4o-mini')),
          stream: through(upstreams.stream, streamBody('gpt-4o-mini')),
        },
      ],
    };
  },
};
