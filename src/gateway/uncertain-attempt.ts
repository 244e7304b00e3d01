import type { Attempt, UpstreamResponse } from '../upstream/port.ts';
import { UpstreamError } from '../upstream/port.ts';
import type { Substitute } from './snapshot.ts';

/** What servers answer for a path that they do not have. */
const NO_SUCH_PATH: ReadonlySet<number> = new Set([404, 405, 501]);

export function saysNoSuchPath(status: number): boolean {
  return NO_SUCH_PATH.has(status);
}

interface Ways {
  /** Asks for nothing at the same path: a server that has it refuses that with another status. */
  probe(): Attempt;
  /** Sends the request on the other way. */
  instead(): Attempt;
}

/**
 * A request to an API that the server may not have. An answer that it has no such path, which may as well mean that there
 * is no such model, is looked into; where the API is missing, the request goes the other way, which is then remembered.
 */
export class UncertainAttempt implements Attempt {
  readonly response: Promise<UpstreamResponse>;
  readonly #substitute: Substitute;
  readonly #ways: Ways;
  readonly #underWay = new Set<Attempt>();
  #isCancelled = false;

  constructor(first: Attempt, substitute: Substitute, ways: Ways) {
    this.#substitute = substitute;
    this.#ways = ways;
    this.response = this.#run(first);
    // Whoever cancels no longer awaits the response; an unhandled rejection would end the process.
    this.response.catch(() => {});
  }

  cancel(): void {
    this.#isCancelled = true;
    for (const attempt of this.#underWay) attempt.cancel();
  }

  async #run(first: Attempt): Promise<UpstreamResponse> {
    const response = await this.#begun(first).response;
    if (!saysNoSuchPath(response.status)) {
      if (response.status < 300) this.#substitute.nativeApi = 'there';
      return response;
    }
    if (!(await this.#isMissing())) return response;
    first.cancel();
    const answer = await this.#begun(this.#ways.instead()).response;
    // Where the other way leads nowhere either, nothing is known yet.
    if (!saysNoSuchPath(answer.status)) this.#substitute.nativeApi = 'missing';
    return answer;
  }

  async #isMissing(): Promise<boolean> {
    const probe = this.#begun(this.#ways.probe());
    try {
      const { status } = await probe.response;
      if (status === 400 || status === 422) this.#substitute.nativeApi = 'there';
      return saysNoSuchPath(status);
    } finally {
      probe.cancel();
      this.#underWay.delete(probe);
    }
  }

  #begun(attempt: Attempt): Attempt {
    if (this.#isCancelled) {
      attempt.cancel();
      throw new UpstreamError('cancelled', 'The request was cancelled.', false);
    }
    this.#underWay.add(attempt);
    return attempt;
  }
}
