import { join } from 'node:path';
import { MeasuredProcess } from './processes.ts';

/** A whole nginx configuration around some server blocks, which needs no right to any system folder. */
export function nginxConfig(folder: string, servers: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
    daemon off;
    worker_processes 1;
    worker_rlimit_nofile 16384;
    pid ${join(folder, 'nginx.pid')};
    error_log stderr crit;
    events { worker_connections 8192; }
    http {
      access_log off;
      keepalive_requests 100000000;
      keepalive_timeout 3600;
      client_body_buffer_size 64k;
      default_type application/json;
      ${temporary.map((name) => `${name}_temp_path ${join(folder, name)};`).join('\n      ')}
      ${servers}
    }`;
}

export interface NginxOptions {
  readonly name: string;
  readonly folder: string;
  readonly config: string;
  readonly cores: string;
  readonly readyUrl: string;
}

export async function startNginx({ name, folder, config, cores, readyUrl }: NginxOptions): Promise<MeasuredProcess> {
  const file = join(folder, 'nginx.conf');
  await Bun.write(file, config);
  return MeasuredProcess.start({ name, command: ['nginx', '-p', folder, '-c', file], cores, readyUrl });
}
