const SECRET_NAME =
  /^(?:.*[_-])?(?:(?:api|access|account|auth|secret|private|client|refresh|bearer|session|shared|master|subscription|signing|encryption)[_-]?(?:access[_-]?)?(?:key|token|secret)|authorization|apikey|secret|accesstoken|credential|credentials)$/;
const PASSWORD_NAME = /(?:password|passwd|passphrase|(?:^|[_-])pwd)$/;

/** Whether a field of that name holds a key. In lower case, or as members of JSON are written. */
export function isSecretName(name: string): boolean {
  return name.length <= 64 && SECRET_NAME.test(snake(name));
}

export function isPasswordName(name: string): boolean {
  return name.length <= 64 && PASSWORD_NAME.test(snake(name));
}

/** `apiKey` and `API_KEY` as `api_key`. */
function snake(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
}
