import { clean, LONGEST_MESSAGE } from '../core/ledger/caller.ts';
import { Definition } from '../core/ledger/definition.ts';
import { scrub } from '../core/secret.ts';
import type { Exchange } from './exchange.ts';
import { secretsOf } from './exchange-secrets.ts';

/** What one request after another has in common, and the members of their records that say it. */
interface Known {
  readonly surface: string;
  readonly operation: string;
  readonly status: number;
  readonly route: string | null;
  readonly server: string;
  readonly servedModel: string | null;
  readonly finishReason: string | null;
  readonly isStream: boolean;
  readonly shape: Definition;
}

/** An endpoint rarely has more that are asked for at the same time. */
const MOST_KNOWN = 8;
/** What an upstream says may be longer; that is not kept. */
const LONGEST_KEPT = 1024;

/**
 * The members that the records of one endpoint share, each with a comma before it. They are kept as whole texts: joining
 * them anew for each record costs more than all the rest of it.
 */
export class CommonMembers {
  readonly #ofEndpoint: string;
  readonly #known: Known[] = [];
  #oldest = 0;

  /** `ofEndpoint`: what every record of the endpoint says. */
  constructor(ofEndpoint: string) {
    this.#ofEndpoint = ofEndpoint;
  }

  textFor(exchange: Exchange): string {
    return this.shapeFor(exchange)?.text ?? commonMembers(exchange, this.#ofEndpoint);
  }

  /** Null for what is too long to be kept. */
  shapeFor(exchange: Exchange): Definition | null {
    const { status, route, servedModel, finishReason, isStream } = exchange;
    const surface = surfaceOf(exchange);
    const operation = operationOf(exchange);
    const server = serverOf(exchange);
    for (const known of this.#known) {
      if (
        known.status === status &&
        known.finishReason === finishReason &&
        known.servedModel === servedModel &&
        known.isStream === isStream &&
        known.surface === surface &&
        known.operation === operation &&
        known.server === server &&
        known.route === route
      ) {
        return known.shape;
      }
    }
    const text = commonMembers(exchange, this.#ofEndpoint);
    if (text.length > LONGEST_KEPT) return null;
    const shape = new Definition(text);
    this.#keep({ surface, operation, status, route, server, servedModel, finishReason, isStream, shape });
    return shape;
  }

  #keep(known: Known): void {
    this.#known[this.#oldest] = known;
    this.#oldest = (this.#oldest + 1) % MOST_KNOWN;
  }
}

export function commonMembers(exchange: Exchange, ofEndpoint = ''): string {
  const { status, route, servedModel, finishReason, isStream } = exchange;
  // Not by `+`, which would leave a tree of pieces for every later use to walk through.
  return [
    `,"surface":"${surfaceOf(exchange)}","operation":"${operationOf(exchange)}"`,
    ofEndpoint,
    `,"status":${status}`,
    route === null ? '' : `,"route":${quoted(route)}`,
    serverOf(exchange),
    servedModel === null ? '' : `,"served":${told(servedModel, exchange)}`,
    finishReason === null ? '' : `,"finish":${told(finishReason, exchange)}`,
    isStream ? ',"stream":1' : '',
  ].join('');
}

/** What an upstream says may quote the credentials that it was given. */
function told(text: string, exchange: Exchange): string {
  return quoted(scrub(text, secretsOf(exchange)));
}

function surfaceOf({ surface, incoming }: Exchange): string {
  return surface ?? incoming.dialect.name;
}

function operationOf({ operation, incoming }: Exchange): string {
  if (operation !== null) return operation;
  return incoming.path.action === 'count-tokens' ? 'count_tokens' : incoming.operation;
}

function serverOf({ upstream, serverText }: Exchange): string {
  return upstream === null ? serverText : upstream.serverText;
}

const PLAIN = /^[\w .:/@+-]*$/;

/** As JSON. Most of what comes here needs nothing but quotes. */
export function quoted(text: string): string {
  return text.length < 128 && PLAIN.test(text) ? `"${text}"` : JSON.stringify(clean(text, LONGEST_MESSAGE));
}
