import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findProvider } from '@pydantic/genai-prices';
import { writeCatalog } from '../src/catalog/catalog-file.ts';
import { correct } from '../src/catalog/sources/corrections.ts';
import { readGenaiPrices } from '../src/catalog/sources/genai-prices.ts';
import { readLiteLLM } from '../src/catalog/sources/litellm.ts';
import { Digits, parseLossless } from '../src/catalog/sources/lossless-json.ts';
import { addRetired, addTiers, type Disagreement, mergeModels } from '../src/catalog/sources/merge.ts';
import type { PriceSource } from '../src/core/ledger/price-table.ts';
import { isJsonObject, type JsonObject } from '../src/core/types.ts';
import { ROOT } from './source-files.ts';

/**
 * Writes the bundled catalog of models and prices from published ones: `npm run catalog`. Needs Python's `pip` and `unzip`
 * for LiteLLM's, which is published in its Python package. Prices that only the older release has are of models
 * that were retired since.
 */
const LITELLM = '1.109.1';
const LITELLM_OLD = '1.80.0';
const FILE = 'litellm/model_prices_and_context_window_backup.json';
const TARGET = join(ROOT, 'src', 'catalog', 'data', 'catalog.json');

const GENAI_PROVIDERS = [
  'anthropic',
  'aws',
  'azure',
  'cerebras',
  'cohere',
  'deepseek',
  'fireworks',
  'google',
  'groq',
  'mistral',
  'moonshotai',
  'openai',
  'openrouter',
  'perplexity',
  'together',
  'voyageai',
  'x-ai',
];

function run(command: string[]): string {
  const result = Bun.spawnSync(command, { stdin: 'ignore' });
  if (!result.success) throw new Error(`${command.join(' ')} failed: ${result.stderr.toString()}`);
  return result.stdout.toString();
}

async function litellmFile(version: string): Promise<JsonObject> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-catalog-'));
  try {
    run(['python3', '-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', folder, `litellm==${version}`]);
    const [wheel = ''] = [...new Bun.Glob('litellm-*.whl').scanSync(folder)];
    const file = parseLossless(run(['unzip', '-p', join(folder, wheel), FILE]));
    if (!isJsonObject(file)) throw new Error('no prices in the package');
    return file;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Numbers of the package's code: shorter than what a floating-point number can hold, so their digits are exact. */
function withDigits(value: unknown): unknown {
  if (typeof value === 'number') return new Digits(String(value));
  if (Array.isArray(value)) return value.map(withDigits);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withDigits(member)]));
}

const genaiPackage = await Bun.file(join(ROOT, 'node_modules', '@pydantic', 'genai-prices', 'package.json')).json();
const { values } = parseArgs({ options: { date: { type: 'string' } } });
const date = values.date ?? new Date().toISOString().slice(0, 10);
const sources: PriceSource[] = [
  { name: 'LiteLLM', version: LITELLM, url: 'https://github.com/BerriAI/litellm', licence: 'MIT' },
  { name: 'genai-prices', version: genaiPackage.version, url: genaiPackage.homepage, licence: 'MIT' },
  { name: 'LiteLLM', version: LITELLM_OLD, url: 'https://github.com/BerriAI/litellm', licence: 'MIT' },
];
const disagreements: Disagreement[] = [];
const genai = readGenaiPrices(GENAI_PROVIDERS.map((providerId) => withDigits(findProvider({ providerId }))));
const retired = readLiteLLM(await litellmFile(LITELLM_OLD));
const current = addTiers(readLiteLLM(await litellmFile(LITELLM)), retired);
const listed = mergeModels(current, genai, date, (found) => disagreements.push(found));
const models = correct(addRetired(listed, retired));
const catalog = writeCatalog(date, sources, models);
const text = `${JSON.stringify(catalog)}\n`;
await Bun.write(TARGET, text);

for (const { model, chosen, other } of disagreements) {
  process.stdout.write(`${model}: ${JSON.stringify(chosen)} taken, not ${JSON.stringify(other)}\n`);
}
const count = [...models.values()].reduce((sum, group) => sum + group.size, 0);
process.stdout.write(`${count} models, ${catalog.tables.length} price tables, ${text.length} bytes\n`);
