import { isJsonObject, type Operation } from '../core/types.ts';
import { type KeyResolver, withKeyResolver } from './keys.ts';
import { isKnownLimitKey } from './limits.ts';
import type { Finding, Path } from './problem.ts';
import { ruleError, schemaError, valueWarning } from './problem.ts';
import { endpointSchema, isEndpointType } from './schema.ts';
import { mostSimilar } from './similar.ts';
import type { EndpointConfig, ProviderRegistry, ProviderRules } from './types.ts';
import { validate } from './validation.ts';

export interface EndpointContext {
  readonly registry: ProviderRegistry;
  readonly keys: KeyResolver;
  /** Names of the providers that may be used; null when all may. */
  readonly allowed: readonly string[] | null;
  readonly findings: Finding[];
}

/** Null, with findings, when the endpoint cannot be used. Goes on after the first error, to find the others. */
export function compileEndpoint(raw: unknown, path: Path, context: EndpointContext): EndpointConfig | null {
  const { findings } = context;
  const before = findings.length;
  const shape = validate(endpointSchema, raw, path);
  const isOf = (field: string) => (finding: Finding) => finding.path[path.length] === field;
  // Its old name has an error of its own.
  const isRenamed = isJsonObject(raw) && 'route_type' in raw;
  const fields = shape.findings.filter((finding) => !(isRenamed && isOf('endpoint_type')(finding)));
  // MLflow looks at an endpoint's fields in their order, and at the limit last.
  findings.push(...fields.filter((finding) => !isOf('limit')(finding)));
  const model = compileModel(raw, [...path, 'model'], context);
  findings.push(...fields.filter(isOf('limit')));
  if (findings.slice(before).some((finding) => finding.severity === 'error')) return null;
  if (shape.value === undefined || !model || !isEndpointType(shape.value.endpoint_type)) return null;
  const { name, endpoint_type: endpointType, limit = null, strict, logging } = shape.value;
  const operation = endpointType.slice('llm/v1/'.length) as Operation;
  const broken = model.rules.validate?.(model.settings, operation);
  if (broken) {
    const at = model.settings.name === null ? [...path, 'model'] : [...path, 'model', 'name'];
    findings.push(ruleError(at, broken));
    return null;
  }
  if (limit?.key && !isKnownLimitKey(limit.key)) {
    const hint = 'use ip, global or header:<name>';
    const message = `The limit key '${limit.key}' is not known; calls are counted by the client's address`;
    findings.push(valueWarning([...path, 'limit', 'key'], message, hint));
  }
  if (model.rules.planned) {
    const message = `The provider '${model.rules.name}' is not available in this version; calls of '${name}' are answered with 501`;
    findings.push(valueWarning([...path, 'model', 'provider'], message));
  }
  return {
    name,
    endpointType,
    operation,
    provider: model.rules.name,
    model: model.settings,
    limit,
    strict: strict ?? false,
    logging: logging ?? 'metadata',
  };
}

interface CompiledModel {
  readonly rules: ProviderRules;
  readonly settings: EndpointConfig['model'];
}

function compileModel(endpoint: unknown, path: Path, context: EndpointContext): CompiledModel | null {
  const model = isJsonObject(endpoint) ? endpoint.model : null;
  if (!isJsonObject(model)) return null;
  const rules = findProvider(model.provider, [...path, 'provider'], context);
  if (!rules) return null;
  const at = [...path, 'config'];
  if (model.config === undefined || model.config === null) {
    const member = rules.name.replaceAll('-', '_').toUpperCase();
    const message = `A config must be supplied when setting a provider. The provider entry for Provider.${member} is incorrect.`;
    context.findings.push(
      ruleError(at, message, "add 'config:' to the model; `config: {}` where nothing is to be set"),
    );
    return null;
  }
  if (!isJsonObject(model.config)) {
    context.findings.push(schemaError(at, 'Input should be a valid dictionary', 'write `key: value` lines below it'));
    return null;
  }
  const config = withKeyResolver(context.keys, () => validate(rules.schema, model.config, at));
  context.findings.push(...config.findings);
  const name = typeof model.name === 'string' ? model.name : null;
  return config.findings.length > 0 ? null : { rules, settings: { name, config: config.value } };
}

function findProvider(configured: unknown, path: Path, context: EndpointContext): ProviderRules | null {
  const names = context.registry.all().map((rules) => rules.name);
  if (configured === undefined || configured === null) {
    const hint = `add 'provider:' with one of: ${names.join(', ')}`;
    context.findings.push(ruleError(path, 'A provider must be provided for each gateway route.', hint));
    return null;
  }
  // Anything but text was already found by the schema.
  if (typeof configured !== 'string') return null;
  const rules = context.registry.find(configured);
  if (!rules) {
    const similar = mostSimilar(configured, names);
    const hint = similar ? `did you mean '${similar}'?` : `use one of: ${names.join(', ')}`;
    context.findings.push(ruleError(path, `The provider '${configured}' is not supported.`, hint));
    return null;
  }
  if (isAllowed(rules, context)) return rules;
  const message = `Provider '${rules.name}' is not allowed by the current gateway provider policy.`;
  const hint = `MLFLOW_GATEWAY_ALLOWED_PROVIDERS allows: ${context.allowed?.join(', ')}`;
  context.findings.push(ruleError(path, message, hint));
  return null;
}

/** A policy that names a provider allows it under each of its names. */
function isAllowed(rules: ProviderRules, { allowed, registry }: EndpointContext): boolean {
  if (allowed === null) return true;
  const identity = (found: ProviderRules) => found.aliasOf ?? found.name;
  return allowed.some((name) => {
    const found = registry.find(name);
    return found !== undefined && identity(found) === identity(rules);
  });
}
