import { Secret } from './secret.ts';

/** Every secret in plain data, however deep, and the passwords in those that are URLs. */
export function secretsIn(value: unknown): readonly Secret[] {
  const found = new Set<Secret>();
  collect(value, found, new Set());
  return [...found].flatMap((secret) => [secret, ...passwordIn(secret)]);
}

function collect(value: unknown, found: Set<Secret>, seen: Set<object>): void {
  if (value instanceof Secret) found.add(value);
  else if (typeof value === 'object' && value !== null && !seen.has(value)) {
    seen.add(value);
    for (const member of Object.values(value)) collect(member, found, seen);
  }
}

function passwordIn(secret: Secret): Secret[] {
  const text = secret.expose();
  if (!text.includes('://') || !URL.canParse(text)) return [];
  const { password } = new URL(text);
  return password === '' ? [] : [new Secret(password), ...decoded(password)];
}

function decoded(text: string): Secret[] {
  try {
    return [new Secret(decodeURIComponent(text))];
  } catch {
    return [];
  }
}
