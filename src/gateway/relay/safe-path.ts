/** What stays within a path whoever reads it: no escapes that hide a slash, a dot, a backslash or a control character. */
const SEGMENT = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[2-7][0-9A-Fa-f]|%[89A-Fa-f][0-9A-Fa-f])*$/;
const HIDDEN = /%(?:2[EeFf]|5[Cc]|25|7[Ff])/;

/**
 * Whether a path, as a client wrote it, leads nowhere but below the URL that it is appended to: no `.` and `..`, no empty
 * segment but the last, and nothing that a server may read as one of them.
 */
export function isSafePath(path: string): boolean {
  const segments = path.split('/');
  return segments.every((segment, index) => {
    if (segment === '') return index === segments.length - 1;
    if (!SEGMENT.test(segment) || HIDDEN.test(segment)) return false;
    // Some servers take off what follows a semicolon before they look at the dots.
    const name = segment.split(';')[0] ?? '';
    return name !== '' && name !== '.' && name !== '..';
  });
}
