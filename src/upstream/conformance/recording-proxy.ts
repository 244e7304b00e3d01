import { connect, createServer, type Socket } from 'node:net';

export interface RecordingProxy {
  /** `host:port`. */
  readonly label: string;
  /** The head of each request that the proxy itself was asked. */
  readonly heads: string[];
  close(): void;
}

export interface RecordingProxyOptions {
  /** Answers every request with these bytes instead of serving it; an empty text is silence. */
  readonly refuseWith?: string;
}

/** A forward proxy: CONNECT tunnels, and requests in absolute form. Every host is taken for 127.0.0.1. */
export async function recordingProxy(options: RecordingProxyOptions = {}): Promise<RecordingProxy> {
  const heads: string[] = [];
  const sockets = new Set<Socket>();
  const track = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    return socket;
  };
  const server = createServer((client) => {
    track(client).once('data', (bytes: Buffer) => {
      const head = bytes.toString('latin1').split('\r\n\r\n')[0] ?? '';
      heads.push(head);
      if (options.refuseWith !== undefined) {
        client.write(options.refuseWith);
        return;
      }
      const tunnel = /^CONNECT \S+:(\d+) HTTP\/1\.1/.exec(head);
      const absolute = /^[A-Z]+ http:\/\/[^/:]+:(\d+)\S* HTTP\/1\.1/.exec(head);
      const upstream = track(connect(Number((tunnel ?? absolute)?.[1]), '127.0.0.1'));
      upstream.on('close', () => client.destroy());
      client.on('close', () => upstream.destroy());
      if (tunnel !== null) client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      else upstream.write(bytes);
      client.pipe(upstream).pipe(client);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    label: `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    heads,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
