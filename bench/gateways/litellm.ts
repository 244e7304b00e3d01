import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../test/conformance/free-port.ts';
import { chatBody, type Gateway, streamBody, target } from '../gateway.ts';
import { MeasuredProcess } from '../processes.ts';

export const LITELLM_FOLDER = join(import.meta.dir, '..', '..', '.venv-litellm');
const EXECUTABLE = join(LITELLM_FOLDER, 'bin', 'litellm');

/** https://docs.litellm.ai/docs/simple_proxy, without a database and without a key. */
export const litellm: Gateway = {
  name: 'LiteLLM',
  missing: () => (existsSync(EXECUTABLE) ? null : 'not installed: `npm run bench -- --install-rivals` installs it'),
  async start({ upstreams, cores, workers, folder }) {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const config = join(folder, 'litellm.yaml');
    const model = (name: string, base: string): object => ({
      model_name: name,
      litellm_params: { model: 'openai/gpt-4o-mini', api_base: `${base}/v1`, api_key: 'sk-test' },
    });
    const models = [model('chat', upstreams.chat), model('stream', upstreams.stream)];
    await Bun.write(config, JSON.stringify({ model_list: models }));
    const measured = await MeasuredProcess.start({
      name: 'LiteLLM',
      command: [EXECUTABLE, '--config', config, '--port', String(port), '--num_workers', String(workers)],
      cores,
      environment: { LITELLM_LOG: 'ERROR', LITELLM_LOCAL_MODEL_COST_MAP: 'True', LITELLM_TELEMETRY: 'False' },
      folder,
      readyUrl: `${url}/health/liveliness`,
    });
    const chat = `${url}/v1/chat/completions`;
    return {
      process: measured,
      url,
      surfaces: [{ name: '/v1', chat: target(chat, chatBody('chat')), stream: target(chat, streamBody('stream')) }],
    };
  },
};
