import { clean, readTags, type Tags } from '../core/ledger/caller.ts';
import { Definition } from '../core/ledger/definition.ts';

/** What headers say of who asks. */
export interface CallerHeaders {
  readonly address: string;
  readonly agent: string | null;
  readonly tags: string | null;
  /** MLflow's header. */
  readonly gatewayCaller: string | null;
}

/** Their names. */
const HEADERS = {
  agent: 'user-agent',
  tags: 'x-sluice-tags',
  gatewayCaller: 'x-mlflow-gateway-caller',
} as const;

/** The head of a request, for those who only want to know whether a header is still the same. */
interface ComparedHead {
  header(name: string): string | null;
  says(name: string, value: string | null): boolean;
}

/** The members of a record for one set of headers. A connection keeps its last: most send the same ones each time. */
export class CallerText {
  readonly members: Definition;
  readonly #headers: CallerHeaders;

  static of(address: string, head: ComparedHead): CallerText {
    const agent = head.header(HEADERS.agent);
    const tags = head.header(HEADERS.tags);
    return new CallerText({ address, agent, tags, gatewayCaller: head.header(HEADERS.gatewayCaller) });
  }

  constructor(headers: CallerHeaders) {
    this.#headers = headers;
    const { address, agent } = headers;
    const tags = tagsIn(headers);
    const members = [
      `,"address":${JSON.stringify(clean(address))}`,
      agent === null ? '' : `,"agent":${JSON.stringify(clean(fromLatin1(agent)))}`,
      Object.keys(tags).length === 0 ? '' : `,"tags":${JSON.stringify(tags)}`,
    ];
    this.members = new Definition(members.join(''));
  }

  isOf(address: string, head: ComparedHead): boolean {
    const { agent, tags, gatewayCaller } = this.#headers;
    return (
      address === this.#headers.address &&
      head.says(HEADERS.agent, agent) &&
      head.says(HEADERS.tags, tags) &&
      head.says(HEADERS.gatewayCaller, gatewayCaller)
    );
  }

  /** With the client's own name for its request, which no other has. */
  withRequestId(id: string): Definition {
    if (!SANE_ID.test(id)) return this.members;
    return new Definition(`${this.members.text},"clientRequestId":${JSON.stringify(id)}`);
  }
}

const SANE_ID = /^[\x21-\x7e]{1,128}$/;

function tagsIn({ tags, gatewayCaller }: CallerHeaders): Tags {
  return {
    ...(gatewayCaller !== null && { caller: clean(fromLatin1(gatewayCaller)) }),
    ...(tags !== null && readTags(fromLatin1(tags))),
  };
}

/** Headers are read one character a byte; what was UTF-8 becomes it again. */
function fromLatin1(text: string): string {
  const utf8 = Buffer.from(text, 'latin1').toString('utf8');
  return utf8.includes('\ufffd') ? text : utf8;
}
