import { posix } from 'node:path';
import { codeOf, importsOf, isTest, runtimeImportsOf, type SourceFile } from './source-files.ts';

/** The rooms of `src/`, from the top. A file imports from its own room and from those below, never upwards. */
const LAYERS = [
  'cli',
  'server',
  'admin',
  'gateway',
  'policies',
  'routing',
  'dialects',
  'providers',
  'ledger',
  'catalog',
  'storage',
  'telemetry',
  'config',
  'upstream',
  'core',
];

/**
 * In these rooms every folder stands for itself and knows none of its siblings. Of providers that is their definition:
 * a cloud that serves another vendor's models may use that vendor's wire format.
 */
const SEPARATE = new Set(['policies', 'providers']);

/** The rooms that may use Bun's own APIs; the others are plain TypeScript on web standards. */
const BUN_ROOMS = new Set(['main.ts', 'cli', 'server', 'ledger', 'storage', 'upstream']);

interface Import {
  readonly from: string;
  /** Relative to `src/`; a package keeps its name. */
  readonly to: string;
}

/** Everything in these files that breaks the order of `src/`, one line each. Tests may import what they like. */
export function checkLayers(sources: readonly SourceFile[]): string[] {
  const production = sources.filter(({ path }) => !isTest(path) && !path.endsWith('.d.ts'));
  const known = new Set(sources.map(({ path }) => path));
  const resolved = (find: typeof importsOf): Import[] =>
    production.flatMap((file) => find(file).map((specifier) => resolve(file.path, specifier)));
  const misplaced = production.filter(({ path }) => rank(path) === -1);
  return [
    ...misplaced.map(({ path }) => `src/${path}: no room of this name; add it to LAYERS in scripts/check-layers.ts`),
    ...resolved(importsOf).flatMap((found) => breach(found, known) ?? []),
    ...findCycles(resolved(runtimeImportsOf)).map(
      (cycle) => `cycle: ${cycle.map((path) => `src/${path}`).join(' → ')}`,
    ),
    ...production.flatMap((file) => bunUse(file) ?? []),
  ];
}

function resolve(from: string, specifier: string): Import {
  const to = specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : specifier;
  return { from, to };
}

const room = (path: string): string => path.split('/')[0] ?? '';

/** 0 at the top; -1 where there is no such room. */
function rank(path: string): number {
  return path === 'main.ts' ? 0 : LAYERS.indexOf(room(path));
}

function breach({ from, to }: Import, known: ReadonlySet<string>): string | null {
  if (!known.has(to)) return null;
  const line = `src/${from} imports src/${to}`;
  if (isTest(to)) return `${line}: that is there for tests only`;
  if (to === 'main.ts') return `${line}: nothing imports the entry point`;
  if (from === 'main.ts') return null;
  if (rank(to) < rank(from)) return `${line}: '${room(to)}' is above '${room(from)}'`;
  const [mine, theirs] = [folderOf(from), folderOf(to)];
  const separate = room(from) === room(to) && SEPARATE.has(room(from));
  if (room(to) === 'providers' && !to.endsWith('/index.ts')) return null;
  return separate && mine && theirs && mine !== theirs ? `${line}: '${mine}' must not know '${theirs}'` : null;
}

/** The folder within the room; null for a file that lies in the room itself. */
function folderOf(path: string): string | null {
  const parts = path.split('/');
  return parts.length > 2 ? (parts[1] ?? null) : null;
}

function bunUse(file: SourceFile): string | null {
  if (BUN_ROOMS.has(room(file.path))) return null;
  const imported = importsOf(file).find((specifier) => specifier === 'bun' || specifier.startsWith('bun:'));
  const used = imported ?? /\bBun\.\w+/.exec(codeOf(file))?.[0];
  return used ? `src/${file.path} uses ${used}: Bun's own APIs stay in ${[...BUN_ROOMS].join(', ')}` : null;
}

/**
 * The circles of files that import each other, with the first file again at the end. Types that refer to each other
 * make none: nothing of them is left when the code runs.
 */
function findCycles(imports: readonly Import[]): string[][] {
  const targets = Map.groupBy(imports, ({ from }) => from);
  const done = new Set<string>();
  const cycles: string[][] = [];
  const visit = (path: string, way: readonly string[]): void => {
    const start = way.indexOf(path);
    if (start >= 0) cycles.push([...way.slice(start), path]);
    if (start >= 0 || done.has(path)) return;
    for (const { to } of targets.get(path) ?? []) visit(to, [...way, path]);
    done.add(path);
  };
  for (const path of targets.keys()) visit(path, []);
  return cycles;
}
