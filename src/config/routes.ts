import { isJsonObject, type JsonObject, type Operation } from '../core/types.ts';
import type { Finding, Path } from './problem.ts';
import { ruleError } from './problem.ts';
import { isEndpointType, routeSchema } from './schema.ts';
import { mostSimilar } from './similar.ts';
import type { RouteConfig } from './types.ts';
import { validate } from './validation.ts';

/**
 * The rules between a route and the endpoints, on the raw values: MLflow checks them before the schema, so their
 * messages come first.
 */
export function checkRouteRules(route: JsonObject, path: Path, endpoints: ReadonlyMap<string, unknown>): Finding[] {
  const findings: Finding[] = [];
  const { destinations } = route;
  // What is no list of mappings fails the schema.
  if (!Array.isArray(destinations) || !destinations.every(isJsonObject)) return findings;
  destinations.forEach((destination, index) => {
    const at = [...path, 'destinations', index];
    findings.push(...checkTarget(route, destination, at, endpoints));
    const percentage = destination.traffic_percentage;
    if (typeof percentage === 'number' && !(percentage >= 0 && percentage <= 100)) {
      const message = 'The route destination traffic percentage must between 0 and 100.';
      findings.push(ruleError([...at, 'traffic_percentage'], message, 'write a whole number from 0 to 100'));
    }
  });
  const percentages = destinations.map((destination) => destination.traffic_percentage);
  const areNumbers = percentages.every((percentage) => typeof percentage === 'number');
  const sum = areNumbers ? percentages.reduce((total, percentage) => total + percentage, 0) : null;
  if (sum !== null && sum !== 100) {
    const message =
      'For each route configuration, the traffic percentage sum of destinations must be 100, but got invalid ' +
      `configuration of route '${String(route.name)}'.`;
    findings.push(ruleError([...path, 'destinations'], message, `they add up to ${sum}`));
  }
  return findings;
}

function checkTarget(
  route: JsonObject,
  destination: JsonObject,
  path: Path,
  endpoints: ReadonlyMap<string, unknown>,
): Finding[] {
  if (typeof destination.name !== 'string') return [];
  if (!endpoints.has(destination.name)) {
    const message =
      `The route destination name must be a endpoint name, but the route '${String(route.name)}' has an invalid ` +
      `destination name '${destination.name}'.`;
    const names = [...endpoints.keys()];
    const similar = mostSimilar(destination.name, names);
    const hint = similar ? `did you mean '${similar}'?` : `endpoints of this file: ${names.join(', ') || 'none'}`;
    return [ruleError([...path, 'name'], message, hint)];
  }
  const type = endpoints.get(destination.name);
  // A type that is missing or unknown has an error of its own.
  if (!isEndpointType(route.task_type) || !isEndpointType(type) || type === route.task_type) return [];
  const message =
    `The route destination endpoint types in the route '${String(route.name)}' must have endpoint type ` +
    `'${route.task_type}' but got endpoint type '${type}'.`;
  return [
    ruleError([...path, 'name'], message, `choose endpoints of type '${route.task_type}', or change 'task_type'`),
  ];
}

/** What the schema says of a route; null, with findings, when it does not fit. */
export function compileRoute(raw: unknown, path: Path, findings: Finding[]): RouteConfig | null {
  const result = validate(routeSchema, raw, path);
  findings.push(...result.findings);
  if (result.value === undefined) return null;
  const { name, task_type, destinations, routing_strategy } = result.value;
  return {
    name,
    taskType: task_type,
    operation: task_type.slice('llm/v1/'.length) as Operation,
    destinations: destinations.map((one) => ({ name: one.name, trafficPercentage: one.traffic_percentage })),
    routingStrategy: routing_strategy,
  };
}
