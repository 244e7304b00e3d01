/** Credentials: nobody can switch these off. */
export const SECRET_KINDS = ['api_key', 'token', 'jwt', 'private_key', 'aws_key', 'password', 'secret'] as const;

/** What is about people, and redacted where the configuration says so. */
export const PERSONAL_KINDS = ['email', 'card', 'iban', 'phone', 'ip'] as const;

export type SecretKind = (typeof SECRET_KINDS)[number];
export type PersonalKind = (typeof PERSONAL_KINDS)[number];

/** What stands for it in a redacted text, for example `‹EMAIL›`. */
export function placeholder(kind: string): string {
  return `‹${kind.toUpperCase()}›`;
}

/** How many spans of each kind were found. */
export type RedactionCounts = Record<string, number>;
