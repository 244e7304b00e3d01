import { isJsonObject, type JsonObject } from '../core/types.ts';
import type { Finding, Path } from './problem.ts';
import { ruleError, schemaError } from './problem.ts';

export interface Outline {
  readonly file: JsonObject;
  readonly endpoints: readonly unknown[];
  readonly routes: readonly unknown[];
}

const EXAMPLE = 'begin the file with `endpoints:`, a list of endpoints, each with name, endpoint_type and model';

/** The lists of the file, or null, with findings, when it is not a mapping that has them. */
export function checkRoot(file: unknown, findings: Finding[]): Outline | null {
  if (!isJsonObject(file)) {
    const what =
      file === null || file === undefined ? 'is empty' : `is ${Array.isArray(file) ? 'a list' : 'a single value'}`;
    const message = `The gateway configuration ${what}. It must be a mapping with the key 'endpoints'.`;
    findings.push(ruleError([], message, EXAMPLE));
    return null;
  }
  const endpoints = listAt(file, 'endpoints', findings);
  const routes = listAt(file, 'routes', findings);
  return { file, endpoints, routes };
}

function listAt(file: JsonObject, key: 'endpoints' | 'routes', findings: Finding[]): readonly unknown[] {
  const value = file[key];
  if (Array.isArray(value)) return value;
  if (key === 'routes' && (value === undefined || value === null)) return [];
  if (value === undefined) findings.push(schemaError([key], 'Field required', missingEndpointsHint(file)));
  else if (value === null) {
    findings.push(ruleError([key], "'endpoints' has no value. It must be a list.", 'write `endpoints: []` for none'));
  } else {
    const hint = 'write each item on a line of its own that begins with `- `';
    findings.push(schemaError([key], 'Input should be a valid list', hint));
  }
  return [];
}

/** Before MLflow 2.9 the endpoints were called routes. */
function missingEndpointsHint(file: JsonObject): string {
  const isOld = Array.isArray(file.routes) && file.routes.some((route) => isJsonObject(route) && 'model' in route);
  return isOld ? "rename 'routes' to 'endpoints' and 'route_type' to 'endpoint_type'" : EXAMPLE;
}

export function checkSupersededKeys(endpoints: readonly unknown[], findings: Finding[]): void {
  endpoints.forEach((endpoint, index) => {
    if (!isJsonObject(endpoint) || !('route_type' in endpoint)) return;
    const message =
      "The 'route_type' configuration key is not supported in the configuration file. Use 'endpoint_type' instead.";
    const finding = ruleError(['endpoints', index, 'route_type'], message, "rename the key to 'endpoint_type'");
    findings.push({ ...finding, at: 'key' });
  });
}

/** Endpoints and routes share one set of names. Returns the type of each endpoint by its name. */
export function checkNames(
  endpoints: readonly unknown[],
  routes: readonly unknown[],
  findings: Finding[],
): ReadonlyMap<string, unknown> {
  const seen = new Map<string, Path>();
  const types = new Map<string, unknown>();
  const check = (item: unknown, path: Path, kind: string) => {
    if (!isJsonObject(item)) return;
    const { name } = item;
    if (name === undefined)
      findings.push(ruleError([...path, 'name'], `The ${kind} has no 'name'.`, "add 'name:' to it"));
    if (typeof name !== 'string') return;
    const first = seen.get(name);
    if (first) {
      const message =
        'Duplicate names found in endpoint / route configurations. Please remove the duplicate endpoint / route name ' +
        'from the configuration to ensure that endpoints / routes are created properly.';
      findings.push(ruleError([...path, 'name'], message, `'${name}' is also the name of ${first.join('.')}`));
      return;
    }
    seen.set(name, path);
    if (kind === 'endpoint') types.set(name, item.endpoint_type);
  };
  endpoints.forEach((endpoint, index) => {
    check(endpoint, ['endpoints', index], 'endpoint');
  });
  routes.forEach((route, index) => {
    check(route, ['routes', index], 'route');
  });
  return types;
}
