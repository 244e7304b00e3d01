import { existsSync, globSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SQL } from 'bun';

/**
 * A PostgreSQL server of its own for tests, from the programs that are installed: `SLUICE_TEST_POSTGRES_BIN`, the PATH, or
 * where Debian, Fedora and Homebrew put them. `SLUICE_TEST_POSTGRES=off` leaves these tests out, `required` (and `CI`)
 * makes a missing server a failure.
 */
export interface TestPostgres {
  /** A new, empty database. */
  createDatabase(): Promise<string>;
  /** At once, as a crash would. */
  stop(): Promise<void>;
  /** On the same port, with the same data. */
  start(): Promise<void>;
  /** Stops it and removes its data. */
  close(): Promise<void>;
}

const PLACES = [
  '/usr/lib/postgresql/*/bin',
  '/usr/pgsql-*/bin',
  '/opt/homebrew/opt/postgresql@*/bin',
  '/usr/local/opt/postgresql@*/bin',
];

const folder = findPrograms();

/** Tests with PostgreSQL can run. False only where nobody demands them: then `describe.skipIf` leaves them out. */
export const hasPostgres = folder !== null;

function findPrograms(): string | null {
  const wish = process.env.SLUICE_TEST_POSTGRES ?? '';
  if (wish === 'off') return null;
  const inPath = Bun.which('pg_ctl');
  const given = process.env.SLUICE_TEST_POSTGRES_BIN;
  const candidates = [
    given,
    inPath && join(inPath, '..'),
    ...PLACES.flatMap((place) => globSync(place))
      .sort()
      .reverse(),
  ];
  const found = candidates.find((candidate) => candidate && existsSync(join(candidate, 'initdb')));
  if (found) return found;
  const message =
    'PostgreSQL is not installed (no pg_ctl and initdb): tests of the ledger on PostgreSQL cannot run. ' +
    'On Debian: apt-get install postgresql. SLUICE_TEST_POSTGRES_BIN names another folder.';
  if (wish === 'required' || (process.env.CI ?? '') !== '') throw new Error(message);
  console.warn(`${message} They are left out.`);
  return null;
}

const USER = 'sluice';
/** Debian's user that owns nothing: PostgreSQL refuses to run as root. */
const NOBODY = 65_534;

export async function startPostgres(): Promise<TestPostgres> {
  if (folder === null) throw new Error('there is no PostgreSQL; check hasPostgres first');
  const home = await mkdtemp(join(tmpdir(), 'sluice-postgres-'));
  const data = join(home, 'data');
  await mkdir(data);
  if (process.getuid?.() === 0) await Promise.all([chown(home, NOBODY, NOBODY), chown(data, NOBODY, NOBODY)]);
  await chmod(home, 0o755);
  await run(['initdb', '-D', data, '-U', USER, '--auth=trust', '-E', 'UTF8', '--no-locale', '--no-sync']);
  const port = await freePort();
  const server = new Server(home, data, port);
  await server.start();
  return server;
}

class Server implements TestPostgres {
  readonly #home: string;
  readonly #data: string;
  readonly #port: number;
  #databases = 0;

  constructor(home: string, data: string, port: number) {
    this.#home = home;
    this.#data = data;
    this.#port = port;
  }

  async createDatabase(): Promise<string> {
    const name = `ledger_${++this.#databases}`;
    const connection = new SQL({ url: this.#url('postgres'), max: 1 });
    try {
      await connection.unsafe(`CREATE DATABASE ${name}`);
    } finally {
      await connection.close();
    }
    return this.#url(name);
  }

  async start(): Promise<void> {
    const options = `-c listen_addresses=127.0.0.1 -c port=${this.#port} -c unix_socket_directories= -c fsync=off`;
    await run(['pg_ctl', '-D', this.#data, '-w', '-s', '-o', options, '-l', join(this.#home, 'data', 'log'), 'start']);
  }

  async stop(): Promise<void> {
    await run(['pg_ctl', '-D', this.#data, '-w', '-s', '-m', 'immediate', 'stop']);
  }

  async close(): Promise<void> {
    await this.stop().catch(() => undefined);
    await rm(this.#home, { recursive: true, force: true });
  }

  #url(database: string): string {
    return `postgres://${USER}@127.0.0.1:${this.#port}/${database}`;
  }
}

async function run([program = '', ...words]: string[]): Promise<void> {
  const asNobody = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--'];
  const prefix = process.getuid?.() === 0 ? asNobody : [];
  const command = [...prefix, join(folder ?? '', program), ...words];
  // Not through a pipe: the server inherits it and would keep it open.
  const child = Bun.spawn(command, { stdin: 'ignore', stdout: 'ignore', stderr: 'ignore', cwd: tmpdir() });
  const code = await child.exited;
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${command.join(' ')}`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
