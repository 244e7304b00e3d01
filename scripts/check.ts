import { join } from 'node:path';
import { buildJsonSchema } from '../src/config/json-schema.ts';
import { providers } from '../src/providers/index.ts';
import { checkLayers } from './check-layers.ts';
import { compareProviderIndex, findProviderNames } from './check-providers.ts';
import { currentProvidersPage, PROVIDERS_PAGE } from './generate-providers.ts';
import { ROOT, readSources, type SourceFile } from './source-files.ts';

/** Everything but the tests that must hold before a commit. `npm run check`. */
interface Step {
  readonly name: string;
  /** What is wrong; empty when all is well. */
  run(): Promise<string>;
}

const MOST_LINES = 400;
const MANY_LINES = 200;

const lines = ({ text }: SourceFile): number => text.split('\n').length - 1;

function tool(name: string, script: string, ...args: string[]): Step {
  const run = async (): Promise<string> => {
    const command = [process.execPath, join(ROOT, 'node_modules', script), ...args];
    const child = Bun.spawn(command, { cwd: ROOT, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' });
    const output = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
    const code = await child.exited;
    return code === 0 ? '' : output.join('').trim() || `ended with ${child.signalCode ?? code}`;
  };
  return { name, run };
}

function rule(name: string, find: () => string[] | Promise<string[]>): Step {
  return { name, run: async () => (await find()).join('\n') };
}

function longFiles(sources: readonly SourceFile[]): string[] {
  const long = sources.filter((file) => lines(file) > MOST_LINES);
  return long.map((file) => `src/${file.path} has ${lines(file)} lines; the most is ${MOST_LINES}`);
}

async function staleSchema(): Promise<string[]> {
  const written = await Bun.file(join(ROOT, 'schema', 'config.schema.json')).json();
  const current: unknown = JSON.parse(JSON.stringify(buildJsonSchema(providers)));
  return Bun.deepEquals(written, current) ? [] : ['schema/config.schema.json has drifted. Run: npm run schema'];
}

async function staleProvidersPage(): Promise<string[]> {
  const written = await Bun.file(PROVIDERS_PAGE).text();
  return written === (await currentProvidersPage()) ? [] : ['docs/providers.md has drifted. Run: npm run providers'];
}

function stepsFor(sources: readonly SourceFile[]): Step[] {
  return [
    tool('types', 'typescript/bin/tsc', '--project', '.'),
    tool('lint and format', '@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '--max-diagnostics=50', '.'),
    tool('unused code', 'knip/bin/knip.js', '--no-progress', '--treat-config-hints-as-errors'),
    rule('import order, cycles, Bun APIs', () => checkLayers(sources)),
    rule('provider names', () => findProviderNames(sources, providers.all())),
    rule('provider index', () => compareProviderIndex(sources)),
    rule('file length', () => longFiles(sources)),
    rule('configuration schema', staleSchema),
    rule('providers page', staleProvidersPage),
  ];
}

async function attempt(step: Step): Promise<boolean> {
  const problem = await step.run().catch((error: unknown) => String(error));
  console.log(`${problem === '' ? '✓' : '✗'} ${step.name}`);
  if (problem !== '') console.log(`${problem.replace(/^/gm, '    ')}\n`);
  return problem === '';
}

const started = performance.now();
const sources = await readSources();
const results = await Promise.all(stepsFor(sources).map(attempt));
for (const file of sources.filter((candidate) => lines(candidate) > MANY_LINES))
  console.log(`  for information: src/${file.path} has ${lines(file)} lines`);
const failed = results.filter((passed) => !passed).length;
const seconds = ((performance.now() - started) / 1000).toFixed(1);
console.log(`\n${failed === 0 ? 'All checks passed' : `${failed} of ${results.length} checks failed`} in ${seconds} s`);
process.exitCode = failed === 0 ? 0 : 1;
