import { Secret } from '../core/secret.ts';
import { adminSchema } from './admin-schema.ts';
import { type KeyResolver, withKeyResolver } from './keys.ts';
import { type Finding, ruleError } from './problem.ts';
import { validate } from './validation.ts';

/** Who may use the management API. */
export interface AdminSettings {
  /** Null: only programs on this machine. */
  readonly token: Secret | null;
}

const TOKEN_VARIABLE = 'SLUICE_ADMIN_TOKEN';

/** What is shorter can be guessed by trying. */
const LEAST_CHARACTERS = 16;

export function compileAdmin(raw: unknown, keys: KeyResolver, findings: Finding[]): AdminSettings | null {
  const result = withKeyResolver(keys, () => validate(adminSchema, raw ?? {}, ['admin']));
  findings.push(...result.findings);
  if (result.value === undefined) return null;
  const variable = keys.environment[TOKEN_VARIABLE]?.replace(/[\r\n]+$/, '');
  const token = result.value.token ?? (variable ? new Secret(variable) : null);
  if (token !== null && !isLongEnough(token)) {
    const path = result.value.token ? ['admin', 'token'] : [];
    const message = `The token of the administrator must have at least ${LEAST_CHARACTERS} visible characters`;
    findings.push(ruleError(path, message, 'for example what `openssl rand -hex 32` prints'));
    return null;
  }
  return { token };
}

function isLongEnough(token: Secret): boolean {
  const text = token.expose();
  return text.length >= LEAST_CHARACTERS && /^[\x21-\x7e]+$/.test(text);
}
