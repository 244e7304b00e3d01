import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { freePort } from '../test/conformance/free-port.ts';
import { AUTHORITY_FILE } from '../test/conformance/recorder.ts';
import { FORMATS } from './formats.ts';
import type { Upstreams } from './gateway.ts';
import { nginxConfig, startNginx } from './nginx.ts';
import { LOAD_CORE, MeasuredProcess } from './processes.ts';

const CERTIFICATES = dirname(AUTHORITY_FILE);

const COMPLETION = JSON.stringify({
  id: 'chatcmpl-Bench',
  object: 'chat.completion',
  created: 1_748_000_000,
  model: 'gpt-4o-mini-2024-07-18',
  choices: [
    {
      index: 0,
      message: {
        role: 'assistant',
        content:
          'A lock lifts boats by letting water in between two gates. The oldest pound lock was built in China in 984.',
        refusal: null,
        annotations: [],
      },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: {
    prompt_tokens: 36,
    completion_tokens: 29,
    total_tokens: 65,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  },
  service_tier: 'default',
  system_fingerprint: 'fp_62a23a81ef',
});

/** Starts the mock providers on the load's core: nginx for chat, clear and TLS, and our own for streams. */
export async function startUpstreams(folder: string): Promise<Upstreams> {
  const [clear, secure] = [await freePort(), await freePort()];
  // Some path and its answer are looked at after the escapes in it are undone.
  const own = FORMATS.map(
    ({ chatPath, answer }) => `location = ${decodeURIComponent(chatPath)} { return 200 '${answer}'; }`,
  );
  const location = [...new Set([`location = /v1/chat/completions { return 200 '${COMPLETION}'; }`, ...own])].join('\n');
  const tls = `ssl_certificate ${join(CERTIFICATES, 'server.pem')}; ssl_certificate_key ${join(CERTIFICATES, 'server.key')};`;
  const servers = `
    server { listen 127.0.0.1:${clear} backlog=4096; ${location} }
    server { listen 127.0.0.1:${secure} ssl backlog=4096; ${tls} ${location} }`;
  const home = join(folder, 'nginx-upstream');
  mkdirSync(home);
  await startNginx({
    name: 'chat upstream',
    folder: home,
    config: nginxConfig(home, servers),
    cores: LOAD_CORE,
    readyUrl: `http://127.0.0.1:${clear}/`,
  });
  return {
    chat: `http://127.0.0.1:${clear}`,
    chatTls: `https://localhost:${secure}`,
    stream: await startStreamUpstream('stream upstream', 100, 0),
    paced: await startStreamUpstream('paced stream upstream', 8, 500),
  };
}

async function startStreamUpstream(name: string, events: number, gapMilliseconds: number): Promise<string> {
  const port = await freePort();
  const script = join(import.meta.dir, 'stream-upstream.ts');
  await MeasuredProcess.start({
    name,
    command: [process.execPath, script, String(port), String(events), String(gapMilliseconds)],
    cores: LOAD_CORE,
    readyUrl: `http://127.0.0.1:${port}/`,
  });
  return `http://127.0.0.1:${port}`;
}
