/**
 * JSON that is the same for the same value: members in the order of their names, no spaces, what is undefined left out.
 * https://www.rfc-editor.org/rfc/rfc8785
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => {
    if (typeof member === 'bigint') return member.toString();
    if (typeof member === 'string') return member.toWellFormed().replaceAll('\0', '\ufffd');
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    return ordered(member);
  });
}

function ordered(object: object): object {
  const result: Record<string, unknown> = Object.create(null);
  // Names that are whole numbers come first whatever is done about it, and always in the same order.
  for (const [name, value] of Object.entries(object).sort(([one], [other]) => (one < other ? -1 : 1))) {
    result[name.toWellFormed().replaceAll('\0', '\ufffd')] = value;
  }
  return result;
}
