import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../test/conformance/free-port.ts';
import { chatBody, type Gateway, streamBody, target } from '../gateway.ts';
import { nginxConfig, startNginx } from '../nginx.ts';

/** The reference: nginx as a bare reverse proxy, one worker, keep-alive on both sides, streams unbuffered. */
export const nginx: Gateway = {
  name: 'nginx (reference)',
  missing: () => null,
  async start({ upstreams, cores, folder }) {
    const [chat, chatTls] = [await freePort(), await freePort()];
    const [stream, paced] = [await freePort(), await freePort()];
    const proxy = (port: number, upstream: string, extra = ''): string => {
      const { protocol, host } = new URL(upstream);
      return `
        upstream to_${port} { server ${host}; keepalive 2048; keepalive_requests 100000000; }
        server {
          listen 127.0.0.1:${port} backlog=4096;
          location / {
            proxy_pass ${protocol}//to_${port};
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            ${extra}
          }
        }`;
    };
    const servers = [
      proxy(chat, upstreams.chat),
      proxy(chatTls, upstreams.chatTls),
      proxy(stream, upstreams.stream, 'proxy_buffering off;'),
      proxy(paced, upstreams.paced, 'proxy_buffering off;'),
    ];
    const home = join(folder, 'nginx-reference');
    mkdirSync(home, { recursive: true });
    const measured = await startNginx({
      name: 'nginx reference',
      folder: home,
      config: nginxConfig(home, servers.join('\n')),
      cores,
      readyUrl: `http://127.0.0.1:${chat}/v1/chat/completions`,
    });
    const at = (port: number): string => `http://127.0.0.1:${port}/v1/chat/completions`;
    return {
      process: measured,
      url: `http://127.0.0.1:${chat}`,
      surfaces: [
        {
          name: 'reverse proxy',
          chat: target(at(chat), chatBody('gpt-4o-mini')),
          chatTls: target(at(chatTls), chatBody('gpt-4o-mini')),
          stream: target(at(stream), streamBody('gpt-4o-mini')),
          paced: target(at(paced), streamBody('gpt-4o-mini')),
        },
      ],
    };
  },
};
