import type { Finding } from './problem.ts';
import { ruleError, valueWarning } from './problem.ts';
import { DEFAULT_TOTAL_TIMEOUT, serverSchema, upstreamSchema } from './schema.ts';
import type { Environment, ServerSettings, UpstreamSettings } from './types.ts';
import { validate } from './validation.ts';

export function compileServer(raw: unknown, findings: Finding[]): ServerSettings | null {
  const result = validate(serverSchema, raw ?? {}, ['server']);
  findings.push(...result.findings);
  if (result.value === undefined) return null;
  const { max_request_body, max_inflated_request_body, max_upload } = result.value;
  const { drain_timeout, drain_delay, trusted_proxies, allowed_hosts } = result.value;
  return {
    maxRequestBody: max_request_body,
    maxInflatedRequestBody: max_inflated_request_body,
    maxUpload: max_upload,
    drainTimeout: drain_timeout,
    drainDelay: drain_delay,
    trustedProxies: trusted_proxies,
    allowedHosts: allowed_hosts,
  };
}

export function compileUpstream(raw: unknown, environment: Environment, findings: Finding[]): UpstreamSettings | null {
  const variable = timeoutOfEnvironment(environment, findings);
  const result = validate(upstreamSchema, raw ?? {}, ['upstream']);
  findings.push(...result.findings);
  if (result.value === undefined) return null;
  const { connect_timeout, first_byte_timeout, idle_timeout, total_timeout, remote_media } = result.value;
  if (variable !== null && total_timeout !== undefined && variable !== total_timeout) {
    const message = `${TIMEOUT_VARIABLE} is set and takes the place of 'total_timeout'`;
    findings.push(valueWarning(['upstream', 'total_timeout'], message, 'set only one of them'));
  }
  const total = variable ?? total_timeout ?? null;
  return {
    connectTimeout: connect_timeout,
    firstByteTimeout: first_byte_timeout,
    idleTimeout: idle_timeout,
    totalTimeout: total ?? DEFAULT_TOTAL_TIMEOUT,
    // MLflow cuts streams at the total as well. That is honoured when somebody asks for it, but is no good default.
    streamTotalTimeout: total ?? 0,
    remoteMedia: remote_media,
  };
}

const TIMEOUT_VARIABLE = 'MLFLOW_GATEWAY_ROUTE_TIMEOUT_SECONDS';

/** Milliseconds, or null when the variable is not set. */
function timeoutOfEnvironment(environment: Environment, findings: Finding[]): number | null {
  const text = environment[TIMEOUT_VARIABLE]?.trim();
  if (!text) return null;
  const milliseconds = Number(text) * 1000;
  // Timers count milliseconds in 32 bits.
  if (/^\d+(?:\.\d+)?$/.test(text) && milliseconds < 2 ** 31) return milliseconds;
  const message = `The environment variable ${TIMEOUT_VARIABLE} must be a number of seconds, but is '${text}'`;
  findings.push(ruleError([], message, 'for example 300; 0 means no limit'));
  return null;
}

/** The environment variable that names the providers which may be used; null when all may. */
export function allowedProviders(environment: Environment): readonly string[] | null {
  const names = (environment.MLFLOW_GATEWAY_ALLOWED_PROVIDERS ?? '').split(',').map((name) => name.trim());
  const listed = names.filter((name) => name !== '');
  return listed.length > 0 ? listed : null;
}
