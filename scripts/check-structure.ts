import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** The rules of the design that no linter knows: import order, file length, where names and Bun's own APIs may stand. */
const ROOT = join(import.meta.dir, '..');
const SOURCE = join(ROOT, 'src');

/** Imports go down this list only. */
const ROOMS = [
  'main',
  'cli',
  'server',
  'admin',
  'gateway',
  'policies',
  'routing',
  'dialects',
  'providers',
  'catalog',
  'storage',
  'telemetry',
  'config',
  'upstream',
  'core',
];
/** In these rooms the folders are siblings that do not know each other. */
const SIBLINGS = ['policies', 'providers'];
const LONGEST_FILE = 400;
const BUN_ROOMS = ['main', 'cli', 'server', 'storage', 'upstream'];

interface SourceFile {
  readonly path: string;
  readonly room: string;
  /** The folder within the room, or null for a file of the room itself. */
  readonly folder: string | null;
  readonly text: string;
}

function sourceFiles(): SourceFile[] {
  return readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))
    .map((path) => {
      const parts = path.split(sep);
      const room = parts.length === 1 ? (parts[0]?.replace(/\.ts$/, '') ?? '') : (parts[0] ?? '');
      return {
        path: path.replaceAll(sep, '/'),
        room,
        folder: parts.length > 2 ? (parts[1] ?? null) : null,
        text: readFileSync(join(SOURCE, path), 'utf8'),
      };
    });
}

const isTest = ({ path }: SourceFile): boolean => /\.test\.ts$|\/conformance|fake-/.test(path);

/** Comments may name what code may not. */
const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');

function importProblems(file: SourceFile, files: ReadonlyMap<string, SourceFile>): string[] {
  const problems: string[] = [];
  for (const [, specifier = ''] of file.text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)) {
    const target = files.get(relative(SOURCE, join(SOURCE, file.path, '..', specifier)).replaceAll(sep, '/'));
    if (!target) continue;
    if (ROOMS.indexOf(target.room) < ROOMS.indexOf(file.room))
      problems.push(`${file.path}: imports ${target.path}, which is above it`);
    const crosses =
      target.room === file.room &&
      SIBLINGS.includes(file.room) &&
      file.folder &&
      target.folder &&
      file.folder !== target.folder;
    if (crosses) problems.push(`${file.path}: imports ${target.path}, a sibling that it must not know`);
  }
  return problems;
}

/** Dialects share their names with two providers; there the name means the format. */
const DIALECT_NAMES = new Set(['openai', 'mlflow']);

function providerNames(): string[] {
  const registry = readFileSync(join(ROOT, 'schema/config.schema.json'), 'utf8');
  const folders = readdirSync(join(SOURCE, 'providers'), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  const presets = readFileSync(join(SOURCE, 'providers/presets/index.ts'), 'utf8').matchAll(/name: '([a-z0-9_-]+)'/g);
  const names = [
    ...folders.map(({ name }) => name),
    ...[...presets].map(([, name = '']) => name),
    'azure',
    'anthropic',
    'gemini',
    'bedrock',
    'cohere',
  ];
  return names.filter(
    (name) => !DIALECT_NAMES.has(name) && !['presets', 'planned'].includes(name) && registry.length > 0,
  );
}

function nameProblems(file: SourceFile, names: readonly string[]): string[] {
  if (['providers', 'catalog'].includes(file.room) || file.path.startsWith('server/pages/')) return [];
  const code = withoutComments(file.text);
  return names
    .filter((name) => new RegExp(`(?<![\\w-])${name}(?![\\w-])`, 'i').test(code))
    .map((name) => `${file.path}: names the provider '${name}'`);
}

function registryProblems(): string[] {
  const index = readFileSync(join(SOURCE, 'providers/index.ts'), 'utf8');
  return readdirSync(join(SOURCE, 'providers'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !index.includes(`./${entry.name}/index.ts`))
    .map((entry) => `providers/index.ts: leaves out the folder ${entry.name}`);
}

const files = sourceFiles();
const byPath = new Map(files.map((file) => [file.path, file]));
const names = providerNames();
const problems = [
  ...registryProblems(),
  ...files.flatMap((file) => {
    const length = file.text.split('\n').length - 1;
    const found = length > LONGEST_FILE ? [`${file.path}: ${length} lines; at most ${LONGEST_FILE}`] : [];
    if (isTest(file)) return found;
    const usesBun = /\bBun\.|from 'bun(?::|')/.test(withoutComments(file.text)) && !BUN_ROOMS.includes(file.room);
    if (usesBun) found.push(`${file.path}: uses an API of Bun, which belongs into ${BUN_ROOMS.join(', ')}`);
    return [...found, ...importProblems(file, byPath), ...nameProblems(file, names)];
  }),
];
for (const problem of problems) console.error(problem);
process.exit(problems.length > 0 ? 1 : 0);
