/** https://www.iana.org/assignments/http-status-codes */
const REASONS: Readonly<Record<number, string>> = {
  101: 'Switching Protocols',
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  206: 'Partial Content',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  304: 'Not Modified',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  416: 'Range Not Satisfiable',
  417: 'Expectation Failed',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  499: 'Client Closed Request',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  505: 'HTTP Version Not Supported',
};

const statusLines = new Map<number, string>();

/** For example `HTTP/1.1 200 OK` with its line end. */
export function statusLine(status: number): string {
  const known = statusLines.get(status);
  if (known !== undefined) return known;
  const line = `HTTP/1.1 ${status} ${REASONS[status] ?? 'Unknown'}\r\n`;
  statusLines.set(status, line);
  return line;
}

let dateSecond = -1;
let dateLine = '';

/** `now` is of the clock of `performance.now()`; the text is made once a second. https://www.rfc-editor.org/rfc/rfc9110#name-date */
export function dateField(now: number): string {
  const second = (now / 1000) | 0;
  if (second !== dateSecond) {
    dateSecond = second;
    dateLine = `date: ${new Date().toUTCString()}\r\n`;
  }
  return dateLine;
}
