import { readFile } from 'node:fs/promises';
import { isJsonObject } from '../core/types.ts';
import { EgressClient, type EgressOptions } from '../upstream/egress/egress-client.ts';
import { checkCatalog } from './catalog-check.ts';
import { type CatalogFile, readCatalog, writeCatalog } from './catalog-file.ts';
import { correct } from './sources/corrections.ts';
import { readLiteLLM } from './sources/litellm.ts';
import { Digits, parseLossless } from './sources/lossless-json.ts';
import { updateModels } from './sources/update.ts';

/** The newest of the published catalogs that the bundled one is made of. */
export const PUBLISHED_PRICES =
  'https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json';

const MOST_BYTES = 32 * 2 ** 20;
const TIMEOUT_MILLISECONDS = 60_000;

/** A published catalog that lost most of its models is more likely broken than right. */
const FEWEST_MODELS = 100;

/** Reads a catalog from a URL or a file. Rejects with an Error that says why there is none. */
export async function fetchPrices(
  from: string,
  egress: Pick<EgressOptions, 'environment'> & Partial<EgressOptions>,
  signal?: AbortSignal,
): Promise<string> {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(from)) return readFile(from, 'utf8');
  const client = new EgressClient({ maxBytes: MOST_BYTES, timeout: TIMEOUT_MILLISECONDS, ...egress });
  const { bytes } = await client.get(from, signal);
  return new TextDecoder().decode(bytes);
}

/**
 * A catalog from the text of another: one of ours as it is; of LiteLLM's the changes against `current`, from `today` on.
 * Throws an Error that says what is wrong with the text.
 */
export function newCatalog(text: string, from: string, current: CatalogFile, today: string): CatalogFile {
  const parsed = parse(text);
  if (!isJsonObject(parsed)) throw new Error('it is no price catalog: it holds no JSON object');
  if (parsed.format instanceof Digits) return checkCatalog(JSON.parse(text));
  const fresh = readLiteLLM(parsed);
  const count = [...fresh.values()].reduce((sum, models) => sum + models.size, 0);
  if (count < FEWEST_MODELS) throw new Error(`it is no price catalog: it has prices of ${count} models`);
  const models = updateModels(readCatalog(current), correct(fresh), today);
  const source = { name: 'LiteLLM', version: today, url: from, licence: 'MIT' };
  const sources = [source, ...current.sources.filter(({ url }) => url !== from)];
  return checkCatalog(JSON.parse(JSON.stringify(writeCatalog(today, sources, models))));
}

function parse(text: string): unknown {
  try {
    return parseLossless(text);
  } catch {
    throw new Error('it is no price catalog: it holds no JSON');
  }
}
