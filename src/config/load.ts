import { createHash } from 'node:crypto';
import { isJsonObject } from '../core/types.ts';
import { compileAdmin } from './admin.ts';
import { compileEndpoint, type EndpointContext } from './endpoints.ts';
import { cautiousExcerpt } from './excerpt.ts';
import { createKeyResolver, type KeyResolver } from './keys.ts';
import { inputSchema, type JsonSchema, KnownKeys } from './known-keys.ts';
import { compileLedger } from './ledger.ts';
import { checkNames, checkRoot, checkSupersededKeys } from './outline.ts';
import { duplicateKeyWarnings, place } from './place.ts';
import { compilePrices } from './prices.ts';
import type { Finding, Path, Problem } from './problem.ts';
import { ConfigError, notYaml, summarize } from './problem.ts';
import { compileRedaction } from './redaction.ts';
import { checkRouteRules, compileRoute } from './routes.ts';
import { fileSchema } from './schema.ts';
import { allowedProviders, compileServer, compileUpstream } from './settings.ts';
import { compileTelemetry } from './telemetry.ts';
import type { EndpointConfig, Environment, GatewayConfig, ProviderRegistry, RouteConfig } from './types.ts';
import type { YamlText } from './yaml.ts';
import { parseYaml, YamlSyntaxError } from './yaml.ts';

export interface LoadOptions {
  /** Of the file, for messages. */
  readonly path: string;
  readonly text: string;
  /** What `$NAME` refers to, and the variables that MLflow's gateway reads. */
  readonly environment: Environment;
  readonly providers: ProviderRegistry;
}

export interface LoadedConfig {
  readonly config: GatewayConfig;
  readonly warnings: readonly Problem[];
}

/**
 * Makes a configuration of the text of a file, reading the key files that it names. Throws a ConfigError with every
 * problem that was found. https://mlflow.org/docs/latest/genai/governance/ai-gateway/configuration/
 */
export function loadConfig({ path, text, environment, providers }: LoadOptions): LoadedConfig {
  const source = parse(path, text);
  const file = source.root?.value;
  const keys = createKeyResolver(environment);
  const found: Finding[] = [];
  const config = compile(file, { path, environment, providers, keys, findings: found });
  const known = compareKeys(source, providers, keys);
  const findings = [...withoutEchoes([...found, ...known.findings]), ...duplicateKeyWarnings(source)];
  const { shown } = known;
  const problems = findings.map((finding) => place(finding, source, shown));
  const files = [...keys.files.keys()].sort();
  if (!config || findings.some((finding) => finding.severity === 'error')) {
    throw new ConfigError(summarize(findings), problems, { files });
  }
  const hash = fingerprint(text, keys.files);
  return { config: { ...config, files, hash }, warnings: problems };
}

/** SHA-256 in hex of a configuration and the key files that belong to it. */
function fingerprint(text: string, files: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256').update(JSON.stringify(text));
  for (const path of [...files.keys()].sort()) hash.update(JSON.stringify([path, files.get(path)]));
  return hash.digest('hex');
}

function parse(path: string, text: string): YamlText {
  try {
    return parseYaml(text);
  } catch (error) {
    if (!(error instanceof YamlSyntaxError)) throw error;
    const where = cautiousExcerpt(text.replace(/^\ufeff/, ''), error.offset);
    const problem: Problem = { severity: 'error', message: notYaml(path), path: [], hint: error.reason, ...where };
    throw new ConfigError(notYaml(path), [problem]);
  }
}

/** A key or value that broke a rule needs no second message from the schema. */
function withoutEchoes(findings: readonly Finding[]): readonly Finding[] {
  const broken = new Set<string>();
  return findings.filter((finding) => {
    const at = JSON.stringify(finding.path);
    if (broken.has(at) && (finding.kind === 'schema' || finding.severity === 'warning')) return false;
    if (finding.severity === 'error') broken.add(at);
    return true;
  });
}

interface Compilation {
  readonly path: string;
  readonly environment: Environment;
  readonly providers: ProviderRegistry;
  readonly keys: KeyResolver;
  readonly findings: Finding[];
}

/** Checks in MLflow's order: outline, names, rules of routes, then each part against its schema. */
function compile(file: unknown, { path, environment, providers, keys, findings }: Compilation) {
  const outline = checkRoot(file, findings);
  if (!outline) return null;
  const { endpoints, routes } = outline;
  checkSupersededKeys(endpoints, findings);
  const types = checkNames(endpoints, routes, findings);
  routes.forEach((route, index) => {
    if (isJsonObject(route)) findings.push(...checkRouteRules(route, ['routes', index], types));
  });
  const context: EndpointContext = { registry: providers, keys, allowed: allowedProviders(environment), findings };
  const compiled = {
    endpoints: compileEach(endpoints, 'endpoints', (raw, at) => compileEndpoint(raw, at, context)),
    routes: compileEach(routes, 'routes', (raw, at) => compileRoute(raw, at, findings)),
    server: compileServer(outline.file.server, findings),
    upstream: compileUpstream(outline.file.upstream, environment, findings),
    telemetry: compileTelemetry(outline.file.telemetry, path, keys, findings),
    prices: compilePrices(outline.file.prices, findings),
    ledger: compileLedger(outline.file.ledger, path, keys, findings),
    redaction: compileRedaction(outline.file.redaction, findings),
    admin: compileAdmin(outline.file.admin, keys, findings),
  };
  const { server, upstream, telemetry, prices, ledger, redaction, admin } = compiled;
  if (!(server && upstream && telemetry && prices && ledger && redaction && admin)) return null;
  return { ...compiled, server, upstream, telemetry, prices, ledger, redaction, admin };
}

function compileEach<Item extends EndpointConfig | RouteConfig>(
  items: readonly unknown[],
  list: string,
  one: (raw: unknown, path: Path) => Item | null,
): Item[] {
  return items.flatMap((raw, index) => one(raw, [list, index]) ?? []);
}

/** Finds keys that nobody reads, which are more often misspelt than meant for another program. */
function compareKeys({ root }: YamlText, providers: ProviderRegistry, keys: KeyResolver): KnownKeys {
  const schemas = new Map<string, JsonSchema>();
  const known = new KnownKeys((provider) => {
    const rules = providers.find(provider);
    if (!rules) return null;
    const schema = schemas.get(rules.name) ?? inputSchema(rules.schema);
    schemas.set(rules.name, schema);
    return schema;
  }, keys.missing);
  if (root) known.visit(root, FILE_KEYS, []);
  return known;
}

const FILE_KEYS = inputSchema(fileSchema);
