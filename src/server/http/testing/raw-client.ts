import { connect, type Socket } from 'node:net';

const sockets: Socket[] = [];

/** A client that sends exactly the bytes it is told. */
export interface RawClient {
  readonly socket: Socket;
  /** All that came so far, as Latin-1. */
  received(): string;
  until(isThere: (text: string) => boolean): Promise<string>;
  readonly closed: Promise<string>;
}

export async function dial(port: number): Promise<RawClient> {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  let text = '';
  const waiting = new Set<() => void>();
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
    for (const look of waiting) look();
  });
  socket.on('error', () => {});
  const closed = new Promise<string>((resolve) => socket.on('close', () => resolve(text)));
  await new Promise<void>((resolve) => socket.on('connect', () => resolve()));
  const until = (isThere: (text: string) => boolean) =>
    new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not there: ${JSON.stringify(text.slice(-300))}`)), 5000);
      const look = () => {
        if (!isThere(text)) return;
        clearTimeout(timer);
        waiting.delete(look);
        resolve(text);
      };
      waiting.add(look);
      look();
    });
  return { socket, received: () => text, until, closed };
}

/** Closes every connection that was dialled. */
export function hangUp(): void {
  for (const socket of sockets.splice(0)) socket.destroy();
}
